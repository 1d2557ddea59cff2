//! One call on its way: from its first step to its last.

use std::time::Duration;

use http::{HeaderValue, Method, Request, Uri, header};

use super::event::{CallId, Event, Purpose, WaitReason};
use super::evidence::{Doubt, Wish};
use super::fleet::After;
use super::judge::{Judged, Known, Refusal};
use super::response::{Meta, Response};
use super::retry::RetryPolicy;
use super::session::{Session, Ticket};
use super::token::{Acquisition, Claim, Claimant, Generation};
use super::until::Until;
use crate::charge::Charges;
use crate::domain::TransactionId;
use crate::error::{Error, ErrorKind};
use crate::secret::AccessToken;
use crate::sharing::{TokenAsk, TokenLease};
use crate::time::Now;
use crate::transport::Limits;
use crate::url::{BaseUrl, InsecureHost};
use crate::wipe::Wiped;
use crate::wire::{Auth, Code, Draft, Endpoint as _, GenerateToken, IssuedToken};

/// Slack in a lease for a leader that is a little late.
pub(super) const GRACE: Duration = Duration::from_secs(1);

/// What a call is to bring about.
#[derive(Clone, Debug)]
pub(super) enum Goal {
    /// The answer to this request. It is elsewhere in memory: a call passes through many hands.
    Call(Box<Draft>),
    /// A token in hand.
    Token,
    /// A picture, from a host that is not the vendor's API.
    Picture(Box<Address>),
}

/// Where a picture is, and how large it may be.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) uri: Uri,
    pub(super) max_bytes: usize,
    /// The host that the caller reaches without TLS.
    pub(super) insecure: Option<InsecureHost>,
}

/// The address is a secret.
impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Address")
            .field("max_bytes", &self.max_bytes)
            .finish_non_exhaustive()
    }
}

impl Goal {
    /// What its own request has in it.
    pub(super) fn body(&self) -> &[u8] {
        match self {
            Self::Call(draft) => draft.body(),
            Self::Token | Self::Picture(_) => &[],
        }
    }

    /// What the caller put into the address of its own request.
    pub(super) fn asked(&self) -> &[Wiped<String>] {
        match self {
            Self::Call(draft) => draft.asked(),
            Self::Token | Self::Picture(_) => &[],
        }
    }

    /// Shows whether it can be sent at all.
    pub(super) fn aim(&mut self, base: &BaseUrl) -> Result<(), Error> {
        match self {
            Self::Call(draft) => draft.aim(base),
            Self::Token | Self::Picture(_) => Ok(()),
        }
    }

    /// What events call it.
    pub(super) const fn path(&self) -> &'static str {
        match self {
            Self::Call(draft) => draft.name(),
            Self::Token => GenerateToken::PATH,
            Self::Picture(_) => "download",
        }
    }

    const fn purpose(&self) -> Purpose {
        match self {
            Self::Call(_) | Self::Token => Purpose::Call,
            Self::Picture(_) => Purpose::Download,
        }
    }

    /// Whether the vendor answers its requests, and may charge for them.
    const fn is_of_the_api(&self) -> bool {
        !matches!(self, Self::Picture(_))
    }
}

/// One call on its way, without what its caller gave it: that is never touched under a lock.
pub(super) struct Flight {
    pub(super) id: u64,
    pub(super) goal: Goal,
    pub(super) policy: RetryPolicy,
    pub(super) began: Duration,
    pub(super) deadline: Duration,
    pub(super) tries: u32,
    pub(super) sends: u32,
    pub(super) charges: Charges,
    pub(super) awaited: Option<Acquisition>,
    pub(super) doubt: Doubt,
    /// It tried to renew the token since its own request last went out. If that failed, the next try is another call's.
    pub(super) renewed: bool,
    /// Whose retry is under way: the path that it was taken from.
    pub(super) retries: Option<&'static str>,
    pub(super) repaired: bool,
    pub(super) dead_once: bool,
    /// How often it looked whether another session has brought a token.
    pub(super) looks: u8,
    pub(super) last: Option<Error>,
    pub(super) token_reply: Option<Meta>,
}

impl Flight {
    pub(super) const fn new(id: u64, goal: Goal, policy: RetryPolicy, began: Duration) -> Self {
        Self {
            id,
            goal,
            policy,
            began,
            deadline: began.saturating_add(policy.total_time()),
            tries: 0,
            sends: 0,
            charges: Charges::NONE,
            awaited: None,
            doubt: Doubt::NONE,
            renewed: false,
            retries: None,
            repaired: false,
            dead_once: false,
            looks: 0,
            last: None,
            token_reply: None,
        }
    }

    /// Names the call while it waits, or while a request of it is under way.
    pub(super) const fn ticket(&self, in_flight: bool) -> Ticket {
        Ticket {
            call: self.id,
            in_flight: in_flight && self.goal.is_of_the_api(),
        }
    }

    pub(super) const fn begun(&self, wait: Option<CallId>) -> Event {
        Event::CallBegun {
            call: CallId(self.id),
            path: self.goal.path(),
            wait,
        }
    }

    fn told(&self, result: Result<&Meta, &Error>) -> Told {
        match result {
            Ok(meta) => Told {
                code: self.goal.is_of_the_api().then_some(Code::Success),
                transaction_id: meta.transaction_id.clone(),
                error: None,
            },
            Err(error) => Told {
                code: error.code().cloned(),
                transaction_id: error.transaction_id().cloned(),
                error: Some(error.kind()),
            },
        }
    }
}

/// What was asked, and what its reply is judged by.
pub(super) enum Asked {
    Own {
        token: Option<(AccessToken, Generation)>,
    },
    Token {
        request: GenerateToken,
        purpose: Purpose,
        /// Under which lease of the store, if there is one.
        lease: Option<TokenLease>,
    },
}

/// A request on its way out.
pub(super) struct Sending {
    pub(super) request: Request<Vec<u8>>,
    pub(super) limits: Limits,
    pub(super) asked: Asked,
    pub(super) known: Known,
}

/// What a turn leads to.
#[allow(clippy::large_enum_variant, reason = "each lives for a moment")]
pub(super) enum Next {
    Send(Sending),
    Wait(Until),
    /// The store in which the token is shared is asked, and given so long.
    Share(TokenAsk, Duration, After),
    Failed(Error),
    /// All that was wanted.
    Token(Response<IssuedToken>),
}

/// One turn of a call: what happens to it, and to the session, at this time.
pub(super) struct Turn<'a> {
    pub(super) flight: &'a mut Flight,
    pub(super) session: &'a mut Session,
    pub(super) now: Now,
}

impl Turn<'_> {
    pub(super) fn left(&self) -> Duration {
        self.flight.deadline.saturating_sub(self.now.mono)
    }

    /// Takes the next step with the token as it stands now.
    pub(super) fn proceed(&mut self) -> Next {
        let left = self.left();
        if left.is_zero() {
            let error = self.flight.last.take();
            let error = error
                .unwrap_or_else(|| Error::deadline("the call's total time ran out before its turn came"));
            return self.fail(error);
        }
        let needs_a_token = match &self.flight.goal {
            Goal::Call(draft) => draft.auth() == Auth::AccessToken,
            Goal::Token => true,
            Goal::Picture(_) => false,
        };
        if !needs_a_token {
            return self.send_own(None);
        }
        if let Some((ask, within)) = self.errand() {
            return Next::Share(ask, within, After::Proceed);
        }
        let lease = self.session.config.attempt.min(left).saturating_add(GRACE);
        // The wait is over, in any case.
        let who = Claimant {
            call: self.flight.id,
            awaited: self.flight.awaited.take(),
            wish: self.flight.doubt.wish,
            heard: self.flight.doubt.heard,
            renewed: self.flight.renewed,
            path: self.flight.goal.path(),
        };
        match self.session.token.claim(who, self.now, lease) {
            Claim::Use(token, generation) => match self.flight.goal {
                Goal::Token => self.token_in_hand(token),
                _ => self.send_own(Some((token, generation))),
            },
            Claim::Lead => self.acquire(Purpose::Token),
            Claim::Renew => {
                self.flight.renewed = true;
                self.flight.doubt.takes_the_one_in_use();
                self.acquire(Purpose::Renewal)
            }
            Claim::Replace => {
                self.flight.doubt.replaced = true;
                self.acquire(Purpose::Replacement)
            }
            Claim::Later(wait) => self.later(wait),
            Claim::NoOther => self.keeps_its_own(),
            Claim::Wait {
                acquisition,
                seen,
                at_most,
            } => self.wait_for_token(acquisition, seen, at_most.min(left), WaitReason::Token),
            Claim::Refused(error) => self.fail(error),
            Claim::HeldOff { at_least, error, .. } if at_least >= left => {
                let still = error.retry_after().map(|_| at_least);
                self.fail(error.with_retry_after(still))
            }
            Claim::HeldOff {
                seen,
                acquisition,
                at_least,
                ..
            } => self.wait_for_token(acquisition, seen, at_least, WaitReason::HeldOff),
        }
    }

    fn wait_for_token(
        &mut self,
        acquisition: Acquisition,
        seen: Generation,
        at_most: Duration,
        why: WaitReason,
    ) -> Next {
        self.flight.awaited = Some(acquisition);
        self.flight.doubt.replaced |= self.flight.doubt.wish != Wish::InUse;
        self.pause(Until::Token { seen, at_most }, why)
    }

    pub(super) fn pause(&mut self, until: Until, why: WaitReason) -> Next {
        match self.errand() {
            Some((ask, within)) => Next::Share(ask, within, After::Wait(until, why)),
            None => self.waits(until, why),
        }
    }

    pub(super) fn waits(&mut self, until: Until, why: WaitReason) -> Next {
        let call = CallId(self.flight.id);
        let (Until::Elapsed(at_most) | Until::Token { at_most, .. }) = until;
        self.session.note(|| Event::Waiting { call, why, at_most });
        Next::Wait(until)
    }

    /// Sends what the call itself asks.
    pub(super) fn send_own(&mut self, token: Option<(AccessToken, Generation)>) -> Next {
        self.flight.renewed = false;
        if token.is_some() {
            self.flight.doubt.sends(self.session.token.number());
        }
        let config = &self.session.config;
        let (request, max_body) = match &self.flight.goal {
            Goal::Call(draft) => {
                let token = token.as_ref().map(|(token, _)| token);
                (draft.request(&config.base_url, token), config.max_body)
            }
            Goal::Picture(address) => (Ok(picture_request(address)), address.max_bytes),
            // It asks for a token and for nothing of its own.
            Goal::Token => return self.proceed(),
        };
        let limits = Limits::new(config.attempt.min(self.left()), max_body);
        let (path, purpose) = (self.flight.goal.path(), self.flight.goal.purpose());
        self.send(request, limits, path, Asked::Own { token }, purpose)
    }

    pub(super) fn send(
        &mut self,
        request: Result<Request<Vec<u8>>, Error>,
        limits: Limits,
        path: &'static str,
        asked: Asked,
        purpose: Purpose,
    ) -> Next {
        let mut request = match request {
            Ok(request) => request,
            Err(error) => return self.fail(error),
        };
        if let Err(error) = self.session.may_travel_readable(&request) {
            return self.fail(error);
        }
        let user_agent = self.session.config.user_agent.clone();
        request.headers_mut().insert(header::USER_AGENT, user_agent);
        // They are for the API and its gateway, and not for the host of a picture.
        if self.flight.goal.is_of_the_api() {
            let own = &self.session.config.headers;
            request
                .headers_mut()
                .extend(own.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        self.flight.sends = self.flight.sends.saturating_add(1);
        let (call, number) = (CallId(self.flight.id), self.flight.sends);
        self.session.note(|| Event::AttemptBegun {
            call,
            purpose,
            path,
            number,
            within: limits.within,
        });
        Next::Send(Sending {
            request,
            limits,
            asked,
            known: self.session.known(),
        })
    }

    /// Books what an attempt cost and notes how it ended.
    pub(super) fn book<T>(&mut self, at: Now, purpose: Purpose, path: &'static str, judged: &Judged<T>) {
        if self.flight.goal.is_of_the_api() {
            self.flight.charges.record(judged.charge);
            self.session.totals.record(judged.charge);
        }
        let (flight, now) = (&*self.flight, self.now);
        self.session.note(|| {
            let result = judged.result.as_ref();
            let told = flight.told(result.map(|(_, meta)| meta).map_err(|refusal| &refusal.error));
            Event::AttemptEnded {
                call: CallId(flight.id),
                purpose,
                path,
                number: flight.sends,
                took: now.mono.saturating_sub(at.mono),
                status: judged.status.map(|status| status.as_u16()),
                code: told.code,
                transaction_id: told.transaction_id,
                charge: judged.charge,
                error: told.error,
            }
        });
    }

    /// Books the call's own request.
    pub(super) fn book_own<T>(&mut self, at: Now, judged: &Judged<T>) {
        let (path, purpose) = (self.flight.goal.path(), self.flight.goal.purpose());
        self.book(at, purpose, path, judged);
    }

    /// Goes on after the call's own request was refused; `generation` is that of the token it carried.
    pub(super) fn refused(&mut self, generation: Option<Generation>, refusal: Refusal) -> Next {
        let Some(generation) = generation else {
            return self.again(refusal, self.flight.goal.path());
        };
        if refusal.rejects_the_token() {
            return self.rejected(generation, refusal);
        }
        if refusal.error.code().is_some_and(needs_a_token) {
            self.proves(generation);
        }
        self.again(refusal, self.flight.goal.path())
    }

    /// An answer came that needed the token of this generation.
    pub(super) fn proves(&mut self, generation: Generation) {
        let path = self.flight.goal.path();
        self.session
            .token
            .accepted(&self.flight.doubt, generation, path, self.now);
    }

    pub(super) fn succeed<T>(&mut self, data: T, meta: Meta) -> Response<T> {
        self.session.token.release(self.flight.id);
        // A token in hand is no sign that the endpoint is well again.
        if !matches!(self.flight.goal, Goal::Token) {
            self.works(self.flight.goal.path());
        }
        let response = Response {
            data,
            meta,
            charges: self.flight.charges,
            sends: self.flight.sends,
            clock_offset: self.session.skew.offset(),
        };
        self.note_end(Ok(&response.meta));
        response
    }

    /// A request to this path was answered: a retry gives back what it took.
    pub(super) fn works(&mut self, path: &'static str) {
        let retried = self.flight.retries.take_if(|retries| *retries == path).is_some();
        self.session.budget(path).succeeds(retried);
    }

    pub(super) fn fail(&mut self, error: Error) -> Next {
        self.session.token.release(self.flight.id);
        match self.errand() {
            Some((ask, within)) => Next::Share(ask, within, After::Fail(error)),
            None => self.failed(error),
        }
    }

    pub(super) fn failed(&mut self, error: Error) -> Next {
        let error = error.with_totals(self.flight.charges, self.flight.sends);
        self.note_end(Err(&error));
        Next::Failed(error)
    }

    fn note_end(&mut self, result: Result<&Meta, &Error>) {
        let (flight, now) = (&*self.flight, self.now);
        self.session.note(|| {
            let told = flight.told(result);
            Event::CallEnded {
                call: CallId(flight.id),
                path: flight.goal.path(),
                took: now.mono.saturating_sub(flight.began),
                sends: flight.sends,
                charges: flight.charges,
                code: told.code,
                transaction_id: told.transaction_id,
                error: told.error,
            }
        });
    }
}

/// Whether the vendor gives this code only to who has a good token.
const fn needs_a_token(code: &Code) -> bool {
    matches!(code, Code::Success | Code::SignatureNotExist)
}

/// What events say of a reply.
struct Told {
    code: Option<Code>,
    transaction_id: Option<TransactionId>,
    error: Option<ErrorKind>,
}

fn picture_request(address: &Address) -> Request<Vec<u8>> {
    let mut request = Request::new(Vec::new());
    *request.method_mut() = Method::GET;
    *request.uri_mut() = address.uri.clone();
    if let Some(insecure) = &address.insecure {
        request.extensions_mut().insert(insecure.clone());
    }
    let accepted = HeaderValue::from_static("image/png, image/jpeg");
    request.headers_mut().insert(header::ACCEPT, accepted);
    request
}

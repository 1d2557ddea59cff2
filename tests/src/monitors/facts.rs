//! What was seen so far.

use std::cell::RefCell;
use std::time::Duration;

use advance_core::domain::TransactionId;
use advance_core::session::{Event, Purpose, WaitReason};
use advance_core::wire::{Code, CodeClass};
use advance_core::{Charge, Charges, ErrorKind, Now};
use http::{Request, Response};

use super::seen::{Seen, Terms};
use crate::simulation::watch::Watch;

#[derive(Debug)]
pub(super) struct Facts {
    pub(super) calls: Vec<CallFacts>,
    pub(super) tokens: Vec<TokenFacts>,
    terms: Option<Terms>,
    /// How many requests went out with a token.
    pub(super) sent: u64,
    /// A token came from elsewhere.
    pub(super) adopted: bool,
    /// Which of the tokens calls use, if that is known.
    used: Option<usize>,
    /// Who asked for a token last, while others may rely on it.
    pub(super) leader: Option<u64>,
    /// How often renewal was tried since the last token came, and when a refusal was first heard since.
    pub(super) renewals: u32,
    pub(super) refused: Option<Duration>,
    /// Who began to replace a token last, and when.
    pub(super) replacement: Option<(u64, Duration)>,
    /// When generate-token last refused who asks, for good.
    pub(super) cooling: Option<Now>,
    /// When a busy server was last heard that said how long it wants no token request.
    pub(super) held_off: Option<(Now, Duration)>,
    pub(super) charges: Charges,
    pub(super) stocks: Vec<Stock>,
    pub(super) watch: RefCell<Watch>,
}

#[derive(Debug)]
pub(super) struct CallFacts {
    pub(super) id: u64,
    pub(super) terms: Terms,
    pub(super) began: Duration,
    pub(super) open: Option<Attempt>,
    pub(super) last: Option<Ended>,
    /// Nothing of it was told after its last attempt ended.
    pub(super) just_ended: bool,
    pub(super) begun: u32,
    pub(super) own: u32,
    pub(super) asks: u32,
    pub(super) renewals: u32,
    pub(super) issued: u32,
    /// A replacement that it asked for came.
    pub(super) replaced: bool,
    /// Failures that may pass, which count as attempts.
    pub(super) failures: u32,
    pub(super) charges: Charges,
    pub(super) refusals: Vec<Refused>,
    pub(super) ids: Vec<TransactionId>,
    pub(super) waits: Option<WaitReason>,
    /// When the server will have its own request back.
    pub(super) not_before: Duration,
    /// The path whose retry is under way.
    pub(super) retries: Option<&'static str>,
    /// The token that its last request carried, and that request's number.
    carried: (Option<usize>, u64),
    /// When its last token request went out, and what came.
    asked: Option<(Now, Option<String>)>,
    pub(super) over: bool,
}

impl CallFacts {
    const fn new(id: u64, terms: Terms, began: Duration) -> Self {
        Self {
            id,
            terms,
            began,
            open: None,
            last: None,
            just_ended: false,
            begun: 0,
            own: 0,
            asks: 0,
            renewals: 0,
            issued: 0,
            replaced: false,
            failures: 0,
            charges: Charges::NONE,
            refusals: Vec::new(),
            ids: Vec::new(),
            waits: None,
            not_before: Duration::ZERO,
            retries: None,
            carried: (None, 0),
            asked: None,
            over: false,
        }
    }

    pub(super) const fn deadline(&self) -> Duration {
        self.began.saturating_add(self.terms.total)
    }

    /// Whose stock a wait for this reason takes a retry from.
    pub(super) fn taken_from(&self, why: WaitReason) -> Option<&'static str> {
        let last = self
            .last
            .as_ref()
            .filter(|_| self.just_ended && why == WaitReason::Retry)?;
        let asks = last.asks_for_a_token();
        let mended = if asks {
            last.code == Some(Code::ParameterError)
        } else {
            last.rejects_the_token()
        };
        (!mended && last.error.is_some()).then_some(last.path)
    }
}

impl Heard {
    fn of(response: &Response<Vec<u8>>) -> Self {
        let body = String::from_utf8_lossy(response.body());
        let member = |name: &str| {
            let (_, rest) = body.split_once(&format!("\"{name}\":"))?;
            let text = rest.trim_start().strip_prefix('"')?;
            text.split_once('"').map(|(text, _)| text.to_owned())
        };
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let seconds =
            header("retry-after").and_then(|text| text.strip_suffix('s').unwrap_or(text).parse().ok());
        Self {
            pays: member("pricingStrategy").as_deref() == Some("PAY"),
            dated: header("date").is_some(),
            wait: seconds.map(Duration::from_secs),
            unclear: seconds.is_none() && header("retry-after").is_some(),
            token: member("token").filter(|_| body.contains("expiredTime")),
        }
    }
}

/// A request that is under way.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) purpose: Purpose,
    pub(super) number: u32,
    pub(super) begun: Now,
    pub(super) within: Duration,
    pub(super) went_out: bool,
    /// The token it carries, by its place among those known.
    pub(super) token: Option<usize>,
    pub(super) sent: u64,
    pub(super) heard: Heard,
}

/// What came back to it.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub(super) pays: bool,
    pub(super) dated: bool,
    pub(super) wait: Option<Duration>,
    /// The server said when to come again, in a form that is not plain.
    pub(super) unclear: bool,
    token: Option<String>,
}

/// How an attempt ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) path: &'static str,
    pub(super) purpose: Purpose,
    pub(super) charge: Charge,
    pub(super) error: Option<ErrorKind>,
    pub(super) code: Option<Code>,
    pub(super) status: Option<u16>,
    pub(super) wait: Option<Duration>,
    pub(super) unclear: bool,
    pub(super) dated: bool,
}

/// A refusal of a request for its token.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) token: Option<usize>,
    pub(super) sent: u64,
    /// How many requests had gone out when it was heard.
    pub(super) heard: u64,
    /// It carried the token in use.
    pub(super) current: bool,
}

#[derive(Debug)]
pub(super) struct TokenFacts {
    pub(super) text: Option<String>,
    pub(super) by: u64,
    pub(super) asked: Now,
    pub(super) came: Now,
    pub(super) life: Duration,
    pub(super) refusals: u32,
    /// How many requests had gone out when the first answer was heard that needed it, and the latest such request.
    pub(super) proven_at: Option<u64>,
    pub(super) accepted: u64,
    /// The one before it was accepted, or there was none.
    pub(super) follows_a_good_one: bool,
    pub(super) renewals: u32,
}

impl TokenFacts {
    pub(super) fn end(&self) -> Duration {
        self.asked.mono.saturating_add(self.life)
    }
}

/// What is left of an endpoint's retries, in tenths: between these.
#[derive(Debug)]
pub(super) struct Stock {
    pub(super) path: &'static str,
    pub(super) least: u64,
    pub(super) most: u64,
}

impl Ended {
    /// Whether it may pass by itself, and the request may go out again under these terms.
    pub(super) fn may_be_sent_again(&self, terms: &Terms) -> bool {
        let safe = !self.path.ends_with("/get-result") || terms.maybe_charged || self.charge == Charge::Free;
        let passes = match self.error {
            Some(ErrorKind::Api(CodeClass::Throttle | CodeClass::Server)) => self.charge == Charge::Free,
            Some(ErrorKind::Transport(kind)) => {
                use advance_core::transport::FailureKind as Kind;
                matches!(kind, Kind::Connect | Kind::Timeout(_) | Kind::Reset | Kind::Body)
            }
            _ => false,
        };
        passes && safe && self.charge != Charge::Pay
    }

    pub(super) fn asks_for_a_token(&self) -> bool {
        !matches!(self.purpose, Purpose::Call | Purpose::Download)
    }

    pub(super) const fn rejects_the_token(&self) -> bool {
        matches!(self.error, Some(ErrorKind::Api(CodeClass::Auth))) || matches!(self.status, Some(401))
    }
}

impl Facts {
    pub(super) fn new(access_key: &'static str, secret_key: &'static str) -> Self {
        Self {
            calls: Vec::new(),
            tokens: Vec::new(),
            terms: None,
            sent: 0,
            adopted: false,
            used: None,
            leader: None,
            renewals: 0,
            refused: None,
            replacement: None,
            cooling: None,
            held_off: None,
            charges: Charges::NONE,
            stocks: Vec::new(),
            watch: RefCell::new(Watch::new(access_key, secret_key)),
        }
    }

    pub(super) fn call(&self, id: u64) -> Option<&CallFacts> {
        self.calls.iter().find(|call| call.id == id)
    }

    fn call_mut(&mut self, id: u64) -> Option<&mut CallFacts> {
        self.calls.iter_mut().find(|call| call.id == id)
    }

    /// The token that calls use, if that is known, and its place.
    pub(super) fn in_use(&self) -> Option<(usize, &TokenFacts)> {
        let place = self.used?;
        Some((place, self.tokens.get(place)?))
    }

    pub(super) fn token_named(&self, text: &str) -> Option<usize> {
        self.tokens
            .iter()
            .rposition(|token| token.text.as_deref() == Some(text))
    }

    pub(super) fn stock(&self, path: &str) -> Option<&Stock> {
        self.stocks.iter().find(|stock| stock.path == path)
    }

    pub(super) fn take_in(&mut self, now: Now, seen: &Seen<'_>) {
        match seen {
            Seen::Terms(terms) => self.terms = Some(*terms),
            Seen::Event(event) => self.event(now, event),
            Seen::Sent(call, request, _) => self.sends(*call, request),
            Seen::Heard(call, outcome) => self.hears(*call, outcome.as_ref().ok().copied()),
            Seen::Adopted(text) => {
                (self.adopted, self.used) = (true, None);
                (self.renewals, self.refused) = (0, None);
                self.watch.get_mut().keep("an adopted token", text);
            }
            Seen::Failed(_) | Seen::Idle(_) | Seen::Over(_) => {}
        }
    }

    fn sends(&mut self, id: u64, request: &Request<Vec<u8>>) {
        let text = request
            .headers()
            .get("x-access-token")
            .and_then(|token| token.to_str().ok());
        let token = text.and_then(|text| self.token_named(text));
        self.sent += u64::from(text.is_some());
        let sent = self.sent;
        if self.leader == Some(id) && !request.uri().path().ends_with("/generate-token") {
            self.leader = None;
        }
        if let Some(open) = self.call_mut(id).and_then(|call| call.open.as_mut()) {
            (open.went_out, open.token, open.sent) = (true, token, sent);
        }
    }

    fn hears(&mut self, id: u64, response: Option<&Response<Vec<u8>>>) {
        let heard = response.map(Heard::of).unwrap_or_default();
        if let Some(token) = &heard.token {
            self.watch.get_mut().keep("a token", token);
        }
        if let Some(open) = self.call_mut(id).and_then(|call| call.open.as_mut()) {
            open.heard = heard;
        }
    }

    fn event(&mut self, now: Now, event: &Event) {
        match event {
            Event::CallBegun { call, .. } => {
                if let Some(terms) = self.terms {
                    self.calls.push(CallFacts::new(call.get(), terms, now.mono));
                }
            }
            Event::AttemptBegun {
                call,
                purpose,
                number,
                within,
                ..
            } => {
                self.begins(now, call.get(), *purpose, *number, *within);
            }
            Event::AttemptEnded {
                call,
                purpose,
                path,
                charge,
                error,
                code,
                status,
                transaction_id,
                ..
            } => {
                let ended = Ended {
                    path,
                    purpose: *purpose,
                    charge: *charge,
                    error: *error,
                    code: code.clone(),
                    status: *status,
                    wait: None,
                    unclear: false,
                    dated: false,
                };
                self.ends(now, call.get(), ended, transaction_id.clone());
            }
            Event::Waiting { call, why, .. } => self.waits(call.get(), *why),
            Event::TokenIssued { call, life, .. } => self.issued(now, call.get(), *life),
            Event::TokenRejected { call, current, .. } => self.rejected(now, call.get(), *current),
            Event::ClockRepaired { .. } => {
                // Was refused for the clock, and no call cools down for that.
                self.cooling = None;
            }
            Event::CallAbandoned { call, .. } | Event::CallEnded { call, .. } => self.is_over(call.get()),
            _ => {}
        }
        if let (Some(call), false) = (call_of(event), matches!(event, Event::AttemptEnded { .. }))
            && let Some(call) = self.call_mut(call)
        {
            call.just_ended = false;
        }
    }

    fn begins(&mut self, now: Now, id: u64, purpose: Purpose, number: u32, within: Duration) {
        let asks = !matches!(purpose, Purpose::Call | Purpose::Download);
        if asks {
            self.leader = Some(id);
        }
        if purpose == Purpose::Renewal {
            self.renewals += 1;
            if let Some(token) = self.used.and_then(|used| self.tokens.get_mut(used)) {
                token.renewals += 1;
            }
        }
        let acquisition = self.replacement.filter(|(call, _)| *call == id);
        let Some(call) = self.call_mut(id) else { return };
        let goes_on = acquisition.is_some() && !call.replaced;
        call.begun += 1;
        call.waits = None;
        call.asks += u32::from(asks);
        call.own += u32::from(!asks);
        call.renewals += u32::from(purpose == Purpose::Renewal);
        call.open = Some(Attempt {
            purpose,
            number,
            begun: now,
            within,
            went_out: false,
            token: None,
            sent: 0,
            heard: Heard::default(),
        });
        if purpose == Purpose::Replacement && !goes_on {
            self.replacement = Some((id, now.mono));
        }
    }

    fn ends(&mut self, now: Now, id: u64, mut ended: Ended, told: Option<TransactionId>) {
        let path = ended.path;
        let counter = self.sent;
        let Some(call) = self.calls.iter_mut().find(|call| call.id == id) else {
            return;
        };
        let Some(open) = call.open.take() else { return };
        (ended.wait, ended.dated) = (open.heard.wait, open.heard.dated);
        ended.unclear = open.heard.unclear;
        call.ids.extend(told);
        if ended.purpose != Purpose::Download {
            call.charges.record(ended.charge);
            self.charges.record(ended.charge);
        }
        let asks = ended.asks_for_a_token();
        let retried = call.retries == Some(path);
        // A request that is refused, or that a token is fetched for on the way, may still be the retry.
        if retried && ended.error.is_none() {
            call.retries = None;
        }
        if asks {
            call.asked = Some((open.begun, open.heard.token));
        } else {
            call.carried = (open.token, open.sent);
        }
        if let (false, Some(token)) = (asks, open.token)
            && matches!(ended.code, Some(Code::Success | Code::SignatureNotExist))
            && let Some(token) = self.tokens.get_mut(token)
        {
            token.proven_at.get_or_insert(counter);
            token.accepted = token.accepted.max(open.sent);
        }
        if let Some(wait) = ended.wait.filter(|_| ended.error.is_some()) {
            if asks {
                let left = self.held_off.map_or(Duration::ZERO, |(since, long)| {
                    long.saturating_sub(passed(since, now))
                });
                let long = wait.min(Duration::from_secs(60)).max(left);
                self.held_off = Some((now, long));
            } else {
                call.not_before = now.mono.saturating_add(wait);
            }
        }
        let refuses = matches!(
            ended.code,
            Some(Code::AccountDisabled | Code::AccessDenied | Code::ServiceDisabled | Code::IamFailed)
        ) || (ended.code == Some(Code::ParameterError) && !ended.dated);
        if asks && refuses && ended.charge == Charge::Free {
            self.cooling = Some(now);
        }
        // Not every failure of these counts as an attempt, but more than these do not.
        let uncounted = !asks && ended.rejects_the_token();
        call.failures += u32::from(ended.error.is_some() && !uncounted);
        if ended.error.is_none() {
            self.stocks
                .iter_mut()
                .filter(|stock| stock.path == path)
                .for_each(|stock| {
                    let full = u64::from(call.terms.budget) * 10;
                    stock.least = (stock.least + 1).min(full);
                    stock.most = (stock.most + if retried { 10 } else { 1 }).min(full);
                });
        }
        call.last = Some(ended);
        call.just_ended = true;
    }

    fn waits(&mut self, id: u64, why: WaitReason) {
        if self.leader == Some(id) && why != WaitReason::Retry {
            self.leader = None;
        }
        let Some(call) = self.calls.iter_mut().find(|call| call.id == id) else {
            return;
        };
        call.waits = Some(why);
        let Some(path) = call.taken_from(why) else { return };
        let full = u64::from(call.terms.budget) * 10;
        if !self.stocks.iter().any(|stock| stock.path == path) {
            self.stocks.push(Stock {
                path,
                least: full,
                most: full,
            });
        }
        call.retries = Some(path);
        for stock in self.stocks.iter_mut().filter(|stock| stock.path == path) {
            stock.least = stock.least.saturating_sub(10);
            stock.most = stock.most.saturating_sub(10);
        }
    }

    fn issued(&mut self, now: Now, id: u64, life: Duration) {
        let before = self
            .in_use()
            .map(|(_, token)| (token.end(), token.refusals, token.proven_at));
        let follows_a_good_one =
            self.tokens.is_empty() || before.is_some_and(|(_, _, proven)| proven.is_some());
        (self.renewals, self.refused) = (0, None);
        let replaces = self.replacement.is_some_and(|(call, _)| call == id);
        let Some(call) = self.call_mut(id) else { return };
        call.issued += 1;
        call.replaced |= replaces;
        let (asked, text) = call.asked.take().unwrap_or((now, None));
        self.tokens.push(TokenFacts {
            text,
            by: id,
            asked,
            came: now,
            life,
            refusals: 0,
            proven_at: None,
            accepted: 0,
            follows_a_good_one,
            renewals: 0,
        });
        let new = self.tokens.len() - 1;
        self.used = match (before, self.tokens.last()) {
            // One that would end sooner is not kept, unless calls found the other to be dead.
            (Some((end, refusals, _)), Some(token)) if now.mono < end && token.end() < end => {
                if refusals == 0 {
                    self.used
                } else {
                    Some(new).filter(|_| replaces)
                }
            }
            (None, _) if self.adopted => None,
            _ => Some(new),
        };
    }

    fn rejected(&mut self, now: Now, id: u64, current: bool) {
        self.refused.get_or_insert(now.mono);
        let heard = self.sent;
        let Some(call) = self.calls.iter_mut().find(|call| call.id == id) else {
            return;
        };
        let (token, sent) = call.carried;
        call.refusals.push(Refused {
            token,
            sent,
            heard,
            current,
        });
        if let Some(token) = token.and_then(|token| self.tokens.get_mut(token)) {
            token.refusals += 1;
        }
    }

    fn is_over(&mut self, id: u64) {
        if self.leader == Some(id) {
            self.leader = None;
        }
        let Some(call) = self.calls.iter_mut().find(|call| call.id == id) else {
            return;
        };
        if let Some(open) = call.open.take()
            && open.went_out
            && open.purpose != Purpose::Download
        {
            self.charges.record(Charge::Unknown);
        }
        (call.over, call.waits) = (true, None);
    }
}

/// How long it is since, by the clock that went further.
pub(super) fn passed(since: Now, now: Now) -> Duration {
    let mono = now.mono.saturating_sub(since.mono);
    mono.max(now.wall.saturating_since(since.wall))
}

/// The call that an event is about.
pub(super) const fn call_of(event: &Event) -> Option<u64> {
    match event {
        Event::CallBegun { call, .. }
        | Event::AttemptBegun { call, .. }
        | Event::AttemptEnded { call, .. }
        | Event::Waiting { call, .. }
        | Event::TokenIssued { call, .. }
        | Event::TokenRejected { call, .. }
        | Event::ClockRepaired { call, .. }
        | Event::CallAbandoned { call, .. }
        | Event::CallEnded { call, .. } => Some(call.get()),
        _ => None,
    }
}

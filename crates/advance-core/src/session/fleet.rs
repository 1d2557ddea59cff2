//! One token for several sessions: what this one asks the store in which they share it.
//!
//! A call that would ask the vendor for a token asks the store first. Within a session one call leads, as ever; the lease of
//! the store goes with that lead. What is to be told to the store afterwards (a token that came, a lease that is no longer
//! needed) is an errand: the next call that takes a turn carries it.

use std::time::Duration;

use super::entropy::Entropy;
use super::event::{CallId, Event, Purpose, WaitReason};
use super::flight::{GRACE, Next, Turn};
use super::retry::part;
use super::session::Session;
use super::token::{Arrival, COOL_DOWN, Generation, Source};
use super::until::Until;
use crate::error::{Error, ErrorKind};
use crate::secret::AccessToken;
use crate::sharing::{
    Claimed, ClientId, Egress, Setback, SharedToken, TokenAnswer, TokenAsk, TokenClaim, TokenKey, TokenLease,
    TokenStoreErrorKind,
};
use crate::time::Now;
use crate::wire::{CodeClass, IssuedToken};

/// How long a call waits for the store at the most, if it has the time.
const PATIENCE: Duration = Duration::from_secs(5);

/// The same for an errand, and below which time a call carries none.
const ERRAND: Duration = Duration::from_secs(2);
const NO_TIME: Duration = Duration::from_millis(50);

/// A store that was given so long and did not answer is one that fails. One that was given less may only be slow.
const FAIR: Duration = Duration::from_secs(1);

/// How long a store that failed is left alone.
const ALONE: Duration = Duration::from_secs(10);

/// How soon a call looks again while another client asks the vendor, and how late at the most.
const FIRST_LOOK: Duration = Duration::from_millis(25);
const LAST_LOOK: Duration = Duration::from_millis(500);

/// The last replacement was so short a while ago that a call waits for the next.
const SOON: Duration = Duration::from_secs(5);

/// What a session knows of its store.
#[derive(Debug)]
pub(super) struct Fleet {
    egress: Egress,
    key: TokenKey,
    /// By which the store knows this session; made when it is first asked.
    client: Option<ClientId>,
    /// The right to ask the vendor with the present keys, for whichever call of this session leads.
    lease: Option<TokenLease>,
    errand: Option<Errand>,
    /// When it last failed, by the clock that cannot jump.
    failed: Option<Duration>,
}

/// What is to be told to the store.
#[derive(Debug)]
struct Errand {
    ask: TokenAsk,
    /// The call that is about it.
    carrier: Option<u64>,
    /// The store failed to hear of it: when it may be tried again.
    not_before: Duration,
}

impl Errand {
    const fn new(ask: TokenAsk) -> Self {
        Self {
            ask,
            carrier: None,
            not_before: Duration::ZERO,
        }
    }

    /// What is left to do after a failure. A lease ends by itself. A token that came is still worth telling of, but no call may
    /// spend its time on that again and again.
    fn after_failure(self, now: Now) -> Option<Self> {
        matches!(self.ask, TokenAsk::Publish { .. }).then(|| Self {
            not_before: now.mono.saturating_add(ALONE),
            ..Self::new(self.ask)
        })
    }
}

/// How a call goes on after it has asked the store.
pub(super) enum After {
    /// By the answer to its claim.
    Claim {
        purpose: Purpose,
        key: TokenKey,
    },
    /// With the token it has brought, of this generation. Another may be in use by then.
    OwnToken(IssuedToken, Generation),
    /// With the step that comes next.
    Proceed,
    Wait(Until, WaitReason),
    Fail(Error),
}

impl Fleet {
    fn is_alone(&self, now: Now) -> bool {
        self.failed
            .is_some_and(|failed| now.mono < failed.saturating_add(ALONE))
    }

    /// Who claims. A session that is about to give a lease back does not say so, or it would go on with that one.
    fn client(&mut self, now: Now, entropy: u64) -> Option<ClientId> {
        // Two sessions may have been given the same seed. They hardly begin in the same nanosecond.
        let ticks = u64::from(now.mono.subsec_nanos()) ^ now.wall.get().rotate_left(32);
        let made = || ClientId::new(Entropy::new(entropy ^ ticks).next());
        let client = *self.client.get_or_insert_with(made);
        let gives_back = |errand: &Errand| matches!(errand.ask, TokenAsk::GiveBack { .. });
        (!self.errand.as_ref().is_some_and(gives_back)).then_some(client)
    }

    /// A call was given up.
    pub(super) fn abandon(&mut self, call: u64) {
        if let Some(errand) = self.errand.as_mut().filter(|errand| errand.carrier == Some(call)) {
            errand.carrier = None;
        }
    }
}

impl Session {
    /// Shares the token with the other sessions of this account that have the same egress: from now on a call asks the store,
    /// by a [`Step::Share`](super::Step::Share), before it asks the vendor for a token. Give each session a seed of its own: the
    /// store tells them apart by a number that is made from it.
    pub fn share_tokens(&mut self, egress: Egress) {
        let key = TokenKey::of(self.config().server(), &self.credentials, &egress);
        self.token.forgets_generations();
        self.fleet = Some(Box::new(Fleet {
            egress,
            key,
            client: None,
            lease: None,
            errand: None,
            failed: None,
        }));
    }

    /// The keys were changed: what the former ones brought is no longer shared.
    pub(super) fn shares_by_other_keys(&mut self) {
        if let Some(fleet) = &mut self.fleet {
            if let Some(lease) = fleet.lease.take() {
                let setback = None;
                fleet.errand = Some(Errand::new(TokenAsk::GiveBack { lease, setback }));
            }
            fleet.key = TokenKey::of(self.config.server(), &self.credentials, &fleet.egress);
            self.token.forgets_generations();
        }
    }

    /// A call has brought this token, which it asked for under this lease.
    pub(super) fn shares(&mut self, token: &AccessToken, life: Duration, lease: Option<TokenLease>) {
        let Some((fleet, lease)) = self.fleet.as_mut().zip(lease) else {
            return;
        };
        fleet.lease.take_if(|latest| *latest == lease);
        if lease.key == fleet.key {
            // Whether the store hears of it or not, no other token has this number.
            self.token.is_generation(lease.fence);
        }
        fleet.errand = Some(Errand::new(TokenAsk::Publish {
            lease,
            token: token.clone(),
            life,
        }));
    }

    /// Under which lease a request for a token goes out now.
    pub(super) fn lease(&self) -> Option<TokenLease> {
        self.fleet.as_ref()?.lease.clone()
    }
}

impl Turn<'_> {
    /// Gets a token: from the store if there is one, else from the vendor.
    pub(super) fn acquire(&mut self, purpose: Purpose) -> Next {
        let (now, left) = (self.now, self.left());
        let Some(fleet) = &mut self.session.fleet else {
            return self.send_token(purpose);
        };
        if fleet.is_alone(now) {
            return self.alone(purpose);
        }
        let (key, within) = (fleet.key.clone(), PATIENCE.min(left / 4));
        // The store's answer may be as late as its time is long, and the attempt begins after that.
        let lease = self
            .session
            .config
            .attempt
            .min(left)
            .saturating_add(within + GRACE);
        let mut claim = TokenClaim::new(key.clone(), self.session.token.wish(purpose, now), lease);
        claim.client = fleet.client(now, self.session.entropy.next());
        self.session.token.extend(self.flight.id, now.mono, lease);
        Next::Share(TokenAsk::Claim(claim), within, After::Claim { purpose, key })
    }

    /// Does without the store: with the token in hand while there will be another chance to renew it, else asks the vendor.
    fn alone(&mut self, purpose: Purpose) -> Next {
        if purpose == Purpose::Renewal && self.session.token.may_renew_again() {
            self.session.token.release(self.flight.id);
            return self.proceed();
        }
        self.send_token(purpose)
    }

    /// What is to be told to the store, if this call has the time for it.
    pub(super) fn errand(&mut self) -> Option<(TokenAsk, Duration)> {
        let (now, left) = (self.now, self.left());
        let token = &self.session.token;
        let fleet = self.session.fleet.as_mut()?;
        if !token.is_led(now)
            && let Some(lease) = fleet.lease.take()
        {
            let setback = token.setback(now);
            fleet.errand = Some(Errand::new(TokenAsk::GiveBack { lease, setback }));
        }
        let within = ERRAND.min(left / 4);
        if fleet.is_alone(now) || within < NO_TIME {
            return None;
        }
        let waits = |errand: &&mut Errand| errand.carrier.is_none() && errand.not_before <= now.mono;
        let errand = fleet.errand.as_mut().filter(waits)?;
        errand.carrier = Some(self.flight.id);
        Some((errand.ask.clone(), within))
    }

    /// The store answered an ask of this call's, or failed.
    pub(super) fn heard(
        &mut self,
        (at, within): (Now, Duration),
        after: After,
        answer: Result<TokenAnswer, TokenStoreErrorKind>,
    ) -> Next {
        if let Err(kind) = answer {
            self.store_failed(kind, within);
        }
        if let After::Claim { purpose, key } = after {
            return match answer {
                Ok(TokenAnswer::Claimed(claimed)) => self.claimed(purpose, &key, at, claimed),
                // A store that answers something else cannot be asked either.
                _ => self.alone(purpose),
            };
        }
        if let Some(fleet) = &mut self.session.fleet {
            let mine = |errand: &mut Errand| errand.carrier == Some(self.flight.id);
            let errand = fleet.errand.take_if(mine);
            if let (Err(_), Some(errand)) = (&answer, errand) {
                fleet.errand = errand.after_failure(self.now);
            }
        }
        match after {
            After::OwnToken(issued, generation) => self.with_own_token(issued, generation),
            After::Wait(until, why) => {
                // The store's time is part of it.
                let passed = self.now.mono.saturating_sub(at.mono);
                self.waits(until.after(passed), why)
            }
            After::Fail(error) => self.failed(error),
            After::Proceed | After::Claim { .. } => self.proceed(),
        }
    }

    fn store_failed(&mut self, kind: TokenStoreErrorKind, within: Duration) {
        let (now, call) = (self.now, CallId(self.flight.id));
        if let Some(fleet) = &mut self.session.fleet
            && (kind != TokenStoreErrorKind::Late || within >= FAIR)
        {
            fleet.failed = Some(now.mono);
        }
        let holds = self.session.token.held(now).is_some();
        self.session
            .note(|| Event::TokenStoreFailed { call, kind, holds });
    }

    fn claimed(&mut self, purpose: Purpose, key: &TokenKey, at: Now, claimed: Claimed) -> Next {
        let Some(fleet) = &mut self.session.fleet else {
            return self.send_token(purpose);
        };
        if fleet.key != *key {
            // The keys were changed meanwhile: nothing of the former ones is taken.
            if let Claimed::Lead(lease) = claimed {
                let setback = None;
                fleet.errand = Some(Errand::new(TokenAsk::GiveBack { lease, setback }));
            }
            return self.acquire(purpose);
        }
        match claimed {
            Claimed::Token(shared) => self.takes(shared, at),
            Claimed::Lead(lease) => {
                fleet.lease = Some(lease);
                self.flight.looks = 0;
                self.send_token(purpose)
            }
            Claimed::Kept(wait) if purpose == Purpose::Replacement => {
                let soon = wait <= SOON;
                self.session.token.stays(self.flight.id, soon);
                if soon {
                    self.later(wait)
                } else {
                    self.keeps_its_own()
                }
            }
            Claimed::Wait(at_most) | Claimed::Kept(at_most) => self.looks_again(purpose, at_most),
            Claimed::Refused(setback) => self.refused_elsewhere(purpose, &setback),
        }
    }

    /// Another session has brought a token.
    fn takes(&mut self, shared: SharedToken, at: Now) -> Next {
        let (call, now) = (self.flight.id, self.now);
        let (life, age) = (shared.left, shared.age);
        // It was there before this call asked: that is no replacement, and proves nothing of the call.
        let catches_up = std::mem::take(&mut self.flight.looks) == 0;
        if catches_up {
            self.flight.doubt.replaced = false;
        }
        let arrival = Arrival {
            token: shared.token,
            asked: at,
            life,
            source: Source::Store {
                generation: shared.generation,
                age,
                catches_up,
            },
            entropy: self.session.entropy.next(),
        };
        self.session.token.install(call, arrival, now);
        let call = CallId(call);
        self.session.note(|| Event::TokenShared { call, life, age });
        self.proceed()
    }

    /// Another session asks the vendor. A renewal has time; any other call looks again in a moment.
    fn looks_again(&mut self, purpose: Purpose, at_most: Duration) -> Next {
        let (now, entropy) = (self.now, self.session.entropy.next());
        if purpose == Purpose::Renewal {
            let pause = LAST_LOOK.saturating_add(part(LAST_LOOK, entropy));
            self.session.token.renews_later(self.flight.id, now, pause);
            return self.proceed();
        }
        let grown = FIRST_LOOK
            .saturating_mul(1 << self.flight.looks.min(5))
            .min(LAST_LOOK);
        self.flight.looks = self.flight.looks.saturating_add(1);
        let spread = grown / 2 + part(grown / 2, entropy);
        let pause = spread
            .min(at_most.saturating_add(part(FIRST_LOOK, entropy)))
            .min(self.left());
        let lease = pause.saturating_add(PATIENCE).saturating_add(GRACE);
        self.session.token.extend(self.flight.id, now.mono, lease);
        self.pause(Until::Elapsed(pause), WaitReason::Token)
    }

    /// The vendor refused another session a token.
    fn refused_elsewhere(&mut self, purpose: Purpose, setback: &Setback) -> Next {
        let now = self.now;
        let error = Error::refused_elsewhere(setback.code.clone(), setback.pause);
        // A signature that was refused elsewhere says nothing of this session's.
        let verdict = error.kind() == ErrorKind::Api(CodeClass::Account);
        let token = &mut self.session.token;
        if verdict {
            token.cool_down(now, setback.pause.min(COOL_DOWN), &error);
        } else {
            token.hold_off(now, setback.pause, &error);
        }
        match purpose {
            Purpose::Replacement => {
                token.fails(self.flight.id, now);
                self.keeps_its_own()
            }
            Purpose::Token if verdict && token.held(now).is_none() => {
                token.refuse(self.flight.id, &error);
                self.fail(error)
            }
            _ => {
                token.fails(self.flight.id, now);
                self.proceed()
            }
        }
    }
}

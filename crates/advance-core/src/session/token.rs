//! The token a session holds, who may replace it, and what is known about it.

use std::time::Duration;

use super::evidence::Wish;
use super::held::{Held, Origin, YOUTH};
use super::pacing::{self, Pacing, Scope};
use super::sabotage::Rule;
use crate::error::Error;
use crate::secret::AccessToken;
use crate::time::{Now, UnixMillis};

/// A point in the history of a session's token. It moves on whenever there is news that a waiter should look at: a
/// token, a verdict, or an asker that gave up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(u64);

/// How long a refused signature or a disabled account keeps a session from asking for a token again.
pub const COOL_DOWN: Duration = Duration::from_secs(5);

/// How long at most one `Retry-After` to a token request keeps a session's other calls from asking. The call that was
/// told keeps to all of it; a server that says a day must not stop a process for a day.
pub const HOLD_OFF: Duration = Duration::from_secs(60);

/// How long no call asks after one has used up its tries on a busy server: those who waited for it would ask it one
/// right after the other.
const PACE: Duration = Duration::from_secs(1);

/// Names one acquisition of a token, so that its waiters get its verdict and no other call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Acquisition(u64);

/// What a call that needs a token does next.
pub(super) enum Claim {
    /// Uses this one.
    Use(AccessToken, Generation),
    /// Asks for one, alone.
    Lead,
    /// Asks for the next one, while everybody else goes on with the old one.
    Renew,
    /// The same, because this call found the one in use to be dead.
    Replace,
    /// Comes back in a while: the last replacement was too short a while ago.
    Later(Duration),
    /// Ends by its own error: there will be no other token now.
    NoOther,
    /// Waits for the call that asks.
    Wait {
        acquisition: Acquisition,
        seen: Generation,
        at_most: Duration,
    },
    /// Takes over a verdict.
    Refused(Error),
    /// Asks no sooner than in `at_least`, because the server said so in this error.
    HeldOff {
        seen: Generation,
        acquisition: Acquisition,
        at_least: Duration,
        error: Error,
    },
}

/// A token that came.
pub(super) struct Arrival {
    pub(super) token: AccessToken,
    /// When it was asked for: its life began then.
    pub(super) asked: Now,
    pub(super) life: Duration,
    pub(super) source: Source,
    pub(super) entropy: u64,
}

/// Where a token came from.
pub(super) enum Source {
    /// The vendor issued it just now.
    Vendor,
    /// Another session shares it.
    Store {
        generation: u64,
        /// How long ago it came there.
        age: Duration,
        /// It was there before this session asked.
        catches_up: bool,
    },
}

/// Who wants a token, and which.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claimant {
    pub(super) call: u64,
    /// The acquisition it has waited for, if it has.
    pub(super) awaited: Option<Acquisition>,
    pub(super) wish: Wish,
    /// What the counter of sends was when it first heard a refusal that counts.
    pub(super) heard: Option<u64>,
    /// It has tried to renew the token in use, and goes on with it.
    pub(super) renewed: bool,
    /// Where its own request goes.
    pub(super) path: &'static str,
}

impl Claimant {
    /// Any token will do.
    #[cfg(test)]
    pub(super) const fn any(call: u64) -> Self {
        Self {
            call,
            awaited: None,
            wish: Wish::InUse,
            heard: None,
            renewed: false,
            path: "",
        }
    }
}

#[derive(Debug)]
pub(super) struct Lease {
    pub(super) holder: u64,
    acquisition: Acquisition,
    until: Duration,
    /// What it uses up, if it replaces a token that is held.
    pub(super) scope: Option<Scope>,
}

/// What keeps a session from asking for a while.
#[derive(Clone, Debug)]
pub(super) struct Ban {
    began: Now,
    long: Duration,
    pub(super) error: Error,
}

impl Ban {
    /// What is left of it, if anything is.
    pub(super) fn left(&self, now: Now) -> Option<Duration> {
        let left = self.long.saturating_sub(now.since(self.began));
        (!left.is_zero()).then_some(left)
    }
}

/// The one token of a session, and the one lease to ask for another.
#[derive(Debug)]
pub(super) struct TokenSlot {
    generation: u64,
    acquisitions: u64,
    pub(super) held: Option<Held>,
    /// The one before it, which serves while that one is young.
    pub(super) before: Option<Held>,
    /// How many requests went out with a token.
    pub(super) sends: u64,
    /// A token grew old and was never accepted: its successors have no youth until one is.
    pub(super) unaccepted_line: bool,
    /// A refusal of the token in use that its call could not answer, and what the counter of sends was then.
    pub(super) unrepeated: Option<(Generation, u64)>,
    pub(super) pacing: Pacing,
    pub(super) lease: Option<Lease>,
    verdict: Option<(Acquisition, Error)>,
    pub(super) cooling: Option<Ban>,
    pub(super) held_off: Option<Ban>,
    /// The last one that was replaced because calls found it to be dead.
    given_up: Option<AccessToken>,
    pub(super) broken: Option<Rule>,
}

impl TokenSlot {
    pub(super) fn new(broken: Option<Rule>) -> Self {
        Self {
            generation: 0,
            acquisitions: 0,
            held: None,
            before: None,
            sends: 0,
            unaccepted_line: false,
            unrepeated: None,
            pacing: Pacing::default(),
            lease: None,
            verdict: None,
            cooling: None,
            held_off: None,
            given_up: None,
            broken,
        }
    }

    pub(super) const fn generation(&self) -> Generation {
        Generation(self.generation)
    }

    pub(super) fn breaks(&self, rule: Rule) -> bool {
        self.broken == Some(rule)
    }

    pub(super) fn news(&mut self) -> Generation {
        self.generation += u64::from(!self.breaks(Rule::WakeWaiters));
        Generation(self.generation)
    }

    /// The same error for calls that did not send the request.
    fn shared(&self, error: &Error) -> Error {
        if self.breaks(Rule::SharedErrors) {
            error.clone()
        } else {
            error.to_share()
        }
    }

    /// Both clocks, unless that rule is broken.
    pub(super) fn clocks(&self, mut now: Now) -> Now {
        if self.breaks(Rule::BothClocks) {
            now.wall = UnixMillis::new(0);
        }
        now
    }

    /// Whether some call is believed to be asking.
    pub(super) fn is_led(&self, now: Now) -> bool {
        self.lease.as_ref().is_some_and(|lease| lease.until > now.mono)
    }

    fn leads(&self, caller: u64) -> bool {
        self.lease.as_ref().is_some_and(|lease| lease.holder == caller)
    }

    /// What a call does for a token. `lease` is how long it may lead before others stop believing in it.
    pub(super) fn claim(&mut self, who: Claimant, now: Now, lease: Duration) -> Claim {
        let now = self.clocks(now);
        if self.held.as_ref().is_some_and(|held| held.is_over(now)) {
            (self.held, self.before) = (None, None);
        }
        match self.held.as_ref().map(|held| held.generation) {
            Some(generation) if who.wish == Wish::Other(generation) && !self.is_good_after_all(who.heard) => {
                self.claim_other(who, now, lease)
            }
            Some(_) => self.claim_held(who, now, lease),
            None => self.claim_first(who, now, lease),
        }
    }

    /// There is a token, and it will do.
    fn claim_held(&mut self, who: Claimant, now: Now, lease: Duration) -> Claim {
        let free = self.lease.as_ref().is_none_or(|lease| lease.until <= now.mono);
        let barred = self.is_cooling(now) || self.held_off(now).is_some();
        let leads = self.leads(who.call);
        let alone = (free || leads || self.breaks(Rule::OneRenewal)) && !barred;
        let Some(held) = &mut self.held else {
            return self.claim_first(who, now, lease);
        };
        if alone && !who.renewed && held.is_due(now) {
            held.renews(now);
            self.lease_to(who.call, now, lease, None);
            return Claim::Renew;
        }
        let before = self.before.as_ref().filter(|before| !before.is_over(now));
        let chosen = match (who.wish, before) {
            (Wish::Before(generation), Some(before)) if held.generation == generation => before,
            _ => held,
        };
        let (token, generation) = (chosen.token.clone(), chosen.generation);
        if leads {
            self.release(who.call);
        }
        Claim::Use(token, generation)
    }

    /// There is a token, and this call found it to be dead.
    fn claim_other(&mut self, who: Claimant, now: Now, lease: Duration) -> Claim {
        let held_off = self.held_off(now).map(|(left, _)| left);
        if self.leads(who.call) {
            if held_off.is_some() {
                self.release(who.call);
                return Claim::NoOther;
            }
            self.extend(who.call, now.mono, lease);
            return Claim::Replace;
        }
        if let Some(refused) = self.verdict_for(who.awaited) {
            return refused;
        }
        if let Some(wait) = self.wait_for_leader(now) {
            return wait;
        }
        let Some(held) = &self.held else {
            return self.claim_first(who, now, lease);
        };
        if self.is_cooling(now) {
            return Claim::NoOther;
        }
        match self.may_replace(held, who.path, now) {
            Ok(_) if held_off.is_some_and(|left| left > PACE) => Claim::NoOther,
            Ok(scope) => {
                if let Some(left) = held_off {
                    return Claim::Later(left);
                }
                self.pacing.begins(scope, now.mono);
                if self.breaks(Rule::OldServesMeanwhile) {
                    (self.held, self.before) = (None, None);
                } else if let Some(held) = &mut self.held {
                    held.doubted = true;
                }
                self.lease_to(who.call, now, lease, Some(scope));
                Claim::Replace
            }
            Err(pacing::Held::Apart(left)) => Claim::Later(left),
            Err(pacing::Held::Minute) => Claim::NoOther,
        }
    }

    /// There is no token.
    fn claim_first(&mut self, who: Claimant, now: Now, lease: Duration) -> Claim {
        if let Some(cooling) = self.cooling.as_ref().filter(|_| self.is_cooling(now)) {
            return Claim::Refused(cooling.error.clone());
        }
        let held_off = self.held_off(now);
        if self.leads(who.call) {
            if held_off.is_none() {
                self.extend(who.call, now.mono, lease);
                return Claim::Lead;
            }
            self.release(who.call);
        }
        if let Some(refused) = self.verdict_for(who.awaited) {
            return refused;
        }
        if let Some(wait) = self.wait_for_leader(now) {
            return wait;
        }
        let Some((at_least, error)) = held_off else {
            self.lease_to(who.call, now, lease, None);
            return Claim::Lead;
        };
        Claim::HeldOff {
            seen: Generation(self.generation),
            // Of the next verdict it hears; the last one came before it waited.
            acquisition: Acquisition(self.acquisitions + 1),
            at_least,
            error,
        }
    }

    /// The verdict that a call has waited for.
    fn verdict_for(&self, awaited: Option<Acquisition>) -> Option<Claim> {
        let (acquisition, error) = self.verdict.as_ref()?;
        awaited
            .is_some_and(|awaited| awaited <= *acquisition)
            .then(|| Claim::Refused(error.clone()))
    }

    /// Somebody asks already.
    fn wait_for_leader(&self, now: Now) -> Option<Claim> {
        let lease = self.lease.as_ref().filter(|lease| lease.until > now.mono)?;
        Some(Claim::Wait {
            acquisition: lease.acquisition,
            seen: Generation(self.generation),
            at_most: lease.until.saturating_sub(now.mono),
        })
    }

    fn held_off(&self, now: Now) -> Option<(Duration, Error)> {
        let ban = self.held_off.as_ref()?;
        Some((ban.left(now)?, ban.error.clone()))
    }

    fn lease_to(&mut self, holder: u64, now: Now, lease: Duration, scope: Option<Scope>) {
        self.acquisitions += 1;
        self.lease = Some(Lease {
            holder,
            acquisition: Acquisition(self.acquisitions),
            until: now.mono.saturating_add(lease),
            scope,
        });
    }

    /// The leader is still at it: it will be heard of within `lease`.
    pub(super) fn extend(&mut self, caller: u64, mono: Duration, lease: Duration) {
        if let Some(held) = self.lease.as_mut().filter(|held| held.holder == caller) {
            held.until = mono.saturating_add(lease);
        }
    }

    /// The server will not have another request for a token within `told`. The one in use serves until it ends.
    pub(super) fn hold_off(&mut self, now: Now, told: Duration, error: &Error) {
        let long = told.min(HOLD_OFF);
        let before = self.held_off.as_ref().and_then(|ban| ban.left(now));
        if before.is_none_or(|before| before < long) {
            self.held_off = Some(Ban {
                began: now,
                long,
                error: self.shared(error),
            });
        }
    }

    /// The caller, if it leads, has asked a busy server as often as it may.
    pub(super) fn pace(&mut self, caller: u64, now: Now, error: &Error) {
        if self.leads(caller) {
            self.hold_off(now, PACE, error);
        }
    }

    /// The caller stops asking, if it did; the next one leads.
    pub(super) fn release(&mut self, caller: u64) {
        if let Some(lease) = self.lease.take_if(|lease| lease.holder == caller) {
            if let Some(scope) = lease.scope {
                // The server was not heard: that is for the next to try.
                self.pacing.gives_back(scope);
            }
            self.news();
        }
    }

    /// The caller brought no token, and the server did not say why there is none.
    pub(super) fn fails(&mut self, caller: u64, now: Now) {
        if let Some(lease) = self.lease.take_if(|lease| lease.holder == caller) {
            if let Some(scope) = lease.scope {
                self.pacing.fails(scope, now.mono);
            }
            self.news();
        }
    }

    /// A token arrived for `caller`, whose life began when it was asked for. It is kept unless the one
    /// that is held lives longer and is not doubted. Says whether it replaces one that calls found to be dead.
    pub(super) fn install(&mut self, caller: u64, arrival: Arrival, now: Now) -> bool {
        let (asked, now) = (self.clocks(arrival.asked), self.clocks(now));
        let lease = self.lease.take_if(|lease| lease.holder == caller);
        let mut scope = lease.and_then(|lease| lease.scope);
        let generation = self.news();
        let mut origin = if self.unaccepted_line {
            Origin::AfterAnUnaccepted
        } else {
            Origin::Issued
        };
        let (mut came, mut shared) = (now, None);
        if let Source::Store {
            generation,
            age,
            catches_up,
        } = arrival.source
        {
            (came, shared) = (now.earlier(age), Some(generation));
            if age >= YOUTH {
                origin = Origin::Elsewhere;
            }
            if let Some(scope) = scope.take_if(|_| catches_up) {
                self.pacing.takes_back(scope);
            }
        }
        let life = (asked, arrival.life);
        let mut new = Held::new(arrival.token, generation, life, came, origin, arrival.entropy);
        (new.trial, new.shared) = (scope, shared);
        let doubted = self.held.as_ref().is_some_and(|held| held.doubted);
        let stays = |held: &Held| match shared {
            // The store was asked for one that lives longer by the clock that went further.
            Some(_) => held.left(now) > new.left(now),
            None => held.end() > new.end(),
        };
        if !doubted && self.held.as_ref().is_some_and(stays) {
            return scope.is_some();
        }
        self.hold(new);
        scope.is_some() || doubted
    }

    /// A token from elsewhere takes the place of the one that is held. It is unknown when it was issued.
    pub(super) fn adopt(&mut self, token: AccessToken, length: Duration, now: Now, entropy: u64) {
        let (generation, now) = (self.news(), self.clocks(now));
        self.hold(Held::new(
            token,
            generation,
            (now, length),
            now,
            Origin::Elsewhere,
            entropy,
        ));
    }

    /// Takes this one into use, and keeps the one that is known to be good beside it.
    fn hold(&mut self, mut new: Held) {
        new.first_send = self.sends;
        let Some(old) = self.held.take() else {
            self.held = Some(new);
            return;
        };
        if old.token == new.token {
            self.held = Some(new.with_record_of(old));
            return;
        }
        if old.doubted {
            self.given_up = Some(old.token.clone());
        }
        if old.is_proven() || self.before.is_none() {
            self.before = Some(old);
        }
        self.held = Some(new);
    }

    /// The server refused to issue a token to `caller`. All who waited for the same acquisition hear the same.
    pub(super) fn refuse(&mut self, caller: u64, error: &Error) {
        if let Some(lease) = self.lease.take_if(|lease| lease.holder == caller) {
            if let Some(scope) = lease.scope {
                self.pacing.is_refused(scope);
            }
            self.verdict = Some((lease.acquisition, self.shared(error)));
            self.news();
        }
    }

    /// Keeps everybody from asking for a short while.
    pub(super) fn cool_down(&mut self, now: Now, long: Duration, error: &Error) {
        self.cooling = Some(Ban {
            began: now,
            long,
            error: self.shared(error),
        });
        self.news();
    }

    /// Lets everybody ask again, those who have yet to hear the last verdict among them.
    pub(super) fn forgive(&mut self) {
        self.verdict = None;
        if self.cooling.take().is_some() {
            self.news();
        }
    }

    pub(super) fn is_cooling(&self, now: Now) -> bool {
        self.cooling.as_ref().is_some_and(|ban| ban.left(now).is_some())
    }

    /// Whether this is the last token that calls found to be dead.
    pub(super) fn was_given_up(&self, token: &AccessToken) -> bool {
        let doubted = self.held.as_ref().filter(|held| held.doubted);
        self.given_up.as_ref() == Some(token) || doubted.is_some_and(|held| held.token == *token)
    }

    /// The token in use, if it is neither over nor due for renewal, and what is left of it.
    pub(super) fn fresh(&self, now: Now) -> Option<(&AccessToken, Duration)> {
        let now = self.clocks(now);
        let held = self.held.as_ref()?;
        (!held.is_over(now) && !held.is_due(now)).then(|| (&held.token, held.left(now)))
    }

    /// The token in use and what is left of it, by the clock that went further: nothing, perhaps, though it is used
    /// until it ends by the other one.
    pub(super) fn held(&self, now: Now) -> Option<(&AccessToken, Duration)> {
        let held = self.held.as_ref().filter(|held| !held.is_over(now))?;
        Some((&held.token, held.left(self.clocks(now))))
    }
}

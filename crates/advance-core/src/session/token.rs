//! The token a session holds, who may replace it, and what is known about it.

use std::time::Duration;

use super::life::renewal_due;
use super::sabotage::Rule;
use crate::error::Error;
use crate::secret::AccessToken;
use crate::time::Lifetime;

/// A point in the history of a session's token. It moves on whenever there is news that a waiter should look at: a
/// token, a verdict, or an asker that gave up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(u64);

/// How long a refused signature, a disabled account or a rejected replacement keeps a session from asking again.
pub const COOL_DOWN: Duration = Duration::from_secs(5);

/// How long at most one `Retry-After` to a token request keeps a session's other calls from asking. The call that was
/// told keeps to all of it; a server that says a day must not stop a process for a day.
pub const HOLD_OFF: Duration = Duration::from_secs(60);

/// How long nobody asks after a call has used up its tries on a busy server: those who waited for it would ask it one
/// right after the other.
const PACE: Duration = Duration::from_secs(1);

/// A replacement rejected sooner than this after its issue is not replaced again: the account is what is wrong.
const TOO_SOON: Duration = Duration::from_secs(60);

/// How often the renewal of one token is tried.
const RENEWALS: u8 = 2;

/// Names one acquisition of a token, so that whoever waited for it gets its verdict and nobody else does.
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
    /// Waits for whoever asks.
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

#[derive(Debug)]
struct Held {
    token: AccessToken,
    generation: Generation,
    life: Lifetime,
    renew_at: Duration,
    renewals: u8,
    replacement: bool,
}

#[derive(Debug)]
struct Lease {
    holder: u64,
    acquisition: Acquisition,
    until: Duration,
}

/// The one token of a session, and the one lease to ask for another.
#[derive(Debug)]
pub(super) struct TokenSlot {
    generation: u64,
    acquisitions: u64,
    held: Option<Held>,
    lease: Option<Lease>,
    verdict: Option<(Acquisition, Error)>,
    cooling: Option<(Duration, Error)>,
    held_off: Option<(Duration, Error)>,
    /// The next token replaces one that the vendor rejected.
    replacing: bool,
    /// The last one that the vendor rejected while it was in use.
    rejected: Option<AccessToken>,
    broken: Option<Rule>,
}

impl TokenSlot {
    pub(super) const fn new(broken: Option<Rule>) -> Self {
        Self {
            generation: 0,
            acquisitions: 0,
            held: None,
            lease: None,
            verdict: None,
            cooling: None,
            held_off: None,
            replacing: false,
            rejected: None,
            broken,
        }
    }

    pub(super) const fn generation(&self) -> Generation {
        Generation(self.generation)
    }

    fn breaks(&self, rule: Rule) -> bool {
        self.broken == Some(rule)
    }

    fn news(&mut self) -> Generation {
        self.generation += u64::from(!self.breaks(Rule::WakeWaiters));
        Generation(self.generation)
    }

    /// What `caller` does for a token. `awaited` names the acquisition it has waited for, if it has; `lease` is how
    /// long it may lead before others stop believing in it.
    pub(super) fn claim(
        &mut self,
        caller: u64,
        awaited: Option<Acquisition>,
        mono: Duration,
        lease: Duration,
    ) -> Claim {
        let leads = self.lease.as_ref().is_some_and(|lease| lease.holder == caller);
        if self.held.as_ref().is_some_and(|held| held.life.is_over(mono)) {
            self.held = None;
        }
        let free = self.lease.as_ref().is_none_or(|lease| lease.until <= mono);
        let cooling = self.is_cooling(mono);
        let held_off = self.held_off.as_ref().filter(|(until, _)| *until > mono).cloned();
        let alone = free || self.breaks(Rule::OneRenewal);
        if let Some(held) = &mut self.held {
            let due = held.renew_at <= mono && held.renewals < RENEWALS;
            if due && alone && !cooling && held_off.is_none() {
                held.renewals += 1;
                // If this attempt fails there is one more, half-way through what is left.
                held.renew_at = mono.saturating_add(held.life.remaining(mono) / 2);
                self.lease_to(caller, mono, lease);
                return Claim::Renew;
            }
            let (token, generation) = (held.token.clone(), held.generation);
            if leads {
                self.release(caller);
            }
            return Claim::Use(token, generation);
        }
        if let Some((_, error)) = self.cooling.as_ref().filter(|_| cooling) {
            return Claim::Refused(error.clone());
        }
        if leads {
            if held_off.is_none() {
                self.extend(caller, mono, lease);
                return Claim::Lead;
            }
            self.release(caller);
        }
        if let Some((acquisition, error)) = &self.verdict
            && awaited.is_some_and(|awaited| awaited <= *acquisition)
        {
            return Claim::Refused(error.clone());
        }
        match &self.lease {
            Some(lease) if lease.until > mono => Claim::Wait {
                acquisition: lease.acquisition,
                seen: Generation(self.generation),
                at_most: lease.until.saturating_sub(mono),
            },
            _ => {
                let Some((until, error)) = held_off else {
                    self.lease_to(caller, mono, lease);
                    return Claim::Lead;
                };
                Claim::HeldOff {
                    seen: Generation(self.generation),
                    // Of the next verdict it hears; the last one came before it waited.
                    acquisition: Acquisition(self.acquisitions + 1),
                    at_least: until.saturating_sub(mono),
                    error,
                }
            }
        }
    }

    fn lease_to(&mut self, holder: u64, mono: Duration, lease: Duration) {
        self.acquisitions += 1;
        self.lease = Some(Lease {
            holder,
            acquisition: Acquisition(self.acquisitions),
            until: mono.saturating_add(lease),
        });
    }

    /// The leader is still at it: it will be heard of within `lease`.
    pub(super) fn extend(&mut self, caller: u64, mono: Duration, lease: Duration) {
        if let Some(held) = self.lease.as_mut().filter(|held| held.holder == caller) {
            held.until = mono.saturating_add(lease);
        }
    }

    /// The server will not have another request for a token within `told`. The one in use serves until it ends.
    pub(super) fn hold_off(&mut self, mono: Duration, told: Duration, error: &Error) {
        let until = mono.saturating_add(told.min(HOLD_OFF));
        if self.held_off.as_ref().is_none_or(|(before, _)| *before < until) {
            self.held_off = Some((until, error.to_share()));
        }
    }

    /// The caller, if it leads, has asked a busy server as often as it may.
    pub(super) fn pace(&mut self, caller: u64, mono: Duration, error: &Error) {
        if self.lease.as_ref().is_some_and(|lease| lease.holder == caller) {
            self.hold_off(mono, PACE, error);
        }
    }

    /// The caller stops asking, if it did; the next one leads.
    pub(super) fn release(&mut self, caller: u64) {
        if self.lease.as_ref().is_some_and(|lease| lease.holder == caller) {
            self.lease = None;
            self.news();
        }
    }

    /// A token arrived for `caller`. It is kept unless the one that is held lives longer. Says whether it replaces
    /// one that was rejected.
    pub(super) fn install(&mut self, caller: u64, token: AccessToken, life: Lifetime, entropy: u64) -> bool {
        let replacement = std::mem::take(&mut self.replacing);
        if self.lease.as_ref().is_some_and(|lease| lease.holder == caller) {
            self.lease = None;
        }
        let generation = self.news();
        if self
            .held
            .as_ref()
            .is_some_and(|held| held.life.end() > life.end())
        {
            return replacement;
        }
        self.hold(token, generation, life, entropy, replacement);
        replacement
    }

    /// A token from elsewhere takes the place of the one that is held. Nobody knows when it was issued, so a rejection
    /// says nothing of the account.
    pub(super) fn adopt(&mut self, token: AccessToken, life: Lifetime, entropy: u64) {
        self.replacing = false;
        let generation = self.news();
        self.hold(token, generation, life, entropy, false);
    }

    fn hold(
        &mut self,
        token: AccessToken,
        generation: Generation,
        life: Lifetime,
        entropy: u64,
        replacement: bool,
    ) {
        self.held = Some(Held {
            token,
            generation,
            renew_at: renewal_due(&life, entropy),
            life,
            renewals: 0,
            replacement,
        });
    }

    /// The server refused to issue a token to `caller`. Whoever waited for the same acquisition hears the same.
    pub(super) fn refuse(&mut self, caller: u64, error: &Error) {
        if let Some(lease) = self.lease.take_if(|lease| lease.holder == caller) {
            self.verdict = Some((lease.acquisition, error.to_share()));
            self.news();
        }
    }

    /// Keeps everybody from asking for a short while.
    pub(super) fn cool_down(&mut self, mono: Duration, error: &Error) {
        self.cooling = Some((mono.saturating_add(COOL_DOWN), error.to_share()));
        self.news();
    }

    pub(super) fn is_cooling(&self, mono: Duration) -> bool {
        self.cooling.as_ref().is_some_and(|(until, _)| *until > mono)
    }

    /// The server rejected the token of this generation. Says whether that was the one in use; a late rejection of
    /// an older one changes nothing. A replacement rejected too soon cools down.
    pub(super) fn reject(&mut self, generation: Generation, mono: Duration, error: &Error) -> bool {
        let late = self.breaks(Rule::LateRejection);
        match self.held.take_if(|held| held.generation == generation || late) {
            Some(held) => {
                self.replacing = true;
                if held.replacement && held.life.age(mono) < TOO_SOON {
                    self.cool_down(mono, error);
                }
                self.rejected = Some(held.token);
                true
            }
            None => false,
        }
    }

    /// Whether this is the last token that was rejected.
    pub(super) fn was_rejected(&self, token: &AccessToken) -> bool {
        self.rejected.as_ref() == Some(token)
    }

    /// The token in use and what is left of it.
    pub(super) fn held(&self, mono: Duration) -> Option<(&AccessToken, Duration)> {
        let held = self.held.as_ref().filter(|held| !held.life.is_over(mono))?;
        Some((&held.token, held.life.remaining(mono)))
    }
}

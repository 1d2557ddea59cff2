//! What a refused token means, judged by evidence.
//!
//! `IAM_FAILED` says that one request was refused, and no more. The token may be dead or revoked, this node may not know
//! it yet, or this call may not be allowed. Which of them it is, other requests tell: those that were sent after this
//! call's first refusal was heard.

use std::time::Duration;

use super::held::{Held, YOUTH};
use super::pacing;
use super::retry::part;
use super::sabotage::Rule;
use super::token::{Generation, TokenSlot};
use crate::time::Now;

/// The first pause of a call that waits for a young token to be known, and the longest.
const PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How often a call is sent again at once. No vendor that has one token at a time needs more; one whose tokens end as
/// they come would have it sent without end.
const AT_ONCE: u32 = 8;

/// How often a call is sent again, after pauses, where some nodes refuse what others accept.
const CHANCES: u32 = 3;

/// No call that was refused waits beyond this for another answer.
const LONGEST: Duration = Duration::from_secs(14);

/// With which token a call goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// The one in use, whichever that is.
    InUse,
    /// The one before this one, if it lives.
    Before(Generation),
    /// Any but this one.
    Other(Generation),
}

/// What one call has heard of its tokens.
#[derive(Debug)]
pub(super) struct Doubt {
    pub(super) wish: Wish,
    /// The number of its request that is under way.
    sent: u64,
    /// The token of the session that it was last refused with, and what the counter of sends was when it first heard so.
    about: Option<Generation>,
    pub(super) heard: Option<u64>,
    /// Its request carries the token before this one, by its own choice.
    chose_before: Option<Generation>,
    /// The token before that one refused it as well.
    before: Option<Generation>,
    /// Since when it waits for a young token, and how often it has.
    waits_since: Option<Now>,
    pauses: u32,
    /// How often it was sent again at once.
    at_once: u32,
    /// How often it was given another chance because nodes differ.
    chances: u32,
    /// When it was first refused.
    since: Option<Duration>,
    /// It has asked for another token, or waited for one.
    pub(super) replaced: bool,
    /// It has waited for the last replacement to be long enough ago.
    pub(super) spaced: bool,
}

/// What a call does that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It goes on at once, by its wish.
    Resend,
    /// It goes on after a pause.
    Pause(Duration),
    /// The refusal is this call's own.
    End,
}

impl Doubt {
    pub(super) const NONE: Self = Self {
        wish: Wish::InUse,
        sent: 0,
        about: None,
        heard: None,
        chose_before: None,
        before: None,
        waits_since: None,
        pauses: 0,
        at_once: 0,
        chances: 0,
        since: None,
        replaced: false,
        spaced: false,
    };

    /// A request goes out.
    pub(super) const fn sends(&mut self, number: u64) {
        self.sent = number;
        self.chose_before = match self.wish {
            Wish::Before(generation) => Some(generation),
            Wish::InUse | Wish::Other(_) => None,
        };
        self.wish = Wish::InUse;
    }

    /// It no longer wants another one: evidence came for the one in use, or that is another one by now.
    pub(super) fn takes_the_one_in_use(&mut self) {
        if let Wish::Other(_) = self.wish {
            self.wish = Wish::InUse;
        }
    }

    /// Whether this token refused it after it was known to be good.
    fn was_refused_by(&self, held: &Held) -> bool {
        let heard = self
            .heard
            .filter(|heard| held.is_proven() && !held.precedes_proof(*heard));
        self.about == Some(held.generation) && heard.is_some()
    }

    fn turns_to(&mut self, generation: Generation) {
        if self.about != Some(generation) {
            self.about = Some(generation);
            self.heard = None;
        }
    }

    /// Grows threefold from one to the next, and is drawn from its upper quarter.
    fn pause(&mut self, entropy: u64) -> Duration {
        let grown = (0..self.pauses.min(8)).fold(PAUSE, |pause, _| pause * 3);
        let longest = grown.min(LONGEST_PAUSE);
        self.pauses = self.pauses.saturating_add(1);
        longest * 3 / 4 + part(longest / 4, entropy)
    }

    /// How long a call waits that may go on at once: not at all, unless it has done so again and again.
    pub(super) fn goes_on(&mut self, entropy: u64) -> Duration {
        self.at_once = self.at_once.saturating_add(1);
        if self.at_once > AT_ONCE {
            self.pause(entropy)
        } else {
            Duration::ZERO
        }
    }

    /// Whether a call that comes back after this wait has been at it for too long by then.
    pub(super) fn is_too_long(&mut self, now: Now, wait: Duration) -> bool {
        let since = *self.since.get_or_insert(now.mono);
        now.mono.saturating_sub(since).saturating_add(wait) > LONGEST
    }

    fn another_chance(&mut self) -> bool {
        self.chances += 1;
        self.chances <= CHANCES
    }

    /// How long a call waits for young tokens is bounded in all.
    fn may_wait(&mut self, now: Now) -> bool {
        let since = *self.waits_since.get_or_insert(now);
        now.since(since) < YOUTH
    }
}

impl TokenSlot {
    /// Numbers a request that goes out with a token.
    pub(super) const fn number(&mut self) -> u64 {
        self.sends += 1;
        self.sends
    }

    /// An answer came that needed the token of this generation.
    pub(super) fn accepted(&mut self, doubt: &Doubt, generation: Generation, path: &'static str, now: Now) {
        let now = self.clocks(now);
        let counter = self.sends;
        if let Some(held) = self.held.as_mut().filter(|held| held.generation == generation) {
            if doubt.was_refused_by(held) {
                held.is_patchy_since(now);
            }
            held.accepted(doubt.sent, counter, path, now);
            self.unaccepted_line = false;
            if doubt.replaced
                && self.broken != Some(Rule::CuresAreFree)
                && let Some(scope) = held.trial.take()
            {
                self.pacing.gives_back(scope);
            }
        } else if let Some(before) = self.before.as_mut().filter(|held| held.generation == generation) {
            before.accepted(doubt.sent, counter, path, now);
            if let Some(held) = self.held.as_mut().filter(|held| doubt.was_refused_by(held)) {
                held.is_patchy_since(now);
            }
        }
    }

    /// Whether evidence came for the token in use while a call waited to ask for another one: what was sent after it
    /// had heard of its first refusal was accepted, or the token was accepted for the first time, so that its refusals
    /// came too early to count. Then it is sent once more with that token.
    pub(super) fn is_good_after_all(&self, heard: Option<u64>) -> bool {
        let (Some(held), Some(heard)) = (&self.held, heard) else {
            return false;
        };
        (held.was_accepted_after(heard) && !self.breaks(Rule::EvidenceOfOthers))
            || (held.precedes_proof(heard) && !self.breaks(Rule::ProofComesFirst))
    }

    /// Whether the token that is in use is one that a call will not have.
    pub(super) fn is_wish_for_other(&self, wish: Wish) -> bool {
        self.held
            .as_ref()
            .is_some_and(|held| wish == Wish::Other(held.generation))
    }

    /// Whether this is the token in use.
    pub(super) fn is_in_use(&self, generation: Generation) -> bool {
        self.held
            .as_ref()
            .is_some_and(|held| held.generation == generation)
    }

    /// A request with the token of this generation was refused.
    pub(super) fn refused(
        &mut self,
        doubt: &mut Doubt,
        generation: Generation,
        now: Now,
        entropy: u64,
    ) -> Verdict {
        let now = self.clocks(now);
        let counter = self.sends;
        let ignored = self.breaks(Rule::Youth);
        let Some(held) = &self.held else {
            return Verdict::Resend;
        };
        let current = held.generation;
        let by_the_one_before = doubt.chose_before == Some(current);
        if by_the_one_before {
            doubt.before = Some(current);
        } else if current != generation && !self.breaks(Rule::LateRejection) {
            // Others have replaced it: the refusal says nothing of the one in use.
            return Verdict::Resend;
        }
        doubt.turns_to(current);
        let before = self.before.as_ref().filter(|before| !before.is_over(now));
        let untried = doubt.before != Some(current);
        if held.is_young(now) && !ignored {
            doubt.heard = Some(counter);
            if before.is_some() && untried {
                doubt.wish = Wish::Before(current);
                return Verdict::Resend;
            }
            if doubt.may_wait(now) {
                return Verdict::Pause(doubt.pause(entropy));
            }
            return Verdict::End;
        } else if !held.is_proven() && !ignored {
            self.unaccepted_line |= !held.is_from_elsewhere();
            if before.is_some_and(|before| before.is_good_since(held)) {
                self.goes_back();
                return Verdict::Resend;
            }
        }
        let Some(held) = &self.held else {
            return Verdict::Resend;
        };
        if !by_the_one_before && held.precedes_proof(doubt.sent) && !self.breaks(Rule::ProofComesFirst) {
            return Verdict::Resend;
        }
        // What was heard before the token was known to be good is no evidence either.
        // It has been at it for long enough.
        let tired = doubt.replaced || (doubt.waits_since.is_some() && held.follows_an_unaccepted());
        if tired && !held.is_proven() && !self.breaks(Rule::OneReacquisition) {
            return Verdict::End;
        }
        let any = self.breaks(Rule::ProofComesFirst);
        let heard = doubt.heard.filter(|heard| any || !held.precedes_proof(*heard));
        let Some(heard) = heard else {
            doubt.heard = Some(counter);
            let spare = before.is_some_and(|before| !before.doubted) && untried;
            if spare && (held.is_fresh(now) || held.is_from_elsewhere()) {
                doubt.wish = Wish::Before(current);
            }
            return Verdict::Resend;
        };
        if held.is_patchy(now) && doubt.another_chance() {
            return Verdict::Pause(doubt.pause(entropy));
        }
        let accepted = held.was_accepted_after(heard) && !self.breaks(Rule::EvidenceOfOthers);
        if accepted || (doubt.replaced && !self.breaks(Rule::OneReacquisition)) {
            return Verdict::End;
        }
        doubt.wish = Wish::Other(current);
        Verdict::Resend
    }

    /// A request was refused that must not be sent again. What the calls hear together has to do.
    pub(super) fn refused_for_good(
        &mut self,
        doubt: &Doubt,
        generation: Generation,
        now: Now,
        path: &'static str,
    ) {
        let now = self.clocks(now);
        let counter = self.sends;
        let Some(held) = self.held.as_mut().filter(|held| held.generation == generation) else {
            return;
        };
        if held.is_young(now) || held.precedes_proof(doubt.sent) {
            return;
        }
        match self.unrepeated {
            Some((about, heard)) if about == generation && !held.was_accepted_after(heard) => {
                let scope = held.scope(path);
                if doubt.sent > heard && self.pacing.may(scope, now.mono).is_ok() {
                    self.pacing.begins(scope, now.mono);
                    held.doubted = true;
                    held.is_due_at_once();
                }
            }
            _ => self.unrepeated = Some((generation, counter)),
        }
    }

    /// The token in use was never accepted, and the one before it is good.
    fn goes_back(&mut self) {
        let generation = self.news();
        if let Some(mut before) = self.before.take() {
            before.generation = generation;
            self.held = Some(before);
        }
    }

    /// Whether the token of this generation may be replaced now by a call to this path, and what that uses up.
    pub(super) fn may_replace(
        &self,
        held: &Held,
        path: &'static str,
        now: Now,
    ) -> Result<pacing::Scope, pacing::Held> {
        let scope = held.scope(path);
        // Not without end at one moment, if what is broken cannot even be signed.
        if self.breaks(Rule::ReplacementsArePaced) && !self.pacing.began_at(now.mono) {
            return Ok(scope);
        }
        let may = match self.pacing.may(scope, now.mono) {
            Err(pacing::Held::Minute) if held.fell_silent(now) => self.pacing.may_after_the_last(now.mono),
            may => may,
        };
        may.map(|()| scope)
    }
}

//! A token in hand: how long it lives, and what was heard of it.

use std::time::Duration;

use super::life::renewal_due;
use super::pacing::Scope;
use super::token::Generation;
use crate::secret::AccessToken;
use crate::time::{Lifetime, Now};

/// How long a token may be unknown to some of the vendor's nodes after its issue.
pub(super) const YOUTH: Duration = Duration::from_secs(12);

/// How often the renewal of one token is tried.
const RENEWALS: u8 = 2;

/// Where a token came from, and what follows for its youth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Issued just now, so that a node may not know it yet.
    Issued,
    /// Issued just now, but the one before it grew old and was never accepted: a refusal is no sign of youth.
    AfterAnUnaccepted,
    /// From elsewhere, issued long ago for all that is known.
    Elsewhere,
}

#[derive(Debug)]
pub(super) struct Held {
    pub(super) token: AccessToken,
    pub(super) generation: Generation,
    /// What the store calls it in which it is shared.
    pub(super) shared: Option<u64>,
    life: Lifetime,
    /// When its life began, by both clocks.
    asked: Now,
    /// When it came.
    came: Now,
    origin: Origin,
    /// How long after it was asked for it is due for renewal, and how often that was tried.
    renew_after: Duration,
    renewals: u8,
    /// What the counter of sends was when the first answer was heard that needed this token.
    proven_at: Option<u64>,
    /// How many requests had been sent when it came.
    pub(super) first_send: u64,
    /// The latest request that such an answer came to.
    accepted: u64,
    /// When that was heard, and how far apart such answers are, on the average.
    accepted_at: Duration,
    apart: Duration,
    /// How many there were.
    answers: u32,
    /// When a call was served that had been refused with it: then not every refusal is the call's own.
    patchy: Option<Now>,
    /// The paths it was accepted on.
    paths: Vec<&'static str>,
    /// What its replacement used up, until it has cured a call.
    pub(super) trial: Option<Scope>,
    /// Calls concluded that it is dead.
    pub(super) doubted: bool,
}

impl Held {
    pub(super) fn new(
        token: AccessToken,
        generation: Generation,
        (asked, length): (Now, Duration),
        came: Now,
        origin: Origin,
        entropy: u64,
    ) -> Self {
        let life = Lifetime::new(asked.mono, length);
        Self {
            token,
            generation,
            shared: None,
            renew_after: renewal_due(&life, entropy).saturating_sub(life.start()),
            life,
            asked,
            came,
            origin,
            renewals: 0,
            proven_at: None,
            first_send: 0,
            accepted: 0,
            accepted_at: came.mono,
            apart: Duration::ZERO,
            answers: 0,
            patchy: None,
            paths: Vec::new(),
            trial: None,
            doubted: false,
        }
    }

    /// The same text came again: what was heard of it holds.
    pub(super) fn with_record_of(mut self, other: Self) -> Self {
        self.origin = other.origin;
        self.came = other.came;
        self.proven_at = other.proven_at;
        self.accepted = other.accepted;
        self.paths = other.paths;
        self
    }

    /// Over by the monotonic clock, which cannot jump.
    pub(super) fn is_over(&self, now: Now) -> bool {
        self.life.is_over(now.mono)
    }

    /// What is left of it if the clock that went further is right.
    pub(super) fn left(&self, now: Now) -> Duration {
        self.life.length().saturating_sub(now.since(self.asked))
    }

    /// When it ends by the monotonic clock.
    pub(super) const fn end(&self) -> Duration {
        self.life.end()
    }

    pub(super) fn is_due(&self, now: Now) -> bool {
        self.may_renew_again() && now.since(self.asked) >= self.renew_after
    }

    /// If this attempt fails there is one more, half-way through what is left.
    pub(super) fn renews(&mut self, now: Now) {
        self.renewals += 1;
        self.renew_after = now.since(self.asked).saturating_add(self.left(now) / 2);
    }

    /// That was no attempt: another session makes one. It is due again after this pause.
    pub(super) fn renews_later(&mut self, now: Now, pause: Duration) {
        self.renewals = self.renewals.saturating_sub(1);
        self.renew_after = now.since(self.asked).saturating_add(pause);
    }

    pub(super) const fn may_renew_again(&self) -> bool {
        self.renewals < RENEWALS
    }

    /// The next caller asks for another.
    pub(super) const fn is_due_at_once(&mut self) {
        self.renewals = 0;
        self.renew_after = Duration::ZERO;
    }

    pub(super) const fn is_proven(&self) -> bool {
        self.proven_at.is_some()
    }

    pub(super) const fn is_from_elsewhere(&self) -> bool {
        matches!(self.origin, Origin::Elsewhere)
    }

    /// The one before it grew old, and nothing was accepted with it.
    pub(super) const fn follows_an_unaccepted(&self) -> bool {
        matches!(self.origin, Origin::AfterAnUnaccepted)
    }

    /// So fresh that some node may not know it yet.
    pub(super) fn is_fresh(&self, now: Now) -> bool {
        self.origin == Origin::Issued && now.since(self.came) < YOUTH
    }

    /// Fresh, and nothing was accepted with it.
    pub(super) fn is_young(&self, now: Now) -> bool {
        !self.is_proven() && self.is_fresh(now)
    }

    /// An answer came that needed this token, to the request of this number.
    pub(super) fn accepted(&mut self, sent: u64, counter: u64, path: &'static str, now: Now) {
        self.proven_at.get_or_insert(counter);
        self.accepted = self.accepted.max(sent);
        let apart = now.mono.saturating_sub(self.accepted_at);
        // Weighed like a window of some sixteen answers.
        self.apart = self
            .apart
            .saturating_sub(self.apart / 16)
            .saturating_add(apart / 16);
        self.accepted_at = now.mono;
        self.answers = self.answers.saturating_add(1);
        if !self.paths.contains(&path) {
            self.paths.push(path);
        }
    }

    /// A call was served that had been refused with this token after it was known to be good.
    pub(super) const fn is_patchy_since(&mut self, now: Now) {
        self.patchy = Some(now);
    }

    /// Some nodes refuse what others accept, or did a moment ago.
    pub(super) fn is_patchy(&self, now: Now) -> bool {
        self.patchy.is_some_and(|patchy| now.since(patchy) < YOUTH)
    }

    /// It was accepted again and again, and is no longer: for so long that chance does not explain it, however many of
    /// the refused calls may not be allowed.
    pub(super) fn fell_silent(&self, now: Now) -> bool {
        let silence = self.apart.saturating_mul(20).max(Duration::from_secs(1));
        self.answers >= 32 && now.mono.saturating_sub(self.accepted_at) > silence
    }

    /// Whether a request that was sent after the counter stood there was accepted.
    pub(super) const fn was_accepted_after(&self, counter: u64) -> bool {
        self.accepted > counter
    }

    /// Whether this one, the one before, was accepted since the other came.
    pub(super) fn is_good_since(&self, other: &Self) -> bool {
        !self.doubted && self.accepted > other.first_send
    }

    /// Whether a request of this number went out before anybody heard that the token is good.
    pub(super) fn precedes_proof(&self, sent: u64) -> bool {
        self.proven_at.is_some_and(|proven| sent <= proven)
    }

    /// What a replacement that cures nothing uses up, if a call to this path asks for it.
    pub(super) fn scope(&self, path: &'static str) -> Scope {
        if self.paths.contains(&path) {
            Scope::Path(path)
        } else {
            Scope::Shared
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::UnixMillis;

    #[test]
    fn a_clock_that_jumps_as_far_as_it_can_is_survived() {
        let at = |mono| Now {
            wall: UnixMillis::new(0),
            mono,
        };
        let token = AccessToken::new("t").unwrap();
        let start = at(Duration::ZERO);
        let generation = super::super::token::TokenSlot::new(None).generation();
        let mut held = Held::new(
            token,
            generation,
            (start, Duration::MAX),
            start,
            Origin::Issued,
            0,
        );
        for answer in 1..40 {
            held.accepted(answer, answer, "/here", start);
        }
        held.accepted(40, 40, "/here", at(Duration::MAX));
        assert!(!held.fell_silent(at(Duration::MAX)));
    }
}

//! What a runner does next: a pure plan, as a batch is one in the core. Both runners carry it out.

use std::collections::VecDeque;
use std::time::Duration;

use super::Pace;
use crate::job::Report;
use crate::job::is_the_accounts;
use crate::{Claim, Event, Rest};

/// How often to look for senders that vanished.
const SWEEP: Duration = Duration::from_secs(1);

/// How often to look for outcomes to tell, if this runner booked none.
const TELL: Duration = Duration::from_secs(1);

/// The least time between two claims that news or an outcome leads to: many workers hear of each nudge, and outcomes come by the
/// hundred.
const NEWS: Duration = Duration::from_millis(100);

/// How often to look for what is old enough to be forgotten, if there was nothing the last time.
const PRUNE: Duration = Duration::from_secs(60);

/// How long one verification that is worked on by name is claimed for.
pub(super) const CLAIM_LEASE: Duration = Duration::from_secs(30);

/// How many outcomes are told at a time.
pub(super) const TOLD_AT_ONCE: usize = 64;

/// How many verifications are pruned at a time.
pub(super) const PRUNED_AT_ONCE: usize = 256;

/// After a failure: a second, doubling up to a minute.
const TROUBLE: Duration = Duration::from_secs(1);

/// What a runner does next.
#[derive(Debug)]
#[must_use = "a shift goes on only if its turn is carried out"]
pub enum Turn {
    /// See to it that there is a token; tell [`Shift::token`].
    Token,
    /// Have the store look for senders that vanished; tell [`Shift::swept`].
    Sweep,
    /// Claim this many; tell [`Shift::claimed`].
    Claim(usize),
    /// Ask the store what is left; tell [`Shift::rest`].
    Look,
    /// Begin with this one beside what is under way; tell [`Shift::ended`] when it has ended.
    Begin(Claim),
    /// Tell the application what it was not told; tell [`Shift::told`].
    Tell,
    /// Forget what is old; tell [`Shift::pruned`].
    Prune,
    /// Give this claim back, for the shift ends.
    GiveBack(Claim),
    /// Nothing until one of those under way has ended, or for this long.
    Wait(Duration),
    /// The shift has ended.
    Done,
}

/// A runner's time at work.
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
#[derive(Debug)]
pub struct Shift {
    pace: Pace,
    prunes: bool,
    queue: VecDeque<Claim>,
    running: usize,
    stopping: bool,
    token_due: Duration,
    sweep_due: Duration,
    claim_due: Duration,
    claimed_at: Duration,
    tell_due: Duration,
    prune_due: Duration,
    next_start: Duration,
    look: bool,
    left: Option<Rest>,
    last_words: bool,
    troubles: u32,
}

impl Shift {
    /// A shift at this pace. `prunes` says whether old verifications are to be forgotten.
    pub const fn new(pace: Pace, prunes: bool) -> Self {
        Self {
            pace,
            prunes,
            queue: VecDeque::new(),
            running: 0,
            stopping: false,
            token_due: Duration::ZERO,
            sweep_due: Duration::ZERO,
            claim_due: Duration::ZERO,
            claimed_at: Duration::ZERO,
            tell_due: Duration::ZERO,
            prune_due: Duration::ZERO,
            next_start: Duration::ZERO,
            look: false,
            left: None,
            last_words: true,
            troubles: 0,
        }
    }

    /// Begins nothing more. What is under way is seen to its end, and told.
    pub const fn stop(&mut self) {
        self.stopping = true;
    }

    /// What to do at `mono`, a time on the monotonic clock.
    pub fn turn(&mut self, mono: Duration) -> Turn {
        if self.stopping {
            return self.last_turns();
        }
        if self.running < self.pace.concurrency.get()
            && mono >= self.next_start
            && let Some(claim) = self.queue.pop_front()
        {
            self.running += 1;
            self.next_start = mono.saturating_add(self.pace.interval);
            return Turn::Begin(claim);
        }
        if mono >= self.sweep_due {
            return Turn::Sweep;
        }
        if mono >= self.tell_due {
            return Turn::Tell;
        }
        if self.prunes && mono >= self.prune_due {
            return Turn::Prune;
        }
        if self.look {
            return Turn::Look;
        }
        if self.is_finished() {
            self.stopping = true;
            return self.last_turns();
        }
        let room = self.room();
        if room > 0 && mono >= self.claim_due {
            return if mono >= self.token_due {
                Turn::Token
            } else {
                Turn::Claim(room)
            };
        }
        Turn::Wait(self.pause(mono))
    }

    fn last_turns(&mut self) -> Turn {
        if let Some(claim) = self.queue.pop_front() {
            return Turn::GiveBack(claim);
        }
        if self.running > 0 {
            return Turn::Wait(self.pace.look);
        }
        if std::mem::take(&mut self.last_words) {
            return Turn::Tell;
        }
        Turn::Done
    }

    fn is_finished(&self) -> bool {
        self.pace.until_done
            && self.running == 0
            && self.queue.is_empty()
            && self.left.is_some_and(|rest| rest.is_done())
    }

    /// What is left has changed. A runner that has nothing more to do and may be done asks at once what it is.
    fn changed(&mut self) {
        self.left = None;
        self.look |= self.pace.until_done && self.running == 0 && self.queue.is_empty();
    }

    /// How many to claim: as many as can begin, and as many again so that none waits for a claim. A slow pace claims no
    /// more than can begin within half of their lease.
    fn room(&self) -> usize {
        let limit = self.pace.concurrency.get();
        if self.queue.len() * 2 > limit {
            return 0;
        }
        let open = (2 * limit)
            .saturating_sub(self.running + self.queue.len())
            .min(limit.max(1));
        let in_time = (self.pace.claims / 2).as_nanos() / self.pace.interval.as_nanos().max(1);
        open.min(usize::try_from(in_time).unwrap_or(usize::MAX).max(1))
    }

    fn pause(&self, mono: Duration) -> Duration {
        let mut next = self.sweep_due.min(self.tell_due);
        if self.room() > 0 {
            next = next.min(self.claim_due);
        }
        if self.running < self.pace.concurrency.get() && !self.queue.is_empty() {
            next = next.min(self.next_start);
        }
        next.saturating_sub(mono).clamp(Duration::from_millis(1), SWEEP)
    }

    /// Whether there is a token.
    pub fn token(&mut self, got: bool, mono: Duration) {
        if got {
            self.troubles = 0;
            // A call sees to its own token; this only keeps attempts from being spent while there is none.
            self.token_due = mono.saturating_add(Duration::from_secs(5));
        } else {
            self.trouble(mono);
        }
    }

    /// How many vanished senders were found.
    pub fn swept(&mut self, found: u64, mono: Duration) {
        self.sweep_due = mono.saturating_add(SWEEP);
        if found > 0 {
            self.tell_due = mono;
            self.claim_due = mono;
        }
    }

    /// What was claimed.
    pub fn claimed(&mut self, claims: Vec<Claim>, mono: Duration) {
        self.claimed_at = mono;
        if claims.is_empty() {
            self.look = true;
            self.claim_due = mono.saturating_add(self.pace.look);
        }
        self.queue.extend(claims);
    }

    /// Another process has made something due.
    pub fn news(&mut self, mono: Duration) {
        self.due(mono);
    }

    /// Something is due at this time: it is claimed then, also by a runner that seldom looks.
    fn due(&mut self, at: Duration) {
        if self.troubles == 0 {
            let soon = self.claimed_at.saturating_add(NEWS);
            self.claim_due = self.claim_due.min(soon.max(at));
        }
    }

    /// What is left.
    pub fn rest(&mut self, rest: Rest, mono: Duration) {
        self.look = false;
        self.left = Some(rest);
        let due = rest.due.unwrap_or(self.pace.look).min(self.pace.look);
        self.claim_due = mono.saturating_add(due.max(Duration::from_millis(5)));
        if let Some(untold) = rest.untold {
            self.tell_due = self.tell_due.min(mono.saturating_add(untold));
        }
    }

    /// One of those under way has ended.
    pub fn ended(&mut self, report: &Report, mono: Duration) {
        self.running = self.running.saturating_sub(1);
        self.changed();
        if report.trouble.as_ref().is_some_and(is_the_accounts) || report.store.is_some() {
            self.trouble(mono);
        }
        if let Some(after) = report.then.as_ref().and_then(crate::Then::more_after) {
            self.due(mono.saturating_add(after));
        }
        if matches!(
            report.then,
            Some(crate::Then::Ended(..) | crate::Then::Unsure(None))
        ) {
            self.last_words = true;
            self.tell_due = mono;
        }
    }

    /// What was told: how many of how many.
    pub fn told(&mut self, events: &[Event], told: usize, mono: Duration) {
        let more = events.len() == TOLD_AT_ONCE && told > 0;
        self.last_words |= more;
        if !events.is_empty() {
            self.changed();
        }
        self.tell_due = if more { mono } else { mono.saturating_add(TELL) };
    }

    /// How many were forgotten.
    pub fn pruned(&mut self, forgotten: usize, mono: Duration) {
        let more = forgotten == PRUNED_AT_ONCE;
        self.prune_due = if more { mono } else { mono.saturating_add(PRUNE) };
    }

    /// The store failed: nothing is asked of it for a while.
    pub fn store_failed(&mut self, mono: Duration) {
        self.trouble(mono);
        let later = self.claim_due;
        self.sweep_due = later;
        self.tell_due = later;
        self.prune_due = later;
        self.look = false;
        self.last_words = false;
    }

    /// Claims nothing for a while.
    fn trouble(&mut self, mono: Duration) {
        let pause = TROUBLE
            .saturating_mul(1 << self.troubles.min(6))
            .min(Duration::from_secs(60));
        self.troubles = self.troubles.saturating_add(1);
        self.claim_due = self.claim_due.max(mono.saturating_add(pause));
    }
}

//! How many at a time, and how fast.

use std::num::NonZeroUsize;
use std::time::Duration;

/// How a runner works: how many at a time, how fast, how often it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    pub(super) concurrency: NonZeroUsize,
    pub(super) interval: Duration,
    pub(super) look: Duration,
    pub(super) claims: Duration,
    pub(super) until_done: bool,
}

impl Pace {
    /// Eight at a time, as fast as they go, until it is stopped. It looks every 200 ms at the latest whether another process
    /// has added or nudged something.
    pub const fn new() -> Self {
        // Not zero, as the compiler checks.
        const EIGHT: NonZeroUsize = NonZeroUsize::MIN.saturating_add(7);
        Self {
            concurrency: EIGHT,
            interval: Duration::ZERO,
            look: Duration::from_millis(200),
            claims: Duration::from_secs(30),
            until_done: false,
        }
    }

    /// How many are under way at the same time, at the most.
    #[must_use]
    pub const fn concurrency(mut self, limit: NonZeroUsize) -> Self {
        self.concurrency = limit;
        self
    }

    /// The least time between the beginnings of two.
    #[must_use]
    pub const fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// How often to look for news of other processes.
    #[must_use]
    pub const fn look_every(mut self, pause: Duration) -> Self {
        self.look = pause;
        self
    }

    /// For how long a verification is claimed before its turn has to come: 30 s unless told otherwise. Those of a process that
    /// died in between are due again after that.
    #[must_use]
    pub const fn claims_for(mut self, lease: Duration) -> Self {
        self.claims = lease;
        self
    }

    /// Ends when every verification has ended and was told, and every picture is kept or lost.
    #[must_use]
    pub const fn until_done(mut self) -> Self {
        self.until_done = true;
        self
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self::new()
    }
}

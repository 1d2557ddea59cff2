//! How a batch is worked off.

use std::fmt;
use std::num::NonZeroUsize;
use std::time::Duration;

use super::callers_rule::StopRule;
use crate::error::Error;
use crate::session::sabotage::Rule;

/// How a batch is worked off.
#[derive(Clone)]
pub struct BatchPolicy {
    concurrency: NonZeroUsize,
    pub(super) interval: Duration,
    stop: Option<StopRule>,
    pub(super) broken: Option<Rule>,
}

impl BatchPolicy {
    /// Eight at a time, as fast as they go, to the end.
    pub const fn new() -> Self {
        // Not zero, as the compiler checks.
        const EIGHT: NonZeroUsize = NonZeroUsize::MIN.saturating_add(7);
        Self {
            concurrency: EIGHT,
            interval: Duration::ZERO,
            stop: None,
            broken: None,
        }
    }

    /// How many are under way at the same time, at the most.
    #[must_use]
    pub const fn concurrency(mut self, limit: NonZeroUsize) -> Self {
        self.concurrency = limit;
        self
    }

    /// The least time between the beginnings of two: a rate limit.
    #[must_use]
    pub const fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// Begins no more after an error for which this says so. What is under way is seen to its end. Without it, a
    /// batch goes to its end with any failure.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU32, Ordering};
    /// use advance_core::{Advice, BatchPolicy};
    ///
    /// // After three refusals of the account it is no use to go on.
    /// let left = AtomicU32::new(3);
    /// let policy = BatchPolicy::new().stop_on(move |error| {
    ///     error.advice() == Advice::CheckAccount && left.fetch_sub(1, Ordering::Relaxed) == 1
    /// });
    /// # drop(policy);
    /// ```
    #[must_use]
    pub fn stop_on(mut self, stop: impl Fn(&Error) -> bool + Send + Sync + 'static) -> Self {
        self.stop = Some(StopRule::new(stop));
        self
    }

    /// Breaks one rule, to see whether anybody notices.
    #[cfg(feature = "sabotage")]
    #[must_use]
    pub const fn sabotaged(mut self, rule: Rule) -> Self {
        self.broken = Some(rule);
        self
    }

    pub(crate) const fn limit(&self) -> usize {
        self.concurrency.get()
    }

    pub(super) fn stops_on(&self, error: &Error) -> bool {
        self.stop.as_ref().is_some_and(|rule| rule.stops_on(error))
    }
}

impl Default for BatchPolicy {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for BatchPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchPolicy")
            .field("concurrency", &self.concurrency)
            .field("interval", &self.interval)
            .field("stops_early", &self.stop.is_some())
            .finish_non_exhaustive()
    }
}

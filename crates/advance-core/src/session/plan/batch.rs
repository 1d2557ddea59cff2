//! Many results at once: which to ask for next, and when. Pure as the rest; the clients bring the concurrency.

use std::num::NonZeroUsize;
use std::time::Duration;

use crate::charge::Charges;
use crate::domain::{SignatureId, Verification};
use crate::error::Error;
use crate::session::Response;
use crate::session::sabotage::{Rule, loses};

/// How a batch is worked off.
#[derive(Clone, Copy, Debug)]
pub struct BatchPolicy {
    concurrency: NonZeroUsize,
    interval: Duration,
    stop: Option<fn(&Error) -> bool>,
    broken: Option<Rule>,
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
    /// batch goes to its end whatever fails.
    #[must_use]
    pub const fn stop_on(mut self, stop: fn(&Error) -> bool) -> Self {
        self.stop = Some(stop);
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
}

impl Default for BatchPolicy {
    fn default() -> Self {
        Self::new()
    }
}

/// One of a batch: its id and how asking for it ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BatchItem {
    /// What was asked for.
    pub signature_id: SignatureId,
    /// How it ended; `None` if the batch was stopped before its turn.
    pub result: Option<Result<Response<Verification>, Error>>,
}

/// A whole batch, in the order in which it was given.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BatchResult {
    /// One for each id, in the order of the ids; an id that was given twice stands twice.
    pub items: Vec<BatchItem>,
    /// What all of it cost, token requests and retries included.
    pub charges: Charges,
}

/// What to do next in a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchStep {
    /// Ask for this one, and tell [`Batch::ended`] with the same number how it ended.
    Begin(usize, SignatureId),
    /// Nothing before this long has passed.
    Wait(Duration),
    /// Nothing before one of those under way has ended.
    Full,
    /// All have ended, or will not begin.
    Finished,
}

/// A batch on its way.
#[derive(Debug)]
pub struct Batch {
    policy: BatchPolicy,
    items: Vec<BatchItem>,
    next: usize,
    running: usize,
    next_start: Duration,
    stopped: bool,
    charges: Charges,
}

impl Batch {
    /// All of these, in this order.
    pub fn new(ids: impl IntoIterator<Item = SignatureId>, policy: BatchPolicy) -> Self {
        let items = ids
            .into_iter()
            .map(|signature_id| BatchItem {
                signature_id,
                result: None,
            })
            .collect();
        Self {
            policy,
            items,
            next: 0,
            running: 0,
            next_start: Duration::ZERO,
            stopped: false,
            charges: Charges::NONE,
        }
    }

    /// How many there are in all.
    pub const fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// What to do at `mono`, a time on the monotonic clock.
    pub fn step(&mut self, mono: Duration) -> BatchStep {
        let Some(item) = self.items.get(self.next).filter(|_| !self.stopped) else {
            return if self.running == 0 {
                BatchStep::Finished
            } else {
                BatchStep::Full
            };
        };
        if self.running >= self.policy.limit() {
            return BatchStep::Full;
        }
        if mono < self.next_start {
            return BatchStep::Wait(self.next_start.saturating_sub(mono));
        }
        let begin = BatchStep::Begin(self.next, item.signature_id.clone());
        self.next += 1;
        self.running += 1;
        self.next_start = mono.saturating_add(self.policy.interval);
        begin
    }

    /// How the one with this number ended. A number that is not under way changes nothing.
    pub fn ended(&mut self, number: usize, result: Result<Response<Verification>, Error>) {
        let begun = number < self.next;
        let Some(item) = self
            .items
            .get_mut(number)
            .filter(|item| begun && item.result.is_none())
        else {
            return;
        };
        self.running -= 1;
        self.charges += match &result {
            Ok(response) => response.charges(),
            Err(error) => error.charges(),
        };
        if let (Err(error), Some(stop)) = (&result, self.policy.stop) {
            self.stopped |= stop(error);
        }
        let lost = loses(self.policy.broken, number);
        item.result = (!lost).then_some(result);
    }

    /// The batch as it stands.
    pub fn into_result(self) -> BatchResult {
        BatchResult {
            items: self.items,
            charges: self.charges,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: fn(u64) -> Duration = Duration::from_secs;

    fn ids(count: usize) -> Vec<SignatureId> {
        (0..count)
            .map(|n| SignatureId::new(format!("id-{n}")).unwrap())
            .collect()
    }

    fn begin(step: &BatchStep) -> usize {
        match step {
            BatchStep::Begin(number, _) => *number,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_limit_holds_and_the_order_is_kept() {
        let policy = BatchPolicy::new().concurrency(NonZeroUsize::new(2).unwrap());
        let mut batch = Batch::new(ids(3), policy);
        assert_eq!((begin(&batch.step(S(0))), begin(&batch.step(S(0)))), (0, 1));
        assert_eq!(batch.step(S(0)), BatchStep::Full);
        batch.ended(1, Err(Error::missing_data()));
        assert_eq!(begin(&batch.step(S(0))), 2);
        batch.ended(2, Err(Error::missing_data()));
        assert_eq!(batch.step(S(0)), BatchStep::Full);
        batch.ended(0, Err(Error::missing_data()));
        assert_eq!(batch.step(S(0)), BatchStep::Finished);
        let names: Vec<_> = batch
            .into_result()
            .items
            .iter()
            .map(|item| item.signature_id.to_string())
            .collect();
        assert_eq!(names, ["id-0", "id-1", "id-2"]);
    }

    #[test]
    fn an_interval_is_a_rate_limit() {
        let mut batch = Batch::new(ids(2), BatchPolicy::new().interval(S(2)));
        begin(&batch.step(S(10)));
        assert_eq!(batch.step(S(11)), BatchStep::Wait(S(1)));
        begin(&batch.step(S(12)));
    }

    #[test]
    fn it_stops_early_only_when_asked_to() {
        let stop = |error: &Error| error.kind() == crate::ErrorKind::MissingData;
        for (policy, last) in [(BatchPolicy::new(), 3), (BatchPolicy::new().stop_on(stop), 1)] {
            let policy = policy.concurrency(NonZeroUsize::MIN);
            let mut batch = Batch::new(ids(3), policy);
            while let BatchStep::Begin(number, _) = batch.step(S(0)) {
                batch.ended(number, Err(Error::missing_data()));
            }
            let done = batch
                .into_result()
                .items
                .iter()
                .filter(|item| item.result.is_some())
                .count();
            assert_eq!(done, last);
        }
    }

    #[test]
    fn a_number_that_is_not_under_way_changes_nothing() {
        let mut batch = Batch::new(ids(1), BatchPolicy::new());
        batch.ended(0, Err(Error::missing_data()));
        batch.ended(7, Err(Error::missing_data()));
        let number = begin(&batch.step(S(0)));
        batch.ended(number, Err(Error::missing_data()));
        batch.ended(number, Err(Error::dead_token()));
        let result = batch.into_result();
        assert_eq!(
            result.items[0]
                .result
                .as_ref()
                .unwrap()
                .as_ref()
                .unwrap_err()
                .kind(),
            crate::ErrorKind::MissingData
        );
    }

    #[test]
    fn what_failures_cost_is_added_up() {
        let mut batch = Batch::new(ids(2), BatchPolicy::default());
        for unknown in [1, 2] {
            let number = begin(&batch.step(S(0)));
            let cost = Charges {
                unknown,
                ..Charges::NONE
            };
            batch.ended(number, Err(Error::missing_data().with_totals(cost, 1)));
        }
        assert_eq!(batch.into_result().charges.unknown, 3);
    }

    #[test]
    fn an_empty_batch_is_finished() {
        let (none, three) = (
            Batch::new([], BatchPolicy::new()),
            Batch::new(ids(3), BatchPolicy::new()),
        );
        assert_eq!(
            (none.len(), none.is_empty(), three.len(), three.is_empty()),
            (0, true, 3, false)
        );
        assert_eq!(Batch::new([], BatchPolicy::new()).step(S(0)), BatchStep::Finished);
    }
}

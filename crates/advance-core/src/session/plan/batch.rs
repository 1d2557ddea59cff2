//! Many results at once: which to ask for next, and when. Pure as the rest; the clients bring the concurrency.

use std::collections::VecDeque;
use std::time::Duration;

use super::BatchPolicy;
use crate::charge::Charges;
use crate::domain::{SignatureId, Verification};
use crate::error::Error;
use crate::session::Response;
use crate::session::sabotage::loses;

/// One of a batch: its id and how asking for it ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BatchItem {
    /// Its place in the batch, from zero.
    pub index: usize,
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

/// What is left of a batch that is given up before its end.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BatchRest {
    /// What had come and was not taken, in the order in which it came. It may have been paid for.
    pub came: Vec<BatchItem>,
    /// What was being asked for and was dropped. A request of it may have been charged, so another question may be a second
    /// charge.
    pub dropped: Vec<SignatureId>,
    /// What was never asked for.
    pub unasked: Vec<SignatureId>,
    /// What all of the batch cost, from its beginning. A request that was dropped under way counts as of unknown cost.
    pub charges: Charges,
}

/// What to do next in a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchStep {
    /// Ask for this one, and tell [`Batch::ended`] with the same number how it ended.
    Begin(usize, SignatureId),
    /// Nothing before this long has passed.
    Wait(Duration),
    /// Nothing before one of those under way has ended, or, [one by one](Batch::one_by_one), was taken.
    Full,
    /// All have ended, or will not begin.
    Finished,
}

/// A batch on its way.
///
/// To have the results as they come, make it [`one_by_one`](Self::one_by_one) and [`take`](Self::take) each; to have all of
/// them in the end, tell it how each [`ended`](Self::ended) until it is finished, and ask for its
/// [result](Self::into_result).
#[derive(Debug)]
pub struct Batch {
    policy: BatchPolicy,
    slots: Vec<Slot>,
    next: usize,
    running: usize,
    /// Those that ended and were not taken, in that order.
    came: VecDeque<usize>,
    taken_one_by_one: bool,
    next_start: Duration,
    stopped: bool,
    charges: Charges,
}

#[derive(Debug)]
struct Slot {
    signature_id: SignatureId,
    state: State,
}

#[derive(Debug)]
enum State {
    Unasked,
    UnderWay,
    Ended(Box<Result<Response<Verification>, Error>>),
    /// Taken, or lost where the rule is broken that none is.
    Gone,
}

impl Slot {
    /// One that was begun and is not known to have sent anything has not been asked for either.
    const fn is_unasked(&self) -> bool {
        matches!(self.state, State::Unasked | State::UnderWay)
    }

    fn item(self, index: usize) -> BatchItem {
        BatchItem {
            index,
            signature_id: self.signature_id,
            result: match self.state {
                State::Ended(result) => Some(*result),
                State::Unasked | State::UnderWay | State::Gone => None,
            },
        }
    }
}

impl Batch {
    /// All of these, in this order.
    pub fn new(ids: impl IntoIterator<Item = SignatureId>, policy: BatchPolicy) -> Self {
        let slots = ids
            .into_iter()
            .map(|signature_id| Slot {
                signature_id,
                state: State::Unasked,
            })
            .collect();
        Self {
            policy,
            slots,
            next: 0,
            running: 0,
            came: VecDeque::new(),
            taken_one_by_one: false,
            next_start: Duration::ZERO,
            stopped: false,
            charges: Charges::NONE,
        }
    }

    /// The same, for a caller who takes each result as it comes. What has come and was not taken counts as under way, so
    /// that a caller who is slow, or ends, has paid for no more than the policy's
    /// [concurrency](BatchPolicy::concurrency) in advance.
    pub fn one_by_one(ids: impl IntoIterator<Item = SignatureId>, policy: BatchPolicy) -> Self {
        Self {
            taken_one_by_one: true,
            ..Self::new(ids, policy)
        }
    }

    /// How many there are in all.
    pub const fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// What the batch has cost so far.
    pub const fn charges(&self) -> Charges {
        self.charges
    }

    /// What to do at `mono`, a time on the monotonic clock.
    pub fn step(&mut self, mono: Duration) -> BatchStep {
        let Some(slot) = self.slots.get_mut(self.next).filter(|_| !self.stopped) else {
            return if self.running == 0 {
                BatchStep::Finished
            } else {
                BatchStep::Full
            };
        };
        let untaken = if self.taken_one_by_one { self.came.len() } else { 0 };
        if self.running + untaken >= self.policy.limit() {
            return BatchStep::Full;
        }
        if mono < self.next_start {
            return BatchStep::Wait(self.next_start.saturating_sub(mono));
        }
        slot.state = State::UnderWay;
        let begin = BatchStep::Begin(self.next, slot.signature_id.clone());
        self.next += 1;
        self.running += 1;
        self.next_start = mono.saturating_add(self.policy.interval);
        begin
    }

    /// How the one with this number ended. A number that is not under way changes nothing.
    ///
    /// # Panics
    /// If [`stop_on`](BatchPolicy::stop_on) does; the result is kept all the same.
    pub fn ended(&mut self, number: usize, result: Result<Response<Verification>, Error>) {
        let Some(slot) = self.slots.get_mut(number) else {
            return;
        };
        if !matches!(slot.state, State::UnderWay) {
            return;
        }
        self.running -= 1;
        self.charges += match &result {
            Ok(response) => response.charges(),
            Err(error) => error.charges(),
        };
        if loses(self.policy.broken, number) {
            slot.state = State::Gone;
            return;
        }
        slot.state = State::Ended(Box::new(result));
        self.came.push_back(number);
        // At last: it is the caller's own, and what has come must not be lost with it.
        if let State::Ended(result) = &slot.state
            && let Err(error) = &**result
        {
            self.stopped |= self.policy.stops_on(error);
        }
    }

    /// The next one that has ended, in the order in which they end; each comes once.
    pub fn take(&mut self) -> Option<BatchItem> {
        let index = self.came.pop_front()?;
        let slot = self.slots.get_mut(index)?;
        let taken = Slot {
            signature_id: slot.signature_id.clone(),
            state: std::mem::replace(&mut slot.state, State::Gone),
        };
        Some(taken.item(index))
    }

    /// Begins no more. What is under way still comes.
    pub const fn stop(&mut self) {
        self.stopped = true;
    }

    /// The batch as it stands; what was taken is no longer in it.
    pub fn into_result(self) -> BatchResult {
        let slots = self.slots.into_iter().enumerate();
        BatchResult {
            items: slots.map(|(index, slot)| slot.item(index)).collect(),
            charges: self.charges,
        }
    }

    /// What is left of it, where it is given up. `dropped` are the numbers of those that were dropped under way after they
    /// had sent anything, and what each of them had cost.
    pub fn into_rest(mut self, dropped: impl IntoIterator<Item = (usize, Charges)>) -> BatchRest {
        let came = std::iter::from_fn(|| self.take()).collect();
        let mut rest = BatchRest {
            came,
            dropped: Vec::new(),
            unasked: Vec::new(),
            charges: self.charges,
        };
        for (number, charges) in dropped {
            let Some(slot) = self.slots.get_mut(number) else {
                continue;
            };
            if matches!(slot.state, State::UnderWay) {
                slot.state = State::Gone;
                rest.dropped.push(slot.signature_id.clone());
                rest.charges += charges;
            }
        }
        let unasked = self.slots.into_iter().filter(Slot::is_unasked);
        rest.unasked = unasked.map(|slot| slot.signature_id).collect();
        rest
    }
}

/// Only threads ask this.
#[cfg(not(target_arch = "wasm32"))]
impl Batch {
    pub(crate) const fn limit(&self) -> usize {
        self.policy.limit()
    }

    /// Whether every one has begun that will.
    pub(crate) const fn is_all_begun(&self) -> bool {
        self.stopped || self.next == self.slots.len()
    }

    /// Whether all have ended, or will not begin.
    pub(crate) const fn is_over(&self) -> bool {
        self.running == 0 && self.is_all_begun()
    }

    /// One that is under way will not end.
    pub(crate) const fn lost(&mut self) {
        self.running -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::num::NonZeroUsize;

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

    #[test]
    fn one_by_one_no_more_is_asked_for_than_is_taken() {
        let two = BatchPolicy::new().concurrency(NonZeroUsize::new(2).unwrap());
        let mut batch = Batch::one_by_one(ids(4), two);
        assert_eq!((begin(&batch.step(S(0))), begin(&batch.step(S(0)))), (0, 1));
        batch.ended(1, Err(Error::missing_data()));
        // It has come, and was not taken.
        assert_eq!(batch.step(S(0)), BatchStep::Full);
        let item = batch.take().unwrap();
        assert_eq!((item.index, item.signature_id.as_str()), (1, "id-1"));
        assert!(item.result.is_some() && batch.take().is_none());
        assert_eq!(begin(&batch.step(S(0))), 2);
    }

    #[test]
    fn what_is_given_up_says_what_is_left_and_what_it_cost() {
        let mut batch = Batch::one_by_one(ids(5), BatchPolicy::new());
        for expected in 0..3 {
            assert_eq!(begin(&batch.step(S(0))), expected);
        }
        let unknown = Charges {
            unknown: 1,
            ..Charges::NONE
        };
        for number in [2, 0] {
            batch.ended(number, Err(Error::missing_data().with_totals(unknown, 1)));
        }
        assert_eq!(batch.take().unwrap().index, 2);
        batch.stop();
        assert_eq!(batch.step(S(0)), BatchStep::Full);
        assert_eq!(batch.charges().unknown, 2);
        let rest = batch.into_rest([(1, unknown), (0, unknown), (4, unknown)]);
        let came: Vec<_> = rest.came.iter().map(|item| item.index).collect();
        let names = |ids: &[SignatureId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!((came, rest.charges.unknown), (vec![0], 3));
        assert_eq!(names(&rest.dropped), ["id-1"]);
        assert_eq!(names(&rest.unasked), ["id-3", "id-4"]);
    }

    #[test]
    fn a_panic_of_a_stop_loses_nothing() {
        let mut batch = Batch::new(ids(1), BatchPolicy::new().stop_on(|_| panic!("a caller's own")));
        let number = begin(&batch.step(S(0)));
        let ends = std::panic::AssertUnwindSafe(|| batch.ended(number, Err(Error::missing_data())));
        assert!(std::panic::catch_unwind(ends).is_err());
        assert_eq!(batch.step(S(0)), BatchStep::Finished);
        let rest = batch.into_rest([]);
        assert_eq!((rest.came.len(), rest.unasked.len()), (1, 0));
    }
}

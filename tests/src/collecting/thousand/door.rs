//! What the vendor's door sees of a thousand workers: the rate, and what is asked while it is to be left alone.

use std::num::NonZeroU32;
use std::time::Duration;

use advance_collector::rate::{Rate, RateRow, Slot};
use advance_core::UnixMillis;

/// The rate's clock counts in milliseconds.
const GRAIN: u64 = 1_000;

/// After a wait of this length a worker asks once more whether everybody is held back; see `advance_collector::rate::Paced`.
pub(super) const LONG_WAIT: Duration = Duration::from_millis(100);

/// A turn that is used so much later is taken anew; see there as well.
pub(super) const LATE: Duration = Duration::from_millis(250);

/// The pace that all share, and what comes of it. Times are in microseconds since the beginning.
pub(super) struct Door {
    rate: Rate,
    /// One row, or one for each worker.
    rows: Vec<RateRow>,
    /// When the next request would come if all came evenly.
    next: u64,
    /// From when until when all are to leave the vendor alone.
    alone: (u64, u64),
    pub(super) requests: u64,
    pub(super) above: u64,
    pub(super) ignored: u64,
}

impl Door {
    /// A pace that is shared, or one for each of so many workers.
    pub(super) fn new(rate: NonZeroU32, paces: usize) -> Self {
        Self {
            rate: Rate::per_second(rate).burst(BURST),
            rows: vec![RateRow::default(); paces],
            next: 0,
            alone: (0, 0),
            requests: 0,
            above: 0,
            ignored: 0,
        }
    }

    fn row(&mut self, worker: usize) -> &mut RateRow {
        let paces = self.rows.len();
        &mut self.rows[worker % paces]
    }

    pub(super) fn take(&mut self, worker: usize, at_most: Duration, now: UnixMillis) -> Slot {
        let rate = self.rate;
        self.row(worker).take(&rate, at_most, now)
    }

    pub(super) fn is_held(&mut self, worker: usize, now: UnixMillis) -> bool {
        !self.row(worker).held(now).is_zero()
    }

    /// A worker has heard that the vendor wants to be left alone.
    pub(super) fn hold(&mut self, worker: usize, pause: Duration, now: UnixMillis, at: u64) {
        self.row(worker).hold(pause, now);
        // Who had a turn within the next moment does not ask again.
        let heard = at + micros(LONG_WAIT);
        let until = at + micros(pause) - GRAIN;
        let from = if heard > self.alone.1 { heard } else { self.alone.0 };
        self.alone = (from, until.max(self.alone.1));
    }

    /// A request has come.
    pub(super) fn came(&mut self, at: u64) {
        self.requests += 1;
        self.ignored += u64::from((self.alone.0..self.alone.1).contains(&at));
        let due = self.next.max(at);
        self.above += u64::from(due > at + self.rate.tolerance_micros() + GRAIN);
        self.next = due + self.rate.interval_micros();
    }
}

/// So many may come at once after a rest.
const BURST: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);

pub(super) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

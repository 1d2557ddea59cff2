//! Two clocks of this machine and one of the vendor, none of them real.

use std::time::Duration;

use advance_core::{Now, UnixMillis};
use advance_sandbox::UnixMs;

/// The vendor's time when a run begins: 2024-02-21.
const BEGIN: u64 = 1_708_509_899_000;

pub(super) struct Clock {
    /// Time since the run began, which is the monotonic clock as well.
    pub(super) at: Duration,
    /// The client's wall clock minus the vendor's.
    skew_ms: i64,
    drift_ppm: i64,
    absurd: Option<u64>,
    /// How long this machine has slept in all, which its monotonic clock knows nothing of.
    slept: Duration,
    woke: Option<UnixMs>,
}

impl Clock {
    pub(super) const fn new(skew_ms: i64, drift_ppm: i64) -> Self {
        Self {
            at: Duration::ZERO,
            skew_ms,
            drift_ppm,
            absurd: None,
            slept: Duration::ZERO,
            woke: None,
        }
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.at.as_millis()).unwrap_or(u64::MAX)
    }

    /// The vendor's time. The vendor never errs.
    pub(super) fn vendor(&self) -> UnixMs {
        UnixMs(BEGIN + self.elapsed_ms()).after(self.slept)
    }

    /// How far the client's wall clock is off, in milliseconds; nothing if it is absurd.
    pub(super) fn error_ms(&self) -> Option<i64> {
        let drift = i64::try_from(self.elapsed_ms()).unwrap_or(i64::MAX) / 1_000 * self.drift_ppm / 1_000;
        self.absurd.is_none().then(|| self.skew_ms.saturating_add(drift))
    }

    pub(super) fn client(&self) -> Now {
        let wall = match (self.absurd, self.error_ms()) {
            (None, Some(error)) => self.vendor().shifted(error).as_millis(),
            (absurd, _) => absurd.unwrap_or(0),
        };
        Now {
            wall: UnixMillis::new(wall),
            mono: self.at,
        }
    }

    pub(super) const fn jump(&mut self, by_ms: i64) {
        self.skew_ms = self.skew_ms.saturating_add(by_ms);
    }

    pub(super) fn sleep(&mut self, long: Duration) {
        self.slept += long;
        self.woke = Some(self.vendor());
    }

    /// When it woke last, by the vendor's time.
    pub(super) const fn woke(&self) -> Option<UnixMs> {
        self.woke
    }

    pub(super) const fn stand_at(&mut self, wall: u64) {
        self.absurd = Some(wall);
    }

    pub(super) const fn run_again(&mut self) {
        self.absurd = None;
    }
}

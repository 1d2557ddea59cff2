//! The vendor's clock: real time, moved, stopped or sped up.

use std::time::Duration;

use serde::Serialize;

use super::time::UnixMs;

/// The fastest that the clock runs.
pub const MAX_SPEED: f64 = 1_000_000.0;

/// The vendor's clock. Tokens, links, images, timestamps, scenarios and the `Date` header go by it.
///
/// It has no time of its own: each question names the real time, so that the model stays pure. By default it says the
/// real time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Clock {
    /// What it said when it was last touched…
    #[serde(skip)]
    shown: UnixMs,
    /// …at this real time.
    #[serde(skip)]
    real: UnixMs,
    /// By how much it was put forward since then, in milliseconds.
    #[serde(skip)]
    moved: i64,
    speed: f64,
    frozen: bool,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            shown: UnixMs(0),
            real: UnixMs(0),
            moved: 0,
            speed: 1.0,
            frozen: false,
        }
    }
}

impl Clock {
    /// What the clock says at the real time `real`.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a product of time and speed, neither negative; casts of floats saturate"
    )]
    pub fn at(&self, real: UnixMs) -> UnixMs {
        if self.frozen {
            return self.shown.shifted(self.moved);
        }
        let passed = real.as_millis().saturating_sub(self.real.as_millis());
        // Without rounding at the speed of nearly every clock.
        let passed = if (self.speed - 1.0).abs() < f64::EPSILON {
            passed
        } else {
            (passed as f64 * self.speed) as u64
        };
        self.shown
            .after(Duration::from_millis(passed))
            .shifted(self.moved)
    }

    /// Whether it stands still.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        self.frozen
    }

    /// How many of its seconds pass in one real second.
    #[must_use]
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// Puts it forward by `by_ms` milliseconds, or back if that is negative, whether it runs or not.
    pub fn advance(&mut self, by_ms: i64) {
        self.moved = self.moved.saturating_add(by_ms);
    }

    /// Sets it to `shown`, at the real time `real`.
    pub fn set(&mut self, shown: UnixMs, real: UnixMs) {
        self.shown = shown;
        self.real = real;
        self.moved = 0;
    }

    /// Stops it at the real time `real`. Stopping it twice changes nothing.
    pub fn freeze(&mut self, real: UnixMs) {
        self.set(self.at(real), real);
        self.frozen = true;
    }

    /// Lets it run on from where it stands.
    pub fn resume(&mut self, real: UnixMs) {
        self.set(self.at(real), real);
        self.frozen = false;
    }

    /// Lets it run at `speed` from the real time `real` on: 60 is a minute a second. Says whether the speed is one: more
    /// than 0 and at most [`MAX_SPEED`].
    pub fn run_at(&mut self, speed: f64, real: UnixMs) -> bool {
        let is_speed = speed > 0.0 && speed <= MAX_SPEED;
        if is_speed {
            self.set(self.at(real), real);
            self.speed = speed;
        }
        is_speed
    }

    /// Says the real time again.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_the_real_time_until_it_is_touched() {
        let mut clock = Clock::default();
        assert_eq!(clock.at(UnixMs(1_665_993_522_952)), UnixMs(1_665_993_522_952));
        assert_eq!(clock.at(UnixMs(u64::MAX)), UnixMs(u64::MAX));
        clock.advance(90_000_000);
        assert_eq!(clock.at(UnixMs(1_000)), UnixMs(90_001_000));
        clock.advance(-90_000_400);
        assert_eq!(clock.at(UnixMs(1_000)), UnixMs(600));
        clock.reset();
        assert_eq!(clock.at(UnixMs(1_000)), UnixMs(1_000));
    }

    #[test]
    fn a_frozen_clock_can_be_moved_and_runs_on_from_there() {
        let mut clock = Clock::default();
        clock.freeze(UnixMs(1_000));
        assert_eq!(clock.at(UnixMs(9_000)), UnixMs(1_000));
        clock.advance(500);
        clock.advance(-100);
        assert_eq!(clock.at(UnixMs(9_000)), UnixMs(1_400));
        clock.resume(UnixMs(10_000));
        assert_eq!(clock.at(UnixMs(10_007)), UnixMs(1_407));
        clock.set(UnixMs(5), UnixMs(20_000));
        assert_eq!(clock.at(UnixMs(20_001)), UnixMs(6));
    }

    #[test]
    fn runs_as_fast_as_it_is_told() {
        let mut clock = Clock::default();
        assert!(clock.run_at(60.0, UnixMs(1_000)));
        assert_eq!(clock.at(UnixMs(2_000)), UnixMs(61_000));
        assert!(clock.run_at(0.5, UnixMs(2_000)));
        assert_eq!(clock.at(UnixMs(4_000)), UnixMs(62_000));
        for speed in [0.0, -1.0, f64::NAN, f64::INFINITY, 2e6] {
            assert!(!clock.run_at(speed, UnixMs(9_000)), "{speed}");
        }
        assert_eq!(clock.speed().to_bits(), 0.5_f64.to_bits());
        assert_eq!(
            clock.at(UnixMs(0)),
            UnixMs(61_000),
            "a wall clock that is put back does not take it along"
        );
    }
}

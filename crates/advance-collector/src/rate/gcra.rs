//! The rule: the generic cell rate algorithm, as ATM networks have it (ITU-T I.371), with turns that are taken in advance.

use std::num::NonZeroU32;
use std::time::Duration;

use advance_core::UnixMillis;

/// How fast: evenly, and so many at once after a rest.
///
/// In any stretch of time no more begin than the burst and one for each interval that it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    interval: Duration,
    burst: NonZeroU32,
}

/// No hold is longer, and no turn is further off: one reply, or one clock that was wrong, stops a fleet for no longer.
pub const LONGEST_HOLD: Duration = Duration::from_secs(60);

impl Rate {
    /// So many a second, none of them at once.
    pub fn per_second(count: NonZeroU32) -> Self {
        Self::every(Duration::from_secs(1) / count.get())
    }

    /// One every so often: a microsecond at the least, and a day at the most.
    pub fn every(interval: Duration) -> Self {
        const DAY: Duration = Duration::from_secs(24 * 3_600);
        Self {
            interval: interval.clamp(Duration::from_micros(1), DAY),
            burst: NonZeroU32::MIN,
        }
    }

    /// So many may begin at once after a rest that is long enough.
    #[must_use]
    pub const fn burst(mut self, count: NonZeroU32) -> Self {
        self.burst = count;
        self
    }

    /// The time between two, in microseconds.
    pub fn interval_micros(&self) -> u64 {
        micros(self.interval)
    }

    /// How early one may come after those before it, in microseconds.
    pub fn tolerance_micros(&self) -> u64 {
        let early = u64::from(self.burst.get() - 1);
        self.interval_micros().saturating_mul(early)
    }
}

/// A turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// It is the caller's, after this long.
    In(Duration),
    /// None was taken, for the next one comes after this long.
    Later(Duration),
}

/// What a store keeps of one name. Times are in microseconds since 1970 by the store's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateRow {
    /// When the next one would come if all came evenly.
    pub next: u64,
    /// Until when everybody is held back.
    pub held_until: u64,
}

impl RateRow {
    /// A row as it was kept.
    pub const fn new(next: u64, held_until: u64) -> Self {
        Self { next, held_until }
    }

    /// Takes the next turn, unless it comes later than `at_most` from now, or than [`LONGEST_HOLD`].
    pub fn take(&mut self, rate: &Rate, at_most: Duration, now: UnixMillis) -> Slot {
        let now = now.get().saturating_mul(1_000);
        // The turn before it was no further off than any may be, and may have come early.
        let ahead = rate.tolerance_micros().saturating_add(rate.interval_micros());
        let next = honest(self.next, now, ahead).max(now);
        let start =
            next.saturating_sub(rate.tolerance_micros())
                .max(now)
                .max(honest(self.held_until, now, 0));
        let wait = Duration::from_micros(start - now);
        if wait > at_most.min(LONGEST_HOLD) {
            return Slot::Later(wait);
        }
        self.next = next.max(start).saturating_add(rate.interval_micros());
        Slot::In(wait)
    }

    /// Holds everybody back from now on.
    pub fn hold(&mut self, pause: Duration, now: UnixMillis) {
        let now = now.get().saturating_mul(1_000);
        let until = now.saturating_add(micros(pause.min(LONGEST_HOLD)));
        self.held_until = honest(self.held_until, now, 0).max(until);
    }

    /// How much longer everybody is held back.
    pub fn held(&self, now: UnixMillis) -> Duration {
        let now = now.get().saturating_mul(1_000);
        Duration::from_micros(honest(self.held_until, now, 0).saturating_sub(now))
    }
}

/// A time further ahead than a hold and so much more was written before the clock was set back, and has passed.
fn honest(time: u64, now: u64, ahead: u64) -> u64 {
    if time > now.saturating_add(micros(LONGEST_HOLD)).saturating_add(ahead) {
        0
    } else {
        time
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;
    const LONG: Duration = Duration::from_secs(3_600);

    fn count(number: u32) -> NonZeroU32 {
        NonZeroU32::new(number).unwrap()
    }

    /// When so many that come at these milliseconds begin.
    fn begins(rate: &Rate, arrivals: &[u64]) -> Vec<u64> {
        let mut row = RateRow::default();
        arrivals
            .iter()
            .map(|at| match row.take(rate, LONG, UnixMillis::new(*at)) {
                Slot::In(wait) => *at + u64::try_from(wait.as_millis()).unwrap(),
                Slot::Later(wait) => panic!("later by {wait:?}"),
            })
            .collect()
    }

    #[test]
    fn turns_are_evenly_spaced_and_a_rest_allows_a_burst() {
        let rate = Rate::every(MS(100));
        assert_eq!(begins(&rate, &[1_000; 4]), [1_000, 1_100, 1_200, 1_300]);
        assert_eq!(begins(&rate, &[1_000, 1_050, 1_500]), [1_000, 1_100, 1_500]);
        let rate = rate.burst(count(3));
        assert_eq!(begins(&rate, &[1_000; 5]), [1_000, 1_000, 1_000, 1_100, 1_200]);
        assert_eq!(
            begins(&rate, &[1_000, 1_000, 1_000, 9_000, 9_000, 9_000, 9_000]),
            [1_000, 1_000, 1_000, 9_000, 9_000, 9_000, 9_100]
        );
    }

    #[test]
    fn no_window_has_more_than_its_share() {
        let rate = Rate::every(MS(7)).burst(count(4));
        let mut dice = 9_u64;
        let mut at = 1_000;
        let arrivals: Vec<_> = std::iter::repeat_with(|| {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            at += (dice >> 33) % 11;
            at
        })
        .take(3_000)
        .collect();
        let begins = begins(&rate, &arrivals);
        for (first, begun) in begins.iter().enumerate() {
            for length in [1, 7, 20, 50, 300] {
                let within = begins[first..]
                    .iter()
                    .take_while(|other| **other < begun + length);
                let share = 4 + length / 7 + u64::from(length % 7 > 0);
                assert!(within.count() as u64 <= share, "{length} ms from {begun}");
            }
        }
    }

    #[test]
    fn a_turn_that_comes_too_late_is_not_taken() {
        let rate = Rate::every(MS(100));
        let (mut row, now) = (RateRow::default(), UnixMillis::new(1_000));
        assert_eq!(row.take(&rate, Duration::ZERO, now), Slot::In(Duration::ZERO));
        let before = row;
        assert_eq!(row.take(&rate, MS(99), now), Slot::Later(MS(100)));
        assert_eq!(row, before);
        assert_eq!(row.take(&rate, MS(100), now), Slot::In(MS(100)));
    }

    #[test]
    fn a_hold_holds_and_what_comes_after_it_keeps_to_the_rate() {
        let rate = Rate::every(MS(100)).burst(count(9));
        let (mut row, now) = (RateRow::default(), UnixMillis::new(1_000));
        row.hold(MS(5_000), now);
        row.hold(MS(10), now);
        assert_eq!(row.held(now), MS(5_000), "a shorter hold ends no longer one");
        assert_eq!(row.take(&rate, MS(10), now), Slot::Later(MS(5_000)));
        let waits: Vec<_> = (0..3).map(|_| row.take(&rate, LONG, now)).collect();
        assert_eq!(waits, [Slot::In(MS(5_000)); 3]);
        row.hold(Duration::MAX, now);
        assert_eq!(row.held(now), LONGEST_HOLD);
        assert_eq!(row.held(UnixMillis::new(3_700_000)), Duration::ZERO);
    }

    #[test]
    fn one_reply_holds_a_fleet_for_a_minute_at_the_most() {
        let (mut row, now) = (RateRow::default(), UnixMillis::new(1_000));
        row.hold(Duration::from_secs(3_600), now);
        assert_eq!(row.held(now), Duration::from_secs(60));
    }

    #[test]
    fn a_clock_that_is_set_back_holds_requests_up_for_a_minute_at_the_most() {
        let day = Duration::from_secs(24 * 3_600);
        for rate in [
            Rate::every(MS(100)),
            Rate::every(MS(100)).burst(count(9)),
            Rate::every(day),
        ] {
            for hours in [0_u64, 1, 24, 72] {
                let (mut row, back) = (RateRow::default(), hours * 3_600_000 + 61_000);
                let before = UnixMillis::new(1_000_000 + back);
                for _ in 0..20 {
                    row.take(&rate, LONG, before);
                }
                row.hold(MS(5_000), before);
                let now = UnixMillis::new(1_000_000);
                let interval = Duration::from_micros(rate.interval_micros());
                let (Slot::In(wait) | Slot::Later(wait)) = row.take(&rate, LONG, now);
                assert!(
                    wait <= LONGEST_HOLD + interval,
                    "{wait:?} after {hours} h at {rate:?}"
                );
                assert!(row.held(now) <= LONGEST_HOLD, "{hours} h at {rate:?}");
            }
        }
    }

    #[test]
    fn what_is_honest_is_believed_at_any_rate() {
        let day = Duration::from_secs(24 * 3_600);
        for rate in [
            Rate::every(day),
            Rate::every(MS(7_000)).burst(count(1_000)),
            Rate::every(MS(1)),
        ] {
            let (mut row, now) = (RateRow::default(), UnixMillis::new(1_000_000));
            row.hold(LONGEST_HOLD, now);
            let mut waits: Vec<_> = std::iter::repeat_with(|| row.take(&rate, LONG, now))
                .take(1_100)
                .collect();
            assert_eq!(waits[0], Slot::In(LONGEST_HOLD), "{rate:?}");
            assert!(matches!(waits.pop(), Some(Slot::Later(_))), "{rate:?}");
        }
    }
}

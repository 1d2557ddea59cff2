//! Time as a value: the core is told what time it is and never asks.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A point in wall-clock time: whole milliseconds since the Unix epoch, the unit of every time on this wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
pub struct UnixMillis(u64);

impl UnixMillis {
    /// This many milliseconds after 1970-01-01T00:00:00Z.
    pub const fn new(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The same for a column of SQL; the end of time where it does not fit.
    pub const fn to_i64(self) -> i64 {
        if self.0 > i64::MAX as u64 {
            i64::MAX
        } else {
            self.0.cast_signed()
        }
    }

    /// What [`to_i64`](Self::to_i64) wrote; none for a time before 1970.
    pub const fn from_i64(millis: i64) -> Option<Self> {
        if millis < 0 {
            None
        } else {
            Some(Self(millis.cast_unsigned()))
        }
    }

    /// The same instant, later by `duration`; stays at the end of time instead of overflowing.
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(whole_millis(duration)))
    }

    /// How long after `earlier` this is; zero if it is not after it.
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// This instant moved by a signed number of milliseconds, kept within what can be represented.
    #[must_use]
    pub const fn offset_by(self, millis: i64) -> Self {
        Self(self.0.saturating_add_signed(millis))
    }

    /// Signed distance `self - other` in milliseconds, kept within what can be represented.
    pub const fn distance_from(self, other: Self) -> i64 {
        let magnitude = self.0.abs_diff(other.0);
        // Bounded by `i64::MAX` first, so that the cast cannot wrap.
        let magnitude = if magnitude > i64::MAX as u64 {
            i64::MAX
        } else {
            magnitude.cast_signed()
        };
        if self.0 >= other.0 { magnitude } else { -magnitude }
    }
}

impl From<SystemTime> for UnixMillis {
    /// Rounds down to the millisecond; a time before the epoch becomes the epoch.
    fn from(time: SystemTime) -> Self {
        Self(time.duration_since(UNIX_EPOCH).map_or(0, whole_millis))
    }
}

impl fmt::Display for UnixMillis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ms since 1970", self.0)
    }
}

fn whole_millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// What time it is, by both clocks that matter.
///
/// The wall clock signs requests and is compared with the server's `Date`. It may jump. The monotonic clock bounds calls,
/// attempts and leases. It may not jump, but on some platforms it stands still while the machine sleeps: std's `Instant`
/// does on Linux and Android (`CLOCK_MONOTONIC`) and on macOS and iOS (`CLOCK_UPTIME_RAW`), and so does a browser's
/// `performance.now()` in some; on Windows it goes on. So what grows old (a token, a link, a cool-down) does so by
/// whichever clock went further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Wall clock.
    pub wall: UnixMillis,
    /// Time since any fixed point that stays the same for the life of a session, such as the start of the program.
    pub mono: Duration,
}

impl Now {
    /// From what std's clocks say: `SystemTime::now()` and `origin.elapsed()` for an `Instant` taken once.
    pub fn new(wall: SystemTime, mono: Duration) -> Self {
        Self {
            wall: wall.into(),
            mono,
        }
    }

    /// What time it was so long ago, as far as that can be said.
    pub(crate) fn earlier(self, ago: Duration) -> Self {
        Self {
            wall: UnixMillis(self.wall.0.saturating_sub(whole_millis(ago))),
            mono: self.mono.saturating_sub(ago),
        }
    }

    /// How much time has passed since then, by the clock that went further: the monotonic one stands still while a
    /// machine sleeps, and the wall clock may have been set back. For what may safely be thought older than it is.
    pub fn since(self, earlier: Self) -> Duration {
        let mono = self.mono.saturating_sub(earlier.mono);
        mono.max(self.wall.saturating_since(earlier.wall))
    }
}

/// A stretch of monotonic time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    start: Duration,
    end: Duration,
}

impl Lifetime {
    /// From `start` for `length`.
    pub const fn new(start: Duration, length: Duration) -> Self {
        Self {
            start,
            end: start.saturating_add(length),
        }
    }

    /// When it began.
    pub const fn start(&self) -> Duration {
        self.start
    }

    /// When it ends.
    pub const fn end(&self) -> Duration {
        self.end
    }

    /// How long it is in all.
    pub const fn length(&self) -> Duration {
        self.end.saturating_sub(self.start)
    }

    /// How much is left at `mono`; zero once it is over.
    pub const fn remaining(&self, mono: Duration) -> Duration {
        self.end.saturating_sub(mono)
    }

    /// Whether nothing is left at `mono`.
    pub fn is_over(&self, mono: Duration) -> bool {
        mono >= self.end
    }

    /// How long ago it began.
    pub const fn age(&self, mono: Duration) -> Duration {
        mono.saturating_sub(self.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_is_signed_and_cannot_wrap() {
        let (early, late) = (UnixMillis::new(0), UnixMillis::new(u64::MAX));
        assert_eq!(late.distance_from(early), i64::MAX);
        assert_eq!(early.distance_from(late), -i64::MAX);
        assert_eq!(UnixMillis::new(5).distance_from(UnixMillis::new(8)), -3);
    }

    #[test]
    fn system_times_before_the_epoch_become_the_epoch() {
        let before = UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(UnixMillis::from(before), UnixMillis::new(0));
        assert_eq!(
            UnixMillis::from(UNIX_EPOCH + Duration::from_micros(1_999)),
            UnixMillis::new(1)
        );
    }

    #[test]
    fn a_lifetime_is_over_at_its_end_and_not_before() {
        let life = Lifetime::new(Duration::from_secs(10), Duration::from_secs(60));
        assert!(!life.is_over(Duration::from_millis(69_999)));
        assert!(life.is_over(Duration::from_secs(70)));
        assert_eq!(life.remaining(Duration::from_secs(71)), Duration::ZERO);
    }
}

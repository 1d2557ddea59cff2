//! Wall-clock time as the vendor counts it.

use std::time::{Duration, UNIX_EPOCH};

/// The last second of the year 9999: an HTTP date has four digits for the year.
const LAST_HTTP_SECOND: u64 = 253_402_300_799;

/// A moment of wall-clock time, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMs(pub u64);

impl UnixMs {
    /// The moment in milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The moment in whole seconds, rounded down.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }

    /// The moment `by` later; the end of time if there is none.
    #[must_use]
    pub fn after(self, by: Duration) -> Self {
        Self(
            self.0
                .saturating_add(u64::try_from(by.as_millis()).unwrap_or(u64::MAX)),
        )
    }

    /// How long it is from `earlier` to here; nothing if that is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// The moment `by_ms` milliseconds later, or earlier if that is negative.
    #[must_use]
    pub const fn shifted(self, by_ms: i64) -> Self {
        Self(self.0.saturating_add_signed(by_ms))
    }

    /// The moment as a `Date` header says it.
    pub(crate) fn http_date(self) -> String {
        let seconds = self.as_secs().min(LAST_HTTP_SECOND);
        httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_a_date_the_way_http_does() {
        assert_eq!(
            UnixMs(784_111_777_999).http_date(),
            "Sun, 06 Nov 1994 08:49:37 GMT"
        );
    }

    #[test]
    fn no_moment_is_too_far() {
        assert_eq!(UnixMs(u64::MAX).http_date(), "Fri, 31 Dec 9999 23:59:59 GMT");
        assert_eq!(UnixMs(5).shifted(-6), UnixMs(0));
        assert_eq!(UnixMs(5).shifted(-2), UnixMs(3));
        assert_eq!(UnixMs(u64::MAX).after(Duration::MAX), UnixMs(u64::MAX));
    }
}

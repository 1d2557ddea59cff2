//! What has passed by the store's clock, though it may be set back.

use std::time::Duration;

use advance_core::UnixMillis;

/// No lease is longer.
pub const LONGEST_LEASE: Duration = Duration::from_secs(3_600);

/// Nothing is due later than this from now. What is was written before the clock was set back, and has passed.
pub const CLAMP: Duration = Duration::from_secs(25 * 3_600);

/// The longest pause, so that nothing honest reaches [`CLAMP`].
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 3_600);

/// Whether this time has passed.
pub fn has_passed(due: UnixMillis, now: UnixMillis) -> bool {
    due <= now || due > now.saturating_add(CLAMP)
}

/// A lease that begins now.
pub(super) fn lease(now: UnixMillis, length: Duration) -> UnixMillis {
    now.saturating_add(length.min(LONGEST_LEASE))
}

/// After a pause that begins now.
pub(super) fn after(now: UnixMillis, pause: Duration) -> UnixMillis {
    now.saturating_add(pause.min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_back_holds_nothing_up() {
        let now = UnixMillis::new(1_700_000_000_000);
        let day = Duration::from_secs(24 * 3_600);
        assert!(has_passed(now, now));
        assert!(!has_passed(after(now, Duration::MAX), now));
        assert!(!has_passed(lease(now, Duration::MAX), now));
        let yesterday = UnixMillis::new(now.get() - 2 * 24 * 3_600_000);
        assert!(has_passed(after(now, Duration::ZERO), yesterday));
        assert!(has_passed(after(now, day), now.saturating_add(day)));
    }
}

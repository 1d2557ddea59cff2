//! Points in time and spans of it, for a person.

use std::time::{Duration, SystemTime};

use advance_core::UnixMillis;
use jiff::Timestamp;

/// By this machine's clock.
pub(crate) fn now() -> UnixMillis {
    SystemTime::now().into()
}

/// A date in UTC; the bare number if it is in no calendar.
pub(crate) fn shown(time: UnixMillis) -> String {
    let instant = i64::try_from(time.get()).ok().map(Timestamp::from_millisecond);
    match instant {
        Some(Ok(instant)) => instant.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        _ => time.to_string(),
    }
}

/// The time of day in UTC; the bare number if it is in no calendar.
pub(crate) fn of_day(time: UnixMillis) -> String {
    let shown = shown(time);
    let day = shown.split(' ').nth(1).map(str::to_owned);
    day.unwrap_or(shown)
}

/// A date in UTC, and how far away it is.
pub(crate) fn relative(time: UnixMillis, now: UnixMillis) -> String {
    let shown = shown(time);
    let ahead = time.get().saturating_sub(now.get());
    let behind = now.get().saturating_sub(time.get());
    if ahead > 0 {
        format!("{shown} (in {})", span(Duration::from_millis(ahead)))
    } else {
        format!("{shown} ({} ago)", span(Duration::from_millis(behind)))
    }
}

/// The two largest units.
pub(crate) fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0 => "less than 1 s".to_owned(),
        1..60 => format!("{seconds} s"),
        60..3600 => two(seconds / 60, "min", seconds % 60, "s"),
        3600..86_400 => two(seconds / 3600, "h", seconds % 3600 / 60, "min"),
        86_400..31_536_000 => two(seconds / 86_400, "d", seconds % 86_400 / 3600, "h"),
        _ => two(seconds / 31_536_000, "y", seconds % 31_536_000 / 86_400, "d"),
    }
}

fn two(large: u64, unit: &str, small: u64, rest: &str) -> String {
    if small == 0 {
        format!("{large} {unit}")
    } else {
        format!("{large} {unit} {small} {rest}")
    }
}

/// A date as people write it to a command: RFC 3339.
pub(crate) fn parse(text: &str) -> Option<UnixMillis> {
    let instant: Timestamp = text.parse().ok()?;
    Some(UnixMillis::new(u64::try_from(instant.as_millisecond()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_can_be_shown() {
        for (millis, text) in [
            (1_642_580_192_430, "2022-01-19 08:16:32 UTC"),
            (253_402_300_800_000, "253402300800000 ms since 1970"),
            (u64::MAX, "18446744073709551615 ms since 1970"),
        ] {
            assert_eq!(shown(UnixMillis::new(millis)), text);
        }
    }

    #[test]
    fn a_span_is_told_in_two_units() {
        for (seconds, text) in [
            (0, "less than 1 s"),
            (59, "59 s"),
            (3600, "1 h"),
            (3599, "59 min 59 s"),
            (90_000, "1 d 1 h"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
        let (then, now) = (
            UnixMillis::new(1_642_580_192_430),
            UnixMillis::new(1_642_580_252_430),
        );
        assert_eq!(relative(then, now), "2022-01-19 08:16:32 UTC (1 min ago)");
    }

    #[test]
    fn a_date_is_read_as_the_standard_writes_it() {
        assert_eq!(parse("2022-01-19T08:16:32Z").unwrap().get(), 1_642_580_192_000);
        assert_eq!(parse("1950-01-19T08:16:32Z"), None);
        assert_eq!(parse("tomorrow"), None);
    }
}

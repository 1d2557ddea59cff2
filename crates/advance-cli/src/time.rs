//! Points in time, for a person.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use advance_core::UnixMillis;

/// The last millisecond of the year 9999; the date format has no later ones.
const LAST: u64 = 253_402_300_799_999;

/// By this machine's clock.
pub(crate) fn now() -> UnixMillis {
    SystemTime::now().into()
}

/// A date in UTC; the bare number if it is in no calendar.
pub(crate) fn shown(time: UnixMillis) -> String {
    match UNIX_EPOCH.checked_add(Duration::from_millis(time.get())) {
        Some(instant) if time.get() <= LAST => httpdate::fmt_http_date(instant),
        _ => time.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_can_be_shown() {
        for (millis, text) in [
            (1_642_580_192_430, "Wed, 19 Jan 2022 08:16:32 GMT"),
            (LAST, "Fri, 31 Dec 9999 23:59:59 GMT"),
            (LAST + 1, "253402300800000 ms since 1970"),
            (u64::MAX, "18446744073709551615 ms since 1970"),
        ] {
            assert_eq!(shown(UnixMillis::new(millis)), text);
        }
    }
}

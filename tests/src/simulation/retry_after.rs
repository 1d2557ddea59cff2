//! `Retry-After` in every form that servers use, and what each asks for.

use std::time::{Duration, UNIX_EPOCH};

use http::HeaderValue;

use super::dice::Dice;

/// A value of the header.
pub(super) struct Asked {
    pub(super) header: HeaderValue,
    /// How long that is, if it is anything.
    pub(super) wait: Option<Duration>,
    /// It is a date, which needs the server's clock to be read.
    pub(super) dated: bool,
}

/// A value, or none. `date` is what the reply's `Date` says, in milliseconds.
pub(super) fn retry_after(dice: &mut Dice, date: u64) -> Option<Asked> {
    let seconds = dice.pick(&[0, 1, 2, 7, 10, 30, 100, 1_000]);
    let wait = Some(Duration::from_secs(seconds));
    let (text, wait, dated) = match dice.below(10) {
        0..=2 => return None,
        3 | 4 => (seconds.to_string(), wait, false),
        5 | 6 => (format!("{seconds}s"), wait, false),
        7 => {
            let then = UNIX_EPOCH + Duration::from_secs(date / 1_000 + seconds);
            (httpdate::fmt_http_date(then), wait, true)
        }
        8 => {
            let then = UNIX_EPOCH + Duration::from_secs((date / 1_000).saturating_sub(seconds));
            (httpdate::fmt_http_date(then), Some(Duration::ZERO), true)
        }
        _ => {
            let (text, wait) = dice.pick(&[
                ("-5", None),
                ("nan", None),
                ("1e9", Some(1_000_000_000)),
                ("10 s", Some(10)),
                ("10sec", Some(10)),
                ("30.5", Some(31)),
                ("soon", None),
                ("1000000000", Some(1_000_000_000)),
                ("99999999999999999999", Some(u64::MAX)),
            ]);
            (text.to_owned(), wait.map(Duration::from_secs), false)
        }
    };
    let header = HeaderValue::try_from(text).ok()?;
    Some(Asked { header, wait, dated })
}

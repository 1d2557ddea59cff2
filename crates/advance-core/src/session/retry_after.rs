//! `Retry-After`, as HTTP defines it and as this vendor writes it.

use std::time::Duration;

use crate::time::UnixMillis;

/// How long a server asked to wait before the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// `10`, `10s` as the vendor's documents have it, and its other spellings: this long.
    Delay(Duration),
    /// An HTTP-date: until then, by the server's clock.
    At(UnixMillis),
}

impl RetryAfter {
    /// Reads the header's value: a number of seconds, with or without a unit (`10`, `10s`, `10 s`, `10sec`), a fraction of
    /// which counts as a whole one, or an HTTP-date. Anything else, such as a negative number, says nothing.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(seconds) = seconds(text) {
            return Some(Self::Delay(Duration::from_secs(seconds)));
        }
        httpdate::parse_http_date(text)
            .ok()
            .map(|date| Self::At(date.into()))
    }

    /// How long that is from `server_now`, the time by the server's clock; zero for a date that is past.
    pub fn wait(self, server_now: UnixMillis) -> Duration {
        match self {
            Self::Delay(delay) => delay,
            Self::At(date) => date.saturating_since(server_now),
        }
    }
}

/// Whole seconds, rounded up. A number past the range is a wait for ever, not a typing error.
fn seconds(text: &str) -> Option<u64> {
    const UNITS: [&str; 6] = ["", "s", "sec", "secs", "second", "seconds"];
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (mut number, mut unit) = text.split_at(end);
    // `1e9`, which is how some print a large number.
    let exponent = unit.strip_prefix(['e', 'E']).and_then(|rest| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        (digits > 0).then_some(end + 1 + digits)
    });
    if let Some(end) = exponent {
        (number, unit) = text.split_at(end);
    }
    let unit = unit.trim_start();
    if !UNITS.iter().any(|known| unit.eq_ignore_ascii_case(known))
        || !number.starts_with(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    if number.bytes().all(|b| b.is_ascii_digit()) {
        return Some(number.parse().unwrap_or(u64::MAX));
    }
    let number: f64 = number.parse().ok()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is not negative, and past the range the cast ends at the largest number"
    )]
    Some(number.ceil() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fault_21_every_spelling_that_was_seen_and_nothing_else() {
        let now = UnixMillis::new(784_111_777_000); // Sun, 06 Nov 1994 08:49:37 GMT
        for (text, seconds) in [
            ("2", Some(2)),
            ("10s", Some(10)),
            ("10S", Some(10)),
            (" 7 ", Some(7)),
            ("0", Some(0)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("1000000000", Some(1_000_000_000)),
            ("99999999999999999999", Some(u64::MAX)),
            ("-5", None),
            ("10 s", Some(10)),
            ("10sec", Some(10)),
            ("30sec", Some(30)),
            ("5 Seconds", Some(5)),
            ("30.5", Some(31)),
            ("299.997", Some(300)),
            ("0.2s", Some(1)),
            ("2.0", Some(2)),
            ("1e9", Some(1_000_000_000)),
            ("1.5e3 s", Some(1_500)),
            ("1e999", Some(u64::MAX)),
            ("-30.5", None),
            ("nan", None),
            ("inf", None),
            ("infinity", None),
            ("1.2.3", None),
            (".5", None),
            ("1e", None),
            ("1e-9", None),
            ("10 20", None),
            ("10, 20", None),
            ("5m", None),
            ("s", None),
            ("10ms", None),
            ("", None),
            ("soon", None),
        ] {
            let wait = RetryAfter::parse(text).map(|after| after.wait(now).as_secs());
            assert_eq!(wait, seconds, "{text}");
        }
    }
}

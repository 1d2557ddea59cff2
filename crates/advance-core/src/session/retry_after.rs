//! `Retry-After`, as HTTP defines it and as this vendor writes it.

use std::time::Duration;

use crate::time::UnixMillis;

/// How long a server asked to wait before the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// `10`, or `10s` as the vendor's documents have it: this long.
    Delay(Duration),
    /// An HTTP-date: until then, by the server's clock.
    At(UnixMillis),
}

impl RetryAfter {
    /// Reads the header's value. Anything else than the three forms, such as a negative number, says nothing.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text.strip_suffix(['s', 'S']).unwrap_or(text);
        if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
            // A number past the range is a wait for ever, not a typing error.
            let seconds = digits.parse().unwrap_or(u64::MAX);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_forms_and_nothing_else() {
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
            ("1e9", None),
            ("1.5", None),
            ("s", None),
            ("10 s", None),
            ("10ms", None),
            ("", None),
            ("soon", None),
        ] {
            let wait = RetryAfter::parse(text).map(|after| after.wait(now).as_secs());
            assert_eq!(wait, seconds, "{text}");
        }
    }
}

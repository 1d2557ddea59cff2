//! Any text as a `Retry-After` header.

use std::time::Duration;

use advance_core::UnixMillis;
use advance_core::session::RetryAfter;

pub fn retry_after(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let read = RetryAfter::parse(text);
    match seconds(text) {
        Some(seconds) => assert_eq!(
            read,
            Some(RetryAfter::Delay(Duration::from_secs(seconds))),
            "{text:?}"
        ),
        // Anything else that is read is a date.
        None => assert!(!matches!(read, Some(RetryAfter::Delay(_))), "{text:?}"),
    }
    if let Some(read) = read {
        let early = read.wait(UnixMillis::new(0));
        let late = read.wait(UnixMillis::new(u64::MAX));
        assert!(late <= early);
    }
}

/// By the rule in the documentation: a number and perhaps a unit of seconds, a fraction counting as a whole one.
fn seconds(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let number = ["seconds", "second", "secs", "sec", "s", ""]
        .iter()
        .find_map(|unit| text.strip_suffix(unit))
        .unwrap_or_default()
        .trim_end();
    let (mantissa, exponent) = number.split_once('e').unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let sound = [whole, fraction, exponent].iter().all(|part| digits(part));
    if !sound || whole.is_empty() || exponent.is_empty() {
        return None;
    }
    if number.bytes().all(|b| b.is_ascii_digit()) {
        return Some(number.parse().unwrap_or(u64::MAX));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast ends at the largest number, and none is negative"
    )]
    let whole = number.parse::<f64>().ok()?.ceil() as u64;
    Some(whole)
}

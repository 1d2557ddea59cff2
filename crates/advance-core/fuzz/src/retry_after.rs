//! Any text as a `Retry-After` header.

use std::time::Duration;

use advance_core::UnixMillis;
use advance_core::session::RetryAfter;

pub fn retry_after(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let read = RetryAfter::parse(text);
    let bare = text.trim();
    let digits = bare.strip_suffix(['s', 'S']).unwrap_or(bare);
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if plain {
        let seconds = digits.parse().unwrap_or(u64::MAX);
        assert_eq!(read, Some(RetryAfter::Delay(Duration::from_secs(seconds))));
    } else {
        // Whatever else says something is a date.
        assert!(!matches!(read, Some(RetryAfter::Delay(_))), "{text:?}");
    }
    if let Some(read) = read {
        let early = read.wait(UnixMillis::new(0));
        let late = read.wait(UnixMillis::new(u64::MAX));
        assert!(late <= early);
    }
}

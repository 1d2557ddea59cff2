//! The few response headers that mean something to the machine.

use http::header::{AGE, CONTENT_ENCODING, CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER};

use super::RetryAfter;
use crate::time::UnixMillis;

/// The server's time, unless a cache on the way made the reply older than it looks.
pub(super) fn server_time(headers: &HeaderMap) -> Option<UnixMillis> {
    if headers.contains_key(AGE) {
        return None;
    }
    let date = headers.get(DATE)?.to_str().ok()?;
    httpdate::parse_http_date(date).ok().map(UnixMillis::from)
}

pub(super) fn retry_after(headers: &HeaderMap) -> Option<RetryAfter> {
    RetryAfter::parse(headers.get(RETRY_AFTER)?.to_str().ok()?)
}

/// Whether the body is compressed, which was not asked for.
pub(super) fn is_encoded(headers: &HeaderMap) -> bool {
    headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .any(|value| !value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity"))
}

pub(super) fn is_html(headers: &HeaderMap) -> bool {
    let value = headers
        .get(CONTENT_TYPE)
        .map(|value| value.as_bytes().to_ascii_lowercase());
    value.is_some_and(|value| value.starts_with(b"text/html") || value.starts_with(b"application/xhtml"))
}

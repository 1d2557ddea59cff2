//! What the sandbox tells browsers about pages of other origins.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::guard::Policy;

const ALLOW_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-allow-private-network");

/// The origin that may read the reply; none if the reply is not for other origins. `controls` says whether the request
/// asks for a control call or the dashboard.
pub(super) fn reader(policy: &Policy, head: &Parts, controls: bool) -> Option<HeaderValue> {
    let origin = head.headers.get(ORIGIN)?;
    if policy.allows(origin) {
        Some(origin.clone())
    } else if policy.cors && !controls {
        Some(HeaderValue::from_static("*"))
    } else {
        None
    }
}

/// Whether a browser asks first if it may send something.
pub(super) fn is_preflight(head: &Parts) -> bool {
    head.method == Method::OPTIONS && head.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

pub(super) fn allow(headers: &mut HeaderMap, reader: HeaderValue, preflight: bool) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, reader);
    headers.insert(VARY, HeaderValue::from_static("origin"));
    if preflight {
        let allowed = [
            (ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, DELETE"),
            (ACCESS_CONTROL_ALLOW_HEADERS, "content-type, x-access-token"),
            (ACCESS_CONTROL_MAX_AGE, "600"),
            (ALLOW_PRIVATE_NETWORK, "true"),
        ];
        for (name, value) in allowed {
            headers.insert(name, HeaderValue::from_static(value));
        }
    } else {
        headers.insert(
            ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("date, retry-after"),
        );
    }
}

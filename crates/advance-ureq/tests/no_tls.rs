//! Built without TLS.

#![cfg(not(any(feature = "rustls", feature = "native-tls")))]
// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use advance_core::Transport as _;
use advance_core::transport::{FailureKind, Limits, Sent};
use advance_ureq::UreqTransport;
use http::Request;

#[test]
fn https_is_refused_without_tls() {
    let request = Request::get("https://127.0.0.1:1/").body(b"{}".to_vec()).unwrap();
    let limits = Limits::new(Duration::from_secs(2), 64);
    let failure = UreqTransport::new().unwrap().send(request, &limits).unwrap_err();
    assert_eq!((failure.kind(), failure.sent()), (FailureKind::Tls, Sent::No));
}

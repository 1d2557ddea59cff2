//! The suite, in the builds in which its own tests do not have this transport: over the platform's TLS, and without TLS.

#![cfg(not(feature = "rustls"))]
// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

use std::future::Future;
use std::pin::Pin;
use std::sync::LazyLock;

use advance_conformance::{Claims, Outcome, Setup, Subject, run_all};
use advance_reqwest::ReqwestTransport;
use tokio::runtime::Runtime;

/// native-tls over OpenSSL takes a connection that is cut for one that ended, and has no setting for it. So
/// a body without a length may come short; it fails later, as JSON that breaks off.
const NOT_OVER_NATIVE_TLS: &str = "tls_cut_within_the_body";

#[cfg(feature = "native-tls")]
fn make(setup: &Setup) -> ReqwestTransport {
    let mut builder = ReqwestTransport::builder();
    if setup.beside() {
        builder = builder.tls_certs_merge(setup.root());
    } else if !setup.root().is_empty() {
        builder = builder.tls_certs_only(setup.root());
    }
    if let Some(proxy) = setup.proxy() {
        builder = builder.proxy(proxy);
    }
    builder.build().unwrap()
}

#[cfg(not(feature = "native-tls"))]
fn make(_: &Setup) -> ReqwestTransport {
    ReqwestTransport::new().unwrap()
}

fn block_on(future: Pin<Box<dyn Future<Output = ()> + Send + '_>>) {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
    RUNTIME.block_on(future);
}

#[test]
fn the_suite_passes() {
    let claims = if cfg!(feature = "native-tls") {
        Claims::none().tls().proxy().pool()
    } else {
        Claims::none().pool()
    };
    let subject = Subject::asynchronous("reqwest", claims, make, block_on);
    let reports = run_all(&subject);
    let passed = reports
        .iter()
        .filter(|report| report.outcome == Outcome::Passed)
        .count();
    let failed: Vec<String> = reports
        .iter()
        .filter(|report| matches!(report.outcome, Outcome::Failed(_)))
        .filter(|report| report.case.name != NOT_OVER_NATIVE_TLS)
        .map(ToString::to_string)
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(passed > 0);
}

//! The suite, in the builds in which its own tests do not have this transport: over the platform's TLS, and without TLS.

#![cfg(not(feature = "rustls"))]
// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

use advance_conformance::{Claims, Outcome, Setup, Subject, run_all};
use advance_ureq::UreqTransport;

/// native-tls over OpenSSL takes a connection that is cut for one that ended, and has no setting for it. So
/// a body without a length may come short; it fails later, as JSON that breaks off.
const NOT_OVER_NATIVE_TLS: &str = "tls_cut_within_the_body";

#[cfg(feature = "native-tls")]
fn make(setup: &Setup) -> UreqTransport {
    use advance_ureq::ureq::Proxy;
    use advance_ureq::ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

    let root = Certificate::from_der(setup.root()).to_owned();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&[root]))
        .provider(TlsProvider::NativeTls)
        .build();
    let mut builder = UreqTransport::builder().tls_config(tls);
    if let Some(proxy) = setup.proxy() {
        builder = builder.proxy(Some(Proxy::new(proxy).unwrap()));
    }
    UreqTransport::from_builder(builder).unwrap()
}

#[cfg(not(feature = "native-tls"))]
fn make(_: &Setup) -> UreqTransport {
    UreqTransport::new().unwrap()
}

#[test]
fn the_suite_passes() {
    let claims = if cfg!(feature = "native-tls") {
        Claims::none().tls().proxy().pool()
    } else {
        Claims::none().pool()
    };
    let subject = Subject::blocking("ureq", claims, make);
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

//! The transports that this workspace ships, told to trust the suite's authority and to use its proxy.
#![allow(clippy::unwrap_used)] // Set-up of tests: nothing to go on with if it fails.

use advance_conformance::{Claims, Level, Setup, Subject};
use advance_reqwest::ReqwestTransport;
use advance_ureq::UreqTransport;

use super::tokio_runtime;

/// The same words for both.
macro_rules! built {
    ($transport:ty, $setup:expr) => {{
        let mut builder = <$transport>::builder();
        if $setup.beside() {
            builder = builder.tls_certs_merge($setup.root());
        } else if !$setup.root().is_empty() {
            builder = builder.tls_certs_only($setup.root());
        }
        if let Some((certificate, key)) = $setup.identity() {
            builder = builder.identity(certificate, key);
        }
        // Not `None` in its place: that there is none unless somebody says so is one of the things to be tested.
        if let Some(proxy) = $setup.proxy() {
            builder = builder.proxy(proxy);
        }
        builder.build().unwrap()
    }};
}

pub(crate) fn over_reqwest(setup: &Setup) -> ReqwestTransport {
    built!(ReqwestTransport, setup)
}

pub(crate) fn over_ureq(setup: &Setup) -> UreqTransport {
    built!(UreqTransport, setup)
}

pub(crate) fn subjects() -> Vec<Subject> {
    let claims = Claims::none().tls().identity().proxy().pool();
    vec![
        Subject::asynchronous("reqwest", claims, over_reqwest, tokio_runtime::block_on),
        Subject::blocking("ureq", claims, over_ureq)
            .logs("ureq_proto", Level::Trace)
            .logs("ureq::run", Level::Debug),
    ]
}

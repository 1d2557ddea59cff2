//! The transports that this workspace ships, told to trust the suite's authority and to use its proxy.
#![allow(clippy::unwrap_used)] // Set-up of tests: nothing to go on with if it fails.

use std::sync::Arc;

use advance_conformance::{Claims, Setup, Subject};
use advance_reqwest::{ReqwestTransport, reqwest};
use advance_ureq::{UreqTransport, ureq};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

use super::tokio_runtime;

pub(crate) fn over_reqwest(setup: &Setup) -> ReqwestTransport {
    let mut builder = ReqwestTransport::builder()
        .unwrap()
        .tls_backend_preconfigured(trusting(setup));
    if let Some(proxy) = setup.proxy() {
        builder = builder.proxy(reqwest::Proxy::https(proxy).unwrap());
    }
    ReqwestTransport::from_builder(builder).unwrap()
}

pub(crate) fn over_ureq(setup: &Setup) -> UreqTransport {
    let root = ureq::tls::Certificate::from_der(setup.root()).to_owned();
    let tls = ureq::tls::TlsConfig::builder()
        .root_certs(ureq::tls::RootCerts::new_with_certs(&[root]))
        .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
        .build();
    let mut builder = UreqTransport::builder().tls_config(tls);
    // Not `None` in its place: that there is none unless somebody says so is one of the things to be tested.
    if let Some(proxy) = setup.proxy() {
        builder = builder.proxy(Some(ureq::Proxy::new(proxy).unwrap()));
    }
    UreqTransport::from_builder(builder).unwrap()
}

/// For clients that take a rustls configuration.
pub(crate) fn trusting(setup: &Setup) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    if !setup.root().is_empty() {
        roots.add(setup.root().to_vec().into()).unwrap();
    }
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

pub(crate) fn subjects() -> Vec<Subject> {
    let claims = Claims::none().tls().proxy().pool();
    vec![
        Subject::asynchronous("reqwest", claims, over_reqwest, tokio_runtime::block_on),
        Subject::blocking("ureq", claims, over_ureq),
    ]
}

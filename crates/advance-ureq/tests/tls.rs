//! TLS that works, and TLS that must not.

#![cfg(any(feature = "rustls", feature = "native-tls"))]
// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

mod support;

use std::time::{Duration, Instant};

use advance_core::{FailureKind, Limits, Phase, Sent, Transport as _};
use advance_ureq::UreqTransport;
use advance_ureq::ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};
use http::{Method, Request};
use support::tls::Flaw;
use support::{Peer, Server, text};

const LIMITS: Limits = Limits::new(Duration::from_secs(10), 64);

const WRONG_HOST: &str = if cfg!(feature = "rustls") {
    "not valid for"
} else {
    "ostname mismatch"
};

fn post(url: &str) -> Request<Vec<u8>> {
    let mut request = Request::new(b"{}".to_vec());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = url.parse().unwrap();
    request
}

fn tls_url(server: &Server) -> String {
    format!("https://localhost:{}/", server.address.port())
}

#[track_caller]
fn fails(transport: &UreqTransport, url: &str, kind: FailureKind) -> String {
    let failure = transport.send(post(url), &LIMITS).unwrap_err();
    assert_eq!(
        (failure.kind(), failure.sent()),
        (kind, Sent::No),
        "{}",
        text(&failure)
    );
    text(&failure)
}

fn trusting(authority: &[u8]) -> UreqTransport {
    let roots = RootCerts::new_with_certs(&[Certificate::from_der(authority).to_owned()]);
    let provider = if cfg!(feature = "rustls") {
        TlsProvider::Rustls
    } else {
        TlsProvider::NativeTls
    };
    let tls = TlsConfig::builder().root_certs(roots).provider(provider).build();
    UreqTransport::from_builder(UreqTransport::builder().tls_config(tls)).unwrap()
}

#[test]
fn tls_says_what_is_wrong_with_the_certificate() {
    let (good, authority) = support::tls::start(Flaw::None);
    let response = trusting(&authority).send(post(&tls_url(&good)), &LIMITS).unwrap();
    assert_eq!(response.body(), b"{}");
    let unknown = fails(&UreqTransport::new().unwrap(), &tls_url(&good), FailureKind::Tls);
    assert!(
        unknown.contains("UnknownIssuer") || unknown.contains("issuer") || unknown.contains("self-signed"),
        "{unknown}"
    );
    for (flaw, said) in [(Flaw::Expired, "xpired"), (Flaw::WrongHost, WRONG_HOST)] {
        let (server, authority) = support::tls::start(flaw);
        let text = fails(&trusting(&authority), &tls_url(&server), FailureKind::Tls);
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn plain_http_on_a_tls_port_is_tls() {
    let server = Server::start(|mut peer| {
        peer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        peer.silence();
    });
    fails(
        &UreqTransport::new().unwrap(),
        &tls_url(&server),
        FailureKind::Tls,
    );
}

#[test]
fn a_handshake_that_stalls_is_bounded_by_the_connect_timeout() {
    let builder = UreqTransport::builder().timeout_connect(Some(Duration::from_millis(300)));
    let transport = UreqTransport::from_builder(builder).unwrap();
    let start = Instant::now();
    fails(
        &transport,
        &tls_url(&Server::start(Peer::silence)),
        FailureKind::Timeout(Phase::Connect),
    );
    assert!(
        start.elapsed() < Duration::from_millis(900),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn a_name_that_does_not_resolve_is_connect() {
    let url = "https://does-not-exist.invalid/?query=hidden-in-query";
    let text = fails(&UreqTransport::new().unwrap(), url, FailureKind::Connect);
    assert!(!text.contains("hidden"), "{text}");
}

/// A process cannot change its own environment safely, so this runs the test above in one that has proxies set.
#[test]
fn the_proxy_environment_is_not_read() {
    let nowhere = format!("http://{}", support::closed_port());
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "a_name_that_does_not_resolve_is_connect"]);
    for name in [
        "http_proxy",
        "HTTP_PROXY",
        "https_proxy",
        "HTTPS_PROXY",
        "all_proxy",
        "ALL_PROXY",
    ] {
        child.env(name, &nowhere);
    }
    let output = child
        .env_remove("no_proxy")
        .env_remove("NO_PROXY")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

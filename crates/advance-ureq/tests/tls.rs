//! The TLS that this transport sets up by itself, and what a builder may change of it.

#![cfg(any(feature = "rustls", feature = "native-tls"))]
// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};

use advance_conformance::server::{Action, Pki, Script, Server};
use advance_core::{Failure, FailureKind, Limits, Phase, Sent, Transport as _};
use advance_ureq::UreqTransport;
use advance_ureq::ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};
use http::{Request, Response};

const LIMITS: Limits = Limits::new(Duration::from_secs(20), 64);
const FINE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

fn send(transport: &UreqTransport, url: &str) -> Result<Response<Vec<u8>>, Failure> {
    let request = Request::post(url).body(b"{}".to_vec()).unwrap();
    transport.send(request, &LIMITS)
}

#[test]
fn an_authority_is_trusted_only_where_a_builder_says_so() {
    let pki = Pki::new().unwrap();
    let server = Server::tls(Script::reply(FINE), &pki.good).unwrap();
    let response = send(&trusting(pki.root()), &server.url("/")).unwrap();
    assert_eq!(response.body(), b"{}");

    let server = Server::tls(Script::reply(FINE), &pki.good).unwrap();
    let failure = send(&UreqTransport::new().unwrap(), &server.url("/")).unwrap_err();
    assert_eq!((failure.kind(), failure.sent()), (FailureKind::Tls, Sent::No));
    assert!(server.journal().requests().is_empty());
    let said = story(&failure);
    assert!(
        ["UnknownIssuer", "issuer", "self-signed"]
            .iter()
            .any(|word| said.contains(word)),
        "{said}"
    );
}

/// What a failure says, and all that it came from.
fn story(error: &dyn std::error::Error) -> String {
    let cause = error.source().map(story).unwrap_or_default();
    format!("{error} / {cause}")
}

/// With rustls, this names no crypto provider.
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
fn a_handshake_that_stalls_is_bounded_by_the_connect_timeout() {
    let server = Server::plain(Script::every([Action::Drain])).unwrap();
    let url = server.url("/").replace("http:", "https:");
    let builder = UreqTransport::builder().timeout_connect(Some(Duration::from_millis(300)));
    let transport = UreqTransport::from_builder(builder).unwrap();
    let start = Instant::now();
    let failure = send(&transport, &url).unwrap_err();
    let took = start.elapsed();
    assert_eq!(
        (failure.kind(), failure.sent()),
        (FailureKind::Timeout(Phase::Connect), Sent::No)
    );
    // The server hangs up after four seconds, and the limit is twenty.
    assert!(
        took > Duration::from_millis(250) && took < Duration::from_secs(3),
        "{took:?}"
    );
}

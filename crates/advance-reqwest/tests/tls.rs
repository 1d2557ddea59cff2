//! The TLS that this transport sets up by itself, and what its builder, or the caller's, changes of it.

#![cfg(any(feature = "rustls", feature = "native-tls"))]
// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};

use advance_conformance::server::{Action, Pki, Script, Server};
use advance_core::AsyncTransport as _;
use advance_core::transport::{Failure, FailureKind, Limits, Phase, Sent};
use advance_reqwest::ReqwestTransport;
use http::{Request, Response};

const LIMITS: Limits = Limits::new(Duration::from_secs(20), 64);
const FINE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

async fn send(transport: &ReqwestTransport, url: &str) -> Result<Response<Vec<u8>>, Failure> {
    let request = Request::post(url).body(b"{}".to_vec()).unwrap();
    transport.send(request, &LIMITS).await
}

/// What a failure says, and all that it came from.
#[cfg(feature = "rustls")]
fn story(error: &dyn std::error::Error) -> String {
    let cause = error.source().map(story).unwrap_or_default();
    format!("{error} / {cause}")
}

#[tokio::test]
async fn an_authority_is_trusted_only_where_a_builder_says_so() {
    let pki = Pki::new().unwrap();
    let ours = ReqwestTransport::builder()
        .tls_certs_only(pki.root())
        .build()
        .unwrap();
    for transport in [ours, trusting(pki.root())] {
        let server = Server::tls(Script::reply(FINE), &pki.good).unwrap();
        let response = send(&transport, &server.url("/")).await.unwrap();
        assert_eq!(response.body(), b"{}");
    }
    let server = Server::tls(Script::reply(FINE), &pki.good).unwrap();
    let failure = send(&ReqwestTransport::new().unwrap(), &server.url("/"))
        .await
        .unwrap_err();
    assert_eq!((failure.kind(), failure.sent()), (FailureKind::Tls, Sent::No));
    assert!(server.journal().requests().is_empty());
}

/// A pin that is ignored shows only where the platform trusts the server, so another process is started whose bundle does.
#[test]
#[cfg(unix)]
fn fault_95_a_pin_is_enforced_over_either_builder() {
    let bundle = concat!(env!("CARGO_TARGET_TMPDIR"), "/reqwest-pin.pem");
    let again = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "past_a_platform_that_trusts_the_server"])
        .env("SSL_CERT_FILE", bundle)
        .env("SSL_CERT_DIR", "/nonexistent")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&again.stdout);
    assert!(again.status.success() && text.contains("1 passed"), "{text}");
}

#[ignore = "needs a bundle of its own: fault_95_a_pin_is_enforced_over_either_builder starts it"]
#[tokio::test]
async fn past_a_platform_that_trusts_the_server() {
    let pki = Pki::new().unwrap();
    std::fs::write(std::env::var("SSL_CERT_FILE").unwrap(), pki.root_pem()).unwrap();
    let server = Server::tls(Script::reply(FINE), &pki.good).unwrap();
    let unpinned = ReqwestTransport::new().unwrap();
    send(&unpinned, &server.url("/")).await.unwrap();

    let ours = ReqwestTransport::builder()
        .tls_certs_only(pki.other_root())
        .build()
        .unwrap();
    for transport in [ours, trusting(pki.other_root())] {
        let server = Server::tls(Script::reply(FINE), &pki.good).unwrap();
        let failure = send(&transport, &server.url("/")).await.unwrap_err();
        assert_eq!((failure.kind(), failure.sent()), (FailureKind::Tls, Sent::No));
        assert!(server.journal().requests().is_empty());
    }
}

#[cfg(feature = "rustls")]
#[tokio::test]
async fn fault_95_versions_and_a_preconfigured_configuration_are_kept() {
    use std::sync::Arc;

    use rustls::{ClientConfig, RootCertStore, crypto::ring, version};

    let pki = Pki::new().unwrap();
    let server = Server::tls(Script::reply(FINE), &pki.good).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(pki.root().to_vec().into()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&version::TLS12])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    // What this transport does not speak must not be agreed on.
    config.alpn_protocols = vec![b"h2".to_vec()];
    let transport = ReqwestTransport::builder()
        .tls_backend_preconfigured(config)
        .build()
        .unwrap();
    assert!(send(&transport, &server.url("/")).await.is_ok());

    let newest = ReqwestTransport::builder()
        .tls_certs_only(pki.root())
        .tls_version_min(advance_reqwest::TlsVersion::Tls13);
    assert!(send(&newest.build().unwrap(), &server.url("/")).await.is_ok());
}

#[cfg(feature = "rustls")]
#[tokio::test]
async fn fault_95_each_trouble_names_its_remedy() {
    let pki = Pki::new().unwrap();
    let trusting = ReqwestTransport::builder()
        .tls_certs_only(pki.root())
        .build()
        .unwrap();
    for (identity, words) in [
        (&pki.unknown_authority, "SSL_CERT_FILE"),
        (&pki.expired, "expired"),
        (&pki.wrong_host, "another name"),
        (&pki.authority, "CA:FALSE"),
    ] {
        let server = Server::tls(Script::reply(FINE), identity).unwrap();
        let failure = send(&trusting, &server.url("/")).await.unwrap_err();
        assert_eq!(failure.kind(), FailureKind::Tls);
        let said = story(&failure);
        assert!(said.contains(words), "{words}: {said}");
    }
    // A gateway that speaks HTTP/2 only begins with its settings.
    let settings = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00";
    let server = Server::plain(Script::every([
        Action::Read,
        Action::send(settings),
        Action::Drain,
    ]))
    .unwrap();
    let failure = send(&trusting, &server.url("/")).await.unwrap_err();
    let said = story(&failure);
    assert!(
        failure.kind() == FailureKind::Http && said.contains("HTTP/2"),
        "{said}"
    );
}

/// The roots of this process cannot be taken away, so another one is started without any.
#[test]
#[cfg(all(feature = "rustls", unix))]
fn fault_96_a_machine_without_certificates_has_a_client() {
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    again.args(["--ignored", "--exact", "without_certificates"]);
    for name in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
        again.env(name, "/nonexistent");
    }
    let output = again.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

#[cfg(feature = "rustls")]
#[ignore = "needs a process without certificates: fault_96_a_machine_without_certificates_has_a_client starts it"]
#[tokio::test]
async fn without_certificates() {
    let pki = Pki::new().unwrap();
    let transport = ReqwestTransport::new().unwrap();
    let server = Server::plain(Script::reply(FINE)).unwrap();
    assert!(send(&transport, &server.url("/")).await.is_ok());

    let server = Server::tls(Script::reply(FINE), &pki.good).unwrap();
    let failure = send(&transport, &server.url("/")).await.unwrap_err();
    assert_eq!((failure.kind(), failure.sent()), (FailureKind::Tls, Sent::No));
    let said = story(&failure);
    assert!(
        said.contains("ca-certificates") && said.contains("SSL_CERT_FILE"),
        "{said}"
    );

    // What was named is enough.
    for builder in [
        ReqwestTransport::builder().tls_certs_merge(pki.root()),
        ReqwestTransport::builder().tls_certs_only(pki.root()),
    ] {
        assert!(send(&builder.build().unwrap(), &server.url("/")).await.is_ok());
    }
}

#[test]
fn fault_95_a_setting_that_cannot_be_kept_is_refused_when_the_transport_is_made() {
    for builder in [
        ReqwestTransport::builder().tls_certs_only("no certificate"),
        ReqwestTransport::builder().tls_certs_merge([0x30, 0, 1]),
        ReqwestTransport::builder().identity("no certificate", "no key"),
    ] {
        assert_eq!(builder.build().unwrap_err().kind(), FailureKind::Tls);
    }
}

/// Over a builder that is none of ours: with rustls it names no provider.
fn trusting(authority: &[u8]) -> ReqwestTransport {
    use advance_reqwest::reqwest::{Certificate, Client};

    let authority = Certificate::from_der(authority).unwrap();
    let builder = Client::builder().tls_certs_only([authority]);
    #[cfg(feature = "rustls")]
    let builder = builder.tls_backend_rustls();
    ReqwestTransport::from_builder(builder).unwrap()
}

#[tokio::test]
async fn a_handshake_that_stalls_is_bounded_by_the_connect_timeout() {
    let server = Server::plain(Script::every([Action::Drain])).unwrap();
    let url = server.url("/").replace("http:", "https:");
    let builder = ReqwestTransport::builder().connect_timeout(Duration::from_millis(300));
    let transport = builder.build().unwrap();
    let start = Instant::now();
    let failure = send(&transport, &url).await.unwrap_err();
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

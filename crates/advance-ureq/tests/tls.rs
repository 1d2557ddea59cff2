//! The TLS that this transport sets up by itself, and what its builder, or the caller's, changes of it.

#![cfg(any(feature = "rustls", feature = "native-tls"))]
// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};

use advance_conformance::server::{Action, Pki, Script, Server};
use advance_core::Transport as _;
use advance_core::transport::{Failure, FailureKind, Limits, Phase, Sent};
use advance_ureq::UreqTransport;
use http::{Request, Response};

const LIMITS: Limits = Limits::new(Duration::from_secs(20), 64);
const FINE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

fn send(transport: &UreqTransport, url: &str) -> Result<Response<Vec<u8>>, Failure> {
    let request = Request::post(url).body(b"{}".to_vec()).unwrap();
    transport.send(request, &LIMITS)
}

/// What a failure says, and all that it came from.
#[cfg(feature = "rustls")]
fn story(error: &dyn std::error::Error) -> String {
    let cause = error.source().map(story).unwrap_or_default();
    format!("{error} / {cause}")
}

#[test]
fn an_authority_is_trusted_only_where_a_builder_says_so() {
    let pki = Pki::new().unwrap();
    let ours = UreqTransport::builder()
        .tls_certs_only(pki.root())
        .build()
        .unwrap();
    for transport in [ours, trusting(pki.root())] {
        let server = Server::tls(Script::reply(FINE), &pki.good).unwrap();
        let response = send(&transport, &server.url("/")).unwrap();
        assert_eq!(response.body(), b"{}");
    }
    let server = Server::tls(Script::reply(FINE), &pki.good).unwrap();
    let failure = send(&UreqTransport::new().unwrap(), &server.url("/")).unwrap_err();
    assert_eq!((failure.kind(), failure.sent()), (FailureKind::Tls, Sent::No));
    assert!(server.journal().requests().is_empty());
}

/// A pin that is ignored shows only where the platform trusts the server, so another process is started whose bundle does.
#[test]
#[cfg(unix)]
fn fault_95_a_pin_is_enforced_over_either_builder() {
    let bundle = concat!(env!("CARGO_TARGET_TMPDIR"), "/ureq-pin.pem");
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
#[test]
fn past_a_platform_that_trusts_the_server() {
    let pki = Pki::new().unwrap();
    std::fs::write(std::env::var("SSL_CERT_FILE").unwrap(), pki.root_pem()).unwrap();
    let server = Server::tls(Script::reply(FINE), &pki.good).unwrap();
    let unpinned = UreqTransport::new().unwrap();
    send(&unpinned, &server.url("/")).unwrap();

    let ours = UreqTransport::builder()
        .tls_certs_only(pki.other_root())
        .build()
        .unwrap();
    for transport in [ours, trusting(pki.other_root())] {
        let server = Server::tls(Script::reply(FINE), &pki.good).unwrap();
        let failure = send(&transport, &server.url("/")).unwrap_err();
        assert_eq!((failure.kind(), failure.sent()), (FailureKind::Tls, Sent::No));
        assert!(server.journal().requests().is_empty());
    }
}

#[cfg(feature = "rustls")]
#[test]
fn fault_95_versions_and_a_preconfigured_configuration_are_kept() {
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
    let transport = UreqTransport::builder()
        .tls_backend_preconfigured(config)
        .build()
        .unwrap();
    assert!(send(&transport, &server.url("/")).is_ok());

    let newest = UreqTransport::builder()
        .tls_certs_only(pki.root())
        .tls_version_min(advance_ureq::TlsVersion::Tls13);
    assert!(send(&newest.build().unwrap(), &server.url("/")).is_ok());
}

#[cfg(feature = "rustls")]
#[test]
fn fault_95_each_trouble_names_its_remedy() {
    let pki = Pki::new().unwrap();
    let trusting = UreqTransport::builder()
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
        let failure = send(&trusting, &server.url("/")).unwrap_err();
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
    let failure = send(&trusting, &server.url("/")).unwrap_err();
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
#[test]
fn without_certificates() {
    let pki = Pki::new().unwrap();
    let transport = UreqTransport::new().unwrap();
    let server = Server::plain(Script::reply(FINE)).unwrap();
    assert!(send(&transport, &server.url("/")).is_ok());

    let server = Server::tls(Script::reply(FINE), &pki.good).unwrap();
    let failure = send(&transport, &server.url("/")).unwrap_err();
    assert_eq!((failure.kind(), failure.sent()), (FailureKind::Tls, Sent::No));
    let said = story(&failure);
    assert!(
        said.contains("ca-certificates") && said.contains("SSL_CERT_FILE"),
        "{said}"
    );

    // What was named is enough.
    for builder in [
        UreqTransport::builder().tls_certs_merge(pki.root()),
        UreqTransport::builder().tls_certs_only(pki.root()),
    ] {
        assert!(send(&builder.build().unwrap(), &server.url("/")).is_ok());
    }
}

#[test]
fn fault_95_a_setting_that_cannot_be_kept_is_refused_when_the_transport_is_made() {
    for builder in [
        UreqTransport::builder().tls_certs_only("no certificate"),
        UreqTransport::builder().tls_certs_merge([0x30, 0, 1]),
        UreqTransport::builder().identity("no certificate", "no key"),
    ] {
        assert_eq!(builder.build().unwrap_err().kind(), FailureKind::Tls);
    }
}

/// Over a configuration that is none of ours. With rustls, this names no crypto provider.
fn trusting(authority: &[u8]) -> UreqTransport {
    use advance_ureq::ureq::Agent;
    use advance_ureq::ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

    let roots = RootCerts::new_with_certs(&[Certificate::from_der(authority).to_owned()]);
    let provider = if cfg!(feature = "rustls") {
        TlsProvider::Rustls
    } else {
        TlsProvider::NativeTls
    };
    let tls = TlsConfig::builder().root_certs(roots).provider(provider).build();
    UreqTransport::from_builder(Agent::config_builder().tls_config(tls)).unwrap()
}

/// ureq expects it to fit, and would panic when it connects.
#[test]
#[cfg(feature = "rustls")]
fn fault_99_a_client_certificate_that_does_not_fit_its_key_is_refused() {
    use advance_ureq::ureq::Agent;
    use advance_ureq::ureq::tls::{Certificate, ClientCert, PrivateKey, TlsConfig};

    let (one, two) = (Pki::new().unwrap(), Pki::new().unwrap());
    let made = |certificate: &str, key: &str| {
        let chain = [Certificate::from_pem(certificate.as_bytes()).unwrap()];
        let key = PrivateKey::from_pem(key.as_bytes()).unwrap();
        let tls = TlsConfig::builder().client_cert(Some(ClientCert::new_with_certs(&chain, key)));
        UreqTransport::from_builder(Agent::config_builder().tls_config(tls.build()))
    };
    assert!(made(one.client().0, one.client().1).is_ok());
    let failure = made(one.client().0, two.client().1).unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Tls);
}

#[test]
fn a_handshake_that_stalls_is_bounded_by_the_connect_timeout() {
    let server = Server::plain(Script::every([Action::Drain])).unwrap();
    let url = server.url("/").replace("http:", "https:");
    let builder = UreqTransport::builder().connect_timeout(Duration::from_millis(300));
    let transport = builder.build().unwrap();
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

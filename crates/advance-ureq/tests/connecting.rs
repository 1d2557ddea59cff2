//! TLS, proxies, kept-alive connections, many callers.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

mod support;

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use advance_core::{FailureKind, Limits, Phase, Sent, Transport as _};
use advance_ureq::UreqTransport;
use advance_ureq::ureq::Proxy;
use advance_ureq::ureq::tls::{Certificate, RootCerts, TlsConfig};
use http::{Method, Request};
use support::tls::Flaw;
use support::{Peer, Server, text};

const LIMITS: Limits = Limits::new(Duration::from_secs(2), 64);

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
    let tls = TlsConfig::builder().root_certs(roots).build();
    UreqTransport::from_builder(UreqTransport::builder().tls_config(tls)).unwrap()
}

fn through(proxy: SocketAddr) -> UreqTransport {
    let proxy = Proxy::new(&format!("http://user:hidden@{proxy}")).unwrap();
    UreqTransport::from_builder(UreqTransport::builder().proxy(Some(proxy))).unwrap()
}

#[test]
fn tls_says_what_is_wrong_with_the_certificate() {
    let (good, authority) = support::tls::start(Flaw::None);
    let response = trusting(&authority).send(post(&tls_url(&good)), &LIMITS).unwrap();
    assert_eq!(response.body(), b"{}");
    let unknown = fails(&UreqTransport::new().unwrap(), &tls_url(&good), FailureKind::Tls);
    assert!(unknown.contains("UnknownIssuer"), "{unknown}");
    for (flaw, said) in [(Flaw::Expired, "xpired"), (Flaw::WrongHost, "not valid for")] {
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
    let start = Instant::now();
    fails(
        &UreqTransport::from_builder(builder).unwrap(),
        &tls_url(&Server::start(Peer::silence)),
        FailureKind::Timeout(Phase::Connect),
    );
    assert!(
        start.elapsed() < Duration::from_millis(450),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn a_proxy_that_refuses_is_a_proxy_failure() {
    for reply in [
        "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
        "",
    ] {
        let proxy = Server::replying(reply);
        let text = fails(
            &through(proxy.address),
            "https://api.advance.ai/",
            FailureKind::Proxy,
        );
        assert!(!text.contains("hidden") && !text.contains("aGlkZGVu"), "{text}");
        assert!(proxy.requests()[0].starts_with("connect api.advance.ai:443 http/1.1"));
    }
    fails(
        &through(support::closed_port()),
        "https://api.advance.ai/",
        FailureKind::Proxy,
    );
}

#[test]
fn a_proxy_that_dribbles_is_bounded_in_total() {
    let proxy = Server::start(|mut peer| {
        peer.request();
        peer.dribble(
            &b"HTTP/1.1 200 OK\r\nX: y\r\n".repeat(20),
            Duration::from_millis(20),
        );
    });
    let start = Instant::now();
    let failure = through(proxy.address)
        .send(
            post("https://api.advance.ai/"),
            &Limits::new(Duration::from_millis(400), 64),
        )
        .unwrap_err();
    assert_eq!(
        failure.kind(),
        FailureKind::Timeout(Phase::Connect),
        "{}",
        text(&failure)
    );
    assert_eq!(failure.sent(), Sent::No);
    assert!(
        start.elapsed() < Duration::from_millis(480),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn plain_http_to_this_machine_does_not_leave_it_through_a_proxy() {
    let (proxy, server) = (Server::replying(support::OK), Server::replying(support::OK));
    through(proxy.address).send(post(&server.url()), &LIMITS).unwrap();
    assert_eq!((proxy.connections(), server.connections()), (0, 1));
}

/// Answers `times` requests on each connection and ends it.
fn keeping_alive(times: usize) -> Server {
    Server::start(move |mut peer| {
        for _ in 0..times {
            if peer.request().is_none() {
                return;
            }
            peer.write(support::OK.as_bytes());
        }
    })
}

#[test]
fn connections_are_used_again() {
    let server = keeping_alive(100);
    let transport = UreqTransport::new().unwrap();
    for _ in 0..5 {
        transport.clone().send(post(&server.url()), &LIMITS).unwrap();
    }
    assert_eq!((server.connections(), server.requests().len()), (1, 5));
}

#[test]
fn a_connection_that_went_stale_is_replaced_and_costs_no_send() {
    let server = keeping_alive(1);
    let transport = UreqTransport::new().unwrap();
    for _ in 0..3 {
        transport.send(post(&server.url()), &LIMITS).unwrap();
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!((server.connections(), server.requests().len()), (3, 3));
}

#[test]
fn a_request_that_was_read_is_not_sent_again() {
    let server = Server::start(|mut peer| {
        peer.request();
        peer.write(support::OK.as_bytes());
        peer.request();
    });
    let transport = UreqTransport::new().unwrap();
    transport.send(post(&server.url()), &LIMITS).unwrap();
    let failure = transport.send(post(&server.url()), &LIMITS).unwrap_err();
    assert_eq!(
        (failure.kind(), failure.sent()),
        (FailureKind::Reset, Sent::Maybe)
    );
    assert_eq!((server.connections(), server.requests().len()), (1, 2));
}

#[test]
fn three_hundred_callers_at_once() {
    let server = keeping_alive(100);
    let transport = UreqTransport::new().unwrap();
    thread::scope(|scope| {
        for _ in 0..300 {
            scope.spawn(|| {
                let limits = Limits::new(Duration::from_secs(20), 64);
                transport.send(post(&server.url()), &limits).unwrap();
            });
        }
    });
    assert_eq!(server.requests().len(), 300);
}

#[test]
fn extreme_limits_are_no_trouble() {
    let server = keeping_alive(100);
    let transport = UreqTransport::new().unwrap();
    let endless = Limits::new(Duration::MAX, usize::MAX);
    transport.send(post(&server.url()), &endless).unwrap();
    let failure = transport
        .send(post(&server.url()), &Limits::new(Duration::ZERO, 64))
        .unwrap_err();
    assert!(matches!(failure.kind(), FailureKind::Timeout(_)), "{failure:?}");
}

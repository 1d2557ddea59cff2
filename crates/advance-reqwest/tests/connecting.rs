//! TLS, proxies, kept-alive connections, many callers.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

mod support;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use advance_core::{AsyncTransport as _, FailureKind, Limits, Phase, Sent};
use advance_reqwest::ReqwestTransport;
use advance_reqwest::reqwest::{Certificate, Client, Proxy};
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

async fn fails(transport: &ReqwestTransport, url: &str, kind: FailureKind) -> String {
    let failure = transport.send(post(url), &LIMITS).await.unwrap_err();
    assert_eq!(
        (failure.kind(), failure.sent()),
        (kind, Sent::No),
        "{}",
        text(&failure)
    );
    text(&failure)
}

fn trusting(authority: &[u8]) -> ReqwestTransport {
    let authority = Certificate::from_der(authority).unwrap();
    ReqwestTransport::from_builder(Client::builder().tls_certs_only([authority])).unwrap()
}

fn through(proxy: SocketAddr) -> ReqwestTransport {
    let proxy = Proxy::https(format!("http://user:hidden@{proxy}")).unwrap();
    ReqwestTransport::from_builder(ReqwestTransport::builder().unwrap().proxy(proxy)).unwrap()
}

#[tokio::test]
async fn tls_says_what_is_wrong_with_the_certificate() {
    let (good, authority) = support::tls::start(Flaw::None);
    let response = trusting(&authority)
        .send(post(&tls_url(&good)), &LIMITS)
        .await
        .unwrap();
    assert_eq!(response.body(), b"{}");
    let unknown = fails(
        &ReqwestTransport::new().unwrap(),
        &tls_url(&good),
        FailureKind::Tls,
    )
    .await;
    assert!(unknown.contains("UnknownIssuer"), "{unknown}");
    for (flaw, said) in [(Flaw::Expired, "xpired"), (Flaw::WrongHost, "not valid for")] {
        let (server, authority) = support::tls::start(flaw);
        let text = fails(&trusting(&authority), &tls_url(&server), FailureKind::Tls).await;
        assert!(text.contains(said), "{text}");
    }
}

#[tokio::test]
async fn plain_http_on_a_tls_port_is_tls() {
    let server = Server::start(|mut peer| {
        peer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        peer.silence();
    });
    fails(
        &ReqwestTransport::new().unwrap(),
        &tls_url(&server),
        FailureKind::Tls,
    )
    .await;
}

#[tokio::test]
async fn a_handshake_that_stalls_is_bounded_by_the_connect_timeout() {
    let builder = ReqwestTransport::builder()
        .unwrap()
        .connect_timeout(Duration::from_millis(300));
    let start = Instant::now();
    fails(
        &ReqwestTransport::from_builder(builder).unwrap(),
        &tls_url(&Server::start(Peer::silence)),
        FailureKind::Timeout(Phase::Connect),
    )
    .await;
    assert!(
        start.elapsed() < Duration::from_millis(450),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn a_proxy_that_refuses_is_a_proxy_failure() {
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
        )
        .await;
        assert!(!text.contains("hidden") && !text.contains("aGlkZGVu"), "{text}");
        assert!(proxy.requests()[0].starts_with("connect api.advance.ai:443 http/1.1"));
    }
    fails(
        &through(support::closed_port()),
        "https://api.advance.ai/",
        FailureKind::Proxy,
    )
    .await;
}

#[tokio::test]
async fn a_proxy_that_dribbles_is_bounded_in_total() {
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
        .await
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

#[tokio::test]
async fn plain_http_to_this_machine_does_not_leave_it_through_a_proxy() {
    let (proxy, server) = (Server::replying(support::OK), Server::replying(support::OK));
    through(proxy.address)
        .send(post(&server.url()), &LIMITS)
        .await
        .unwrap();
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

#[tokio::test]
async fn connections_are_used_again() {
    let server = keeping_alive(100);
    let transport = ReqwestTransport::new().unwrap();
    for _ in 0..5 {
        transport
            .clone()
            .send(post(&server.url()), &LIMITS)
            .await
            .unwrap();
    }
    assert_eq!((server.connections(), server.requests().len()), (1, 5));
}

#[tokio::test]
async fn a_connection_that_went_stale_is_replaced_and_costs_no_send() {
    let server = keeping_alive(1);
    let transport = ReqwestTransport::new().unwrap();
    for _ in 0..3 {
        transport.send(post(&server.url()), &LIMITS).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!((server.connections(), server.requests().len()), (3, 3));
}

#[tokio::test]
async fn a_request_that_was_read_is_not_sent_again() {
    let server = Server::start(|mut peer| {
        peer.request();
        peer.write(support::OK.as_bytes());
        peer.request();
    });
    let transport = ReqwestTransport::new().unwrap();
    transport.send(post(&server.url()), &LIMITS).await.unwrap();
    let failure = transport.send(post(&server.url()), &LIMITS).await.unwrap_err();
    assert_eq!(
        (failure.kind(), failure.sent()),
        (FailureKind::Reset, Sent::Maybe)
    );
    assert_eq!((server.connections(), server.requests().len()), (1, 2));
}

#[tokio::test]
async fn three_hundred_callers_at_once() {
    let server = keeping_alive(100);
    let transport = ReqwestTransport::new().unwrap();
    let calls: Vec<_> = (0..300)
        .map(|_| {
            let (transport, request) = (transport.clone(), post(&server.url()));
            let limits = Limits::new(Duration::from_secs(20), 64);
            tokio::spawn(async move { transport.send(request, &limits).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(server.requests().len(), 300);
}

#[tokio::test]
async fn extreme_limits_are_no_trouble() {
    let server = keeping_alive(100);
    let transport = ReqwestTransport::new().unwrap();
    let endless = Limits::new(Duration::MAX, usize::MAX);
    transport.send(post(&server.url()), &endless).await.unwrap();
    let failure = transport
        .send(post(&server.url()), &Limits::new(Duration::ZERO, 64))
        .await
        .unwrap_err();
    assert!(matches!(failure.kind(), FailureKind::Timeout(_)), "{failure:?}");
}

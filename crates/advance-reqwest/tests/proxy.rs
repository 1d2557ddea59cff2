//! Proxies that refuse, and what must not go through one.

#![cfg(any(feature = "rustls", feature = "native-tls"))]
// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

mod support;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use advance_core::{AsyncTransport as _, FailureKind, Limits, Phase, Sent};
use advance_reqwest::{ReqwestTransport, reqwest::Proxy};
use http::{Method, Request};
use support::{Server, text};

const LIMITS: Limits = Limits::new(Duration::from_secs(2), 64);

fn post(url: &str) -> Request<Vec<u8>> {
    let mut request = Request::new(b"{}".to_vec());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = url.parse().unwrap();
    request
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

fn through(proxy: SocketAddr) -> ReqwestTransport {
    let proxy = Proxy::https(format!("http://user:hidden@{proxy}")).unwrap();
    ReqwestTransport::from_builder(ReqwestTransport::builder().unwrap().proxy(proxy)).unwrap()
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
            &b"HTTP/1.1 200 OK\r\nX: y\r\n".repeat(40),
            Duration::from_millis(20),
        );
    });
    let transport = through(proxy.address);
    let start = Instant::now();
    let failure = transport
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
        start.elapsed() < Duration::from_millis(700),
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

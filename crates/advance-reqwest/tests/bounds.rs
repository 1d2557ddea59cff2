//! Durations and sizes of a builder at their edges.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use advance_conformance::server::{Script, Server};
use advance_core::AsyncTransport as _;
use advance_core::transport::{FailureKind, Limits};
use advance_reqwest::reqwest::{Client, ClientBuilder};
use advance_reqwest::{Builder, ReqwestTransport};
use http::Request;

const FINE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

async fn works(transport: &ReqwestTransport) {
    let server = Server::plain(Script::reply(FINE)).unwrap();
    for _ in 0..2 {
        let request = Request::post(server.url("/")).body(b"{}".to_vec()).unwrap();
        let limits = Limits::new(Duration::from_secs(10), 64);
        transport.send(request, &limits).await.unwrap();
    }
}

#[tokio::test]
async fn fault_99_what_our_builder_is_told_is_clamped_or_refused() {
    let change: [fn(Builder) -> Builder; 3] = [
        |builder| builder.connect_timeout(Duration::MAX),
        |builder| builder.idle_timeout(Duration::MAX),
        |builder| builder.idle_timeout(Duration::ZERO),
    ];
    for change in change {
        works(&change(ReqwestTransport::builder()).build().unwrap()).await;
    }
    let failure = ReqwestTransport::builder()
        .connect_timeout(Duration::ZERO)
        .build()
        .unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Other);
}

/// It cannot be read, so what is dangerous in it is overridden.
#[tokio::test]
async fn fault_99_a_callers_builder_at_its_edges_does_not_panic() {
    let change: [fn(ClientBuilder) -> ClientBuilder; 8] = [
        |builder| builder.timeout(Duration::MAX),
        |builder| builder.read_timeout(Duration::MAX),
        |builder| builder.connect_timeout(Duration::MAX),
        |builder| builder.pool_idle_timeout(Duration::MAX),
        |builder| builder.pool_idle_timeout(Duration::ZERO),
        |builder| builder.pool_max_idle_per_host(0),
        |builder| builder.tcp_keepalive(Duration::MAX),
        |builder| builder.tcp_keepalive(Duration::ZERO),
    ];
    for change in change {
        let builder = change(Client::builder().no_proxy());
        works(&ReqwestTransport::from_builder(builder).unwrap()).await;
    }
}

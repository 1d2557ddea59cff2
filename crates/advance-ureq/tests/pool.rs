//! Kept-alive connections, and many callers.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

mod support;

use std::thread;
use std::time::Duration;

use advance_core::{FailureKind, Limits, Sent, Transport as _};
use advance_ureq::UreqTransport;
use http::{Method, Request};
use support::Server;

const LIMITS: Limits = Limits::new(Duration::from_secs(2), 64);

fn post(url: &str) -> Request<Vec<u8>> {
    let mut request = Request::new(b"{}".to_vec());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = url.parse().unwrap();
    request
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

//! What goes wrong on a wire, and what it is called.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

mod support;

use std::time::{Duration, Instant};

use advance_core::{Failure, FailureKind, Limits, Phase, Sent, Transport as _};
use advance_ureq::UreqTransport;
use http::{HeaderValue, Method, Request, Response};
use support::{Server, closed_port, text};

const CAP: usize = 64;
const WITHIN: Duration = Duration::from_millis(700);
/// Other tests keep the processor busy.
const MARGIN: Duration = Duration::from_millis(300);

fn request(url: &str) -> Request<Vec<u8>> {
    let mut request = Request::new(br#"{"body":"hidden-in-body"}"#.to_vec());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = url.parse().unwrap();
    let mut token = HeaderValue::from_static("hidden-in-token");
    token.set_sensitive(true);
    request.headers_mut().insert("x-access-token", token);
    request
}

fn send(url: &str) -> Result<Response<Vec<u8>>, Failure> {
    let transport = UreqTransport::new().unwrap();
    let start = Instant::now();
    let outcome = transport.send(request(url), &Limits::new(WITHIN, CAP));
    assert!(start.elapsed() < WITHIN + MARGIN, "took {:?}", start.elapsed());
    outcome
}

#[track_caller]
fn fails(url: &str, kind: FailureKind, sent: Sent) {
    let failure = send(url).unwrap_err();
    assert_eq!(
        (failure.kind(), failure.sent()),
        (kind, sent),
        "{}",
        text(&failure)
    );
    assert!(!text(&failure).contains("hidden"), "{}", text(&failure));
}

#[test]
fn a_closed_port_is_connect_and_nothing_was_sent() {
    let url = format!("http://{}/?query=hidden-in-query", closed_port());
    fails(&url, FailureKind::Connect, Sent::No);
}

#[test]
fn silence_and_dribbled_heads_and_bodies_end_in_time() {
    let exchange = FailureKind::Timeout(Phase::Exchange);
    let pause = Duration::from_millis(20);
    let silent = Server::start(support::Peer::silence);
    fails(&silent.url(), exchange, Sent::Maybe);
    let head = Server::start(move |mut peer| {
        peer.request();
        peer.dribble(
            b"HTTP/1.1 200 OK\r\nX-Long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            pause,
        );
        peer.silence();
    });
    fails(&head.url(), exchange, Sent::Maybe);
    let body = Server::start(move |mut peer| {
        peer.request();
        peer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n");
        peer.dribble(&[b' '; 60], pause);
    });
    fails(&body.url(), exchange, Sent::Maybe);
}

#[test]
fn a_reset_before_the_response_may_have_been_sent() {
    let server = Server::start(support::Peer::reset);
    fails(&server.url(), FailureKind::Reset, Sent::Maybe);
}

#[test]
fn a_close_before_the_response_is_a_reset() {
    fails(&Server::replying("").url(), FailureKind::Reset, Sent::Maybe);
    fails(
        &Server::replying("HTTP/1.1 200 OK\r\nConte").url(),
        FailureKind::Reset,
        Sent::Maybe,
    );
}

#[test]
fn a_body_that_is_cut_is_a_body_failure() {
    for reply in [
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{}",
    ] {
        fails(&Server::replying(reply).url(), FailureKind::Body, Sent::Maybe);
    }
}

#[test]
fn a_reset_within_the_body_is_a_body_failure() {
    for head in ["Content-Length: 9\r\n", "Connection: close\r\n"] {
        let server = Server::start(move |mut peer| {
            peer.head();
            peer.write(format!("HTTP/1.1 200 OK\r\n{head}\r\n{{}}").as_bytes());
            peer.reset();
        });
        fails(&server.url(), FailureKind::Body, Sent::Maybe);
    }
}

#[test]
fn what_is_not_http_is_http_failure() {
    for reply in [
        "garbage garbage garbage\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}".to_owned(),
        format!(
            "HTTP/1.1 200 OK\r\nX-Big: {}\r\nContent-Length: 2\r\n\r\n{{}}",
            "a".repeat(70_000)
        ),
        format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-Many: 1\r\n".repeat(10_000)),
    ] {
        fails(&Server::replying(reply).url(), FailureKind::Http, Sent::Maybe);
    }
}

#[test]
fn the_cap_holds_by_announcement_and_by_count() {
    let announced = Server::start(|mut peer| {
        peer.request();
        // The body never comes: the announcement alone must do.
        peer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 65\r\n\r\n");
        peer.silence();
    });
    fails(&announced.url(), FailureKind::TooLarge, Sent::Maybe);
    let streamed = Server::start(|mut peer| {
        peer.request();
        peer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        peer.write(&[b' '; 65]);
        peer.silence();
    });
    fails(&streamed.url(), FailureKind::TooLarge, Sent::Maybe);
    let full = Server::replying(
        [
            b"HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\n".as_slice(),
            &[b' '; 64],
        ]
        .concat(),
    );
    assert_eq!(send(&full.url()).unwrap().body().len(), CAP);
}

#[test]
fn redirects_are_responses_and_go_nowhere() {
    let other = Server::replying(support::OK);
    for status in ["301", "302", "303", "307", "308"] {
        for location in [other.url(), "/elsewhere".to_owned()] {
            let reply =
                format!("HTTP/1.1 {status} Go\r\nLocation: {location}\r\nContent-Length: 2\r\n\r\n{{}}");
            let server = Server::replying(reply);
            let response = send(&server.url()).unwrap();
            assert_eq!(response.status().as_str(), status);
            assert_eq!(response.body(), b"{}");
            assert_eq!(server.connections(), 1);
        }
    }
    assert_eq!(other.connections(), 0);
}

#[test]
fn every_status_is_a_response_with_its_body() {
    for status in ["400", "401", "404", "429", "500", "503"] {
        let server = Server::replying(format!(
            "HTTP/1.1 {status} No\r\nRetry-After: 10s\r\nContent-Length: 2\r\n\r\n{{}}"
        ));
        let response = send(&server.url()).unwrap();
        assert_eq!(response.status().as_str(), status);
        assert_eq!(response.headers()["retry-after"], "10s");
        assert_eq!(response.body(), b"{}");
    }
}

#[test]
fn informational_responses_are_passed_over() {
    let server = Server::replying(format!(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n{}",
        support::OK
    ));
    assert_eq!(send(&server.url()).unwrap().status(), 200);
}

#[test]
fn plain_http_to_another_machine_is_refused() {
    for url in [
        "http://192.0.2.1/?query=hidden-in-query",
        "http://api.advance.ai/",
        "ftp://127.0.0.1/",
    ] {
        let start = Instant::now();
        fails(url, FailureKind::Refused, Sent::No);
        assert!(start.elapsed() < Duration::from_millis(300));
    }
}

#[test]
fn a_get_without_a_body_passes() {
    let server = Server::replying(support::OK);
    let mut get = request(&server.url());
    *get.method_mut() = Method::GET;
    get.body_mut().clear();
    UreqTransport::new()
        .unwrap()
        .send(get, &Limits::new(WITHIN, CAP))
        .unwrap();
    let seen = server.requests().remove(0);
    assert!(
        seen.starts_with("get /path?query=hidden-in-query http/1.1"),
        "{seen}"
    );
    assert!(!seen.contains("transfer-encoding"), "{seen}");
}

#[test]
fn the_request_says_no_more_than_it_must() {
    let server = Server::replying(support::OK);
    send(&server.url()).unwrap();
    let seen = server.requests().remove(0);
    for absent in [
        "accept-encoding",
        "cookie",
        "referer",
        "transfer-encoding",
        "user-agent",
    ] {
        assert!(!seen.contains(absent), "{seen}");
    }
    assert!(seen.contains("x-access-token: hidden-in-token"), "{seen}");
    assert!(seen.ends_with(r#"{"body":"hidden-in-body"}"#), "{seen}");
}

#[test]
fn no_process_wide_provider_is_installed() {
    drop(UreqTransport::new().unwrap());
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
}

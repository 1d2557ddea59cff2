//! Where a case leaves a transport a choice, those of this workspace have made it.
#![allow(clippy::unwrap_used)] // A panic is how a test fails.

use std::time::Duration;

use advance_conformance::server::{Action, Script, Server};
use advance_conformance::{Setup, Subject};
use advance_core::Transport;
use advance_core::transport::{Failure, FailureKind, Limits, Sent};
use http::{Method, Request, Response};

#[path = "../examples/transports/ours.rs"]
mod ours;
#[path = "../examples/transports/tokio_runtime.rs"]
mod tokio_runtime;

/// Long enough for a busy machine; nothing here is about time.
const LIMITS: Limits = Limits::new(Duration::from_secs(20), 64);

/// Ours, each with a new transport.
fn ours() -> Vec<(Subject, Box<dyn Transport + Send + Sync>)> {
    ours::subjects()
        .into_iter()
        .map(|subject| {
            let transport = subject.transport(&Setup::plain());
            (subject, transport)
        })
        .collect()
}

fn post(url: &str, body: &[u8]) -> Request<Vec<u8>> {
    let mut request = Request::new(body.to_vec());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = url.parse().unwrap();
    request
}

fn replying(bytes: impl AsRef<[u8]>) -> Server {
    Server::plain(Script::every([Action::Read, Action::send(bytes)])).unwrap()
}

fn send(transport: &(dyn Transport + Send + Sync), server: &Server) -> Result<Response<Vec<u8>>, Failure> {
    transport.send(post(&server.url("/"), b"{}"), &LIMITS)
}

#[track_caller]
fn fails(reply: impl AsRef<[u8]>, kind: FailureKind) {
    for (subject, transport) in ours() {
        let failure = send(&*transport, &replying(&reply)).unwrap_err();
        assert_eq!(
            (failure.kind(), failure.sent()),
            (kind, Sent::Maybe),
            "{subject:?}: {failure:?}"
        );
    }
}

#[test]
fn a_head_that_breaks_off_is_a_reset() {
    fails("HTTP/1.1 200 OK\r\nConte", FailureKind::Reset);
}

#[test]
fn a_chunk_that_is_none_is_not_http() {
    let reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n";
    fails(reply, FailureKind::Http);
}

#[test]
fn length_beside_chunks_is_refused() {
    let reply =
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nnull\r\n0\r\n\r\n";
    fails(reply, FailureKind::Http);
}

#[test]
fn a_head_past_64_kib_is_refused() {
    let long = "a".repeat(70_000);
    fails(
        format!("HTTP/1.1 200 OK\r\nX-Big: {long}\r\nContent-Length: 2\r\n\r\n{{}}"),
        FailureKind::Http,
    );
    let many = "X-Many: 1\r\n".repeat(10_000);
    fails(format!("HTTP/1.1 200 OK\r\n{many}\r\n"), FailureKind::Http);
}

/// A resolver that is far away would have to take longer than the limit for this to be a timeout.
#[test]
fn a_name_that_does_not_resolve_is_connect() {
    for (subject, transport) in ours() {
        let failure = transport
            .send(post("https://does-not-exist.invalid/", b"{}"), &LIMITS)
            .unwrap_err();
        assert_eq!(
            (failure.kind(), failure.sent()),
            (FailureKind::Connect, Sent::No),
            "{subject:?}: {failure:?}"
        );
    }
}

/// ureq would send a length, and keeps the URL beside the response.
#[test]
fn a_get_has_no_body_and_its_url_does_not_come_back() {
    for (subject, transport) in ours() {
        let server = replying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        let get = Request::get(server.url("/picture?Signature=x"))
            .body(Vec::new())
            .unwrap();
        let response = transport.send(get, &LIMITS).unwrap();
        assert!(response.extensions().is_empty(), "{subject:?}");
        let seen = &server.journal().requests()[0];
        assert_eq!(
            (seen.method.as_str(), seen.target.as_str()),
            ("GET", "/picture?Signature=x")
        );
        for name in ["content-length", "transfer-encoding"] {
            assert!(seen.values(name).is_empty(), "{subject:?} sent {name}");
        }
    }
}

#[test]
fn a_connection_that_went_stale_is_replaced_and_costs_no_send() {
    for (subject, transport) in ours() {
        let server = replying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        for _ in 0..3 {
            send(&*transport, &server).unwrap();
            // The server's FIN follows its reply at once.
            std::thread::sleep(Duration::from_millis(250));
        }
        let journal = server.journal();
        assert_eq!(
            (journal.connections(), journal.requests().len()),
            (3, 3),
            "{subject:?}"
        );
    }
}

#[test]
fn three_hundred_callers_at_once() {
    for (subject, transport) in ours() {
        let echo = Action::answer(|seen| {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", seen.body.len());
            [head.as_bytes(), &seen.body].concat()
        });
        let server = Server::plain(Script::every([Action::Read, echo, Action::Again])).unwrap();
        std::thread::scope(|scope| {
            for number in 0..300 {
                let (server, transport) = (&server, &transport);
                scope.spawn(move || {
                    let body = format!("caller {number}").into_bytes();
                    let response = transport.send(post(&server.url("/"), &body), &LIMITS).unwrap();
                    assert_eq!(response.body(), &body);
                });
            }
        });
        assert_eq!(server.journal().requests().len(), 300, "{subject:?}");
    }
}

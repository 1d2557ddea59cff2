//! What an endpoint of any shape sends arrives as it is, over both transports of ours.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use advance_conformance::server::{Action, Script, Server};
use advance_core::transport::Limits;
use advance_core::{AsyncTransport as _, Transport as _};
use advance_reqwest::ReqwestTransport;
use advance_ureq::UreqTransport;
use http::{Method, Request};

#[test]
fn every_method_arrives_with_its_body_and_a_length() {
    let answer = Action::answer(|_| b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".to_vec());
    let server = Server::plain(Script::every([Action::Read, answer, Action::Again])).unwrap();
    let limits = Limits::new(Duration::from_secs(10), 1024);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (ours, other) = (UreqTransport::new().unwrap(), ReqwestTransport::new().unwrap());
    let mut expected = Vec::new();
    for (method, body, length) in [
        ("GET", "", None),
        ("DELETE", "", None),
        // A gateway may refuse these without a length (411).
        ("POST", "", Some("0")),
        ("PUT", "", Some("0")),
        ("PATCH", "", Some("0")),
        ("POST", "x", Some("1")),
        ("PUT", "x", Some("1")),
        ("PATCH", "x", Some("1")),
        ("DELETE", "x", Some("1")),
        ("QUERY", "x", Some("1")),
    ] {
        let request = || {
            let mut request = Request::new(body.as_bytes().to_vec());
            *request.method_mut() = Method::from_bytes(method.as_bytes()).unwrap();
            *request.uri_mut() = server.url("/").parse().unwrap();
            request
        };
        ours.send(request(), &limits).unwrap();
        runtime.block_on(other.send(request(), &limits)).unwrap();
        let seen = (
            method.to_owned(),
            body.to_owned(),
            length.map(str::to_owned),
            false,
        );
        expected.extend([seen.clone(), seen]);
    }
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let requests = server.journal().requests();
    let came = requests.iter().map(|seen| {
        let length = seen.values("content-length").first().map(|length| text(length));
        let chunked = !seen.values("transfer-encoding").is_empty();
        (seen.method.clone(), text(&seen.body), length, chunked)
    });
    assert_eq!(came.collect::<Vec<_>>(), expected);
}

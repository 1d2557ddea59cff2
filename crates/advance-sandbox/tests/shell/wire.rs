//! Requests as bytes, so that a test can break them.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use advance_sandbox::Sandbox;
use serde_json::Value;

pub(crate) const TOKEN: &str = "/openapi/auth/ticket/v1/generate-token";

pub(crate) fn connect(addr: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

/// What comes back until the server closes, and how it closed.
pub(crate) fn raw(addr: SocketAddr, request: &[u8]) -> (String, Option<ErrorKind>) {
    let mut stream = connect(addr);
    stream.write_all(request).unwrap();
    let (mut read, mut buffer) = (Vec::new(), [0; 4096]);
    let ended = loop {
        match stream.read(&mut buffer) {
            Ok(0) => break None,
            Ok(count) => read.extend_from_slice(&buffer[..count]),
            Err(error) => break Some(error.kind()),
        }
    };
    (String::from_utf8_lossy(&read).into_owned(), ended)
}

pub(crate) fn request(method: &str, path: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
    .into_bytes()
}

pub(crate) const OWN: &str = "host: localhost\r\ncontent-type: application/json\r\n";

pub(crate) fn control(sandbox: &Sandbox, method: &str, path: &str, body: &Value) -> Value {
    let path = format!("/__sandbox/{path}");
    let (reply, _) = raw(sandbox.addr(), &request(method, &path, OWN, &body.to_string()));
    serde_json::from_str(reply.split("\r\n\r\n").nth(1).unwrap()).unwrap()
}

pub(crate) fn status(reply: &str) -> &str {
    reply.get(9..12).unwrap_or(reply)
}

//! A server that misbehaves as told, on loopback.

// Each test binary uses its part of it.
#![allow(dead_code)]

pub(crate) mod tls;

use std::error::Error as _;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use advance_core::Failure;

pub(crate) const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
}

/// One accepted connection, and where to note what came over it.
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Runs `script` for each connection, on a thread of its own.
    pub(crate) fn start(script: impl Fn(Peer) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            connections: Arc::default(),
            requests: Arc::default(),
        };
        let (connections, requests) = (Arc::clone(&server.connections), Arc::clone(&server.requests));
        let script = Arc::new(script);
        thread::spawn(move || {
            for stream in listener.incoming() {
                connections.fetch_add(1, Ordering::SeqCst);
                let (stream, script) = (stream.unwrap(), Arc::clone(&script));
                stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                let requests = Arc::clone(&requests);
                thread::spawn(move || script(Peer { stream, requests }));
            }
        });
        server
    }

    /// Takes each request and answers it with these bytes, then closes.
    pub(crate) fn replying(reply: impl Into<Vec<u8>>) -> Self {
        let reply = reply.into();
        Self::start(move |mut peer| {
            peer.request();
            peer.write(&reply);
            peer.close();
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/path?query=hidden-in-query", self.address)
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Peer {
    /// Reads one request with the body its `Content-Length` announces; `None` once the client is gone.
    pub(crate) fn request(&mut self) -> Option<String> {
        let head = self.head()?;
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).ok()?;
        let request = head + &String::from_utf8(body).unwrap();
        self.requests.lock().unwrap().push(request.clone());
        Some(request)
    }

    /// Reads the head, and leaves the body unread.
    pub(crate) fn head(&mut self) -> Option<String> {
        let mut bytes = Vec::new();
        let mut byte = [0];
        while !bytes.ends_with(b"\r\n\r\n") {
            match self.stream.read(&mut byte) {
                Ok(1) => bytes.push(byte[0]),
                _ => return None,
            }
        }
        Some(String::from_utf8(bytes).unwrap().to_ascii_lowercase())
    }

    /// A client that is gone is no fault of the script.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// One byte at a time.
    pub(crate) fn dribble(&mut self, bytes: &[u8], pause: Duration) {
        for byte in bytes {
            if self.stream.write_all(&[*byte]).is_err() {
                return;
            }
            thread::sleep(pause);
        }
    }

    /// FIN, and then whatever else the client may say.
    pub(crate) fn close(mut self) {
        let _ = self.stream.shutdown(Shutdown::Write);
        let _ = self.stream.read_to_end(&mut Vec::new());
    }

    /// RST: what a kernel sends when a socket with unread bytes is closed. So leave something of the request unread.
    pub(crate) fn reset(self) {
        self.stream.peek(&mut [0]).unwrap();
        thread::sleep(Duration::from_millis(50));
    }

    /// Says nothing until the client gives up.
    pub(crate) fn silence(mut self) {
        let _ = self.stream.read_to_end(&mut Vec::new());
    }
}

/// A port where nobody listens.
pub(crate) fn closed_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// Everything that a failure says, in every way it can be asked.
pub(crate) fn text(failure: &Failure) -> String {
    let mut said = vec![format!("{failure} {failure:?} {failure:#?}")];
    let mut source = failure.source();
    while let Some(error) = source {
        said.push(format!("{error} {error:?}"));
        source = error.source();
    }
    said.join(" / ")
}

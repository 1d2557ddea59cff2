//! A transport of nothing but a `TcpStream` and `httparse`: one connection a request, `Connection: close`, no TLS.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant, SystemTime};

use advance_core::transport::{Failure, FailureKind, Limits, Phase, Sent, permitted};
use advance_core::{Now, Transport};
use http::{Request, Response};

/// Bytes of a head, at most.
const MAX_HEAD: usize = 64 << 10;
/// Longer limits would overflow the clock.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Speaks plain HTTP/1.1 to this machine.
pub(crate) struct Bare {
    origin: Instant,
}

impl Bare {
    pub(crate) fn new() -> Self {
        Self {
            origin: Instant::now(),
        }
    }
}

impl Transport for Bare {
    fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        permitted(&request)?;
        if request.uri().scheme_str() != Some("http") {
            return Err(Failure::new(FailureKind::Tls, Sent::No).with_source("this transport has no TLS"));
        }
        Exchange::connect(&request, limits)?.run(&request)
    }

    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }

    fn now(&self) -> Now {
        Now::new(SystemTime::now(), self.origin.elapsed())
    }
}

struct Exchange {
    stream: TcpStream,
    until: Instant,
    max_body: usize,
}

impl Exchange {
    fn connect(request: &Request<Vec<u8>>, limits: &Limits) -> Result<Self, Failure> {
        let until = Instant::now() + limits.within.min(LONGEST);
        let none = || Failure::new(FailureKind::Connect, Sent::No);
        let host = request.uri().host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = request.uri().port_u16().unwrap_or(80);
        // Only names of this machine get here, so the look-up does not leave it.
        let addresses: Vec<SocketAddr> = (host, port)
            .to_socket_addrs()
            .map_err(|error| none().with_source(error))?
            .collect();
        let mut last = none();
        for address in addresses {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Failure::new(FailureKind::Timeout(Phase::Connect), Sent::No));
            }
            match TcpStream::connect_timeout(&address, left) {
                Ok(stream) => {
                    return Ok(Self {
                        stream,
                        until,
                        max_body: limits.max_body,
                    });
                }
                Err(error) if error.kind() == ErrorKind::TimedOut => {
                    last = Failure::new(FailureKind::Timeout(Phase::Connect), Sent::No);
                }
                Err(error) => last = none().with_source(error),
            }
        }
        Err(last)
    }

    fn run(mut self, request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Failure> {
        self.write(&head_of(request))?;
        self.write(request.body())?;
        let mut read = Vec::new();
        loop {
            if self.fill(&mut read, FailureKind::Reset)? == 0 {
                return Err(lost(FailureKind::Reset));
            }
            while let Some((response, length)) = parse_head(&read)? {
                read.drain(..length);
                if !response.status().is_informational() {
                    let body = self.body(&response, read)?;
                    return Ok(response.map(|()| body));
                }
            }
            if read.len() > MAX_HEAD {
                return Err(lost(FailureKind::Http).with_source("the head has no end"));
            }
        }
    }

    fn body(&mut self, response: &Response<()>, mut read: Vec<u8>) -> Result<Vec<u8>, Failure> {
        if matches!(response.status().as_u16(), 204 | 304) {
            return Ok(Vec::new());
        }
        if response.headers().contains_key("transfer-encoding") {
            return self.chunks(read);
        }
        let Some(length) = content_length(response)? else {
            while self.room_for(read.len())? && self.fill(&mut read, FailureKind::Body)? > 0 {}
            return Ok(read);
        };
        self.room_for(length)?;
        while read.len() < length {
            if self.fill(&mut read, FailureKind::Body)? == 0 {
                return Err(lost(FailureKind::Body));
            }
        }
        read.truncate(length);
        Ok(read)
    }

    fn chunks(&mut self, mut read: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        loop {
            let broken = || lost(FailureKind::Body).with_source("a malformed chunk");
            let (line, size) = match httparse::parse_chunk_size(&read).map_err(|_| broken())? {
                httparse::Status::Complete(found) => found,
                httparse::Status::Partial if read.len() > MAX_HEAD => return Err(broken()),
                httparse::Status::Partial => {
                    if self.fill(&mut read, FailureKind::Body)? == 0 {
                        return Err(lost(FailureKind::Body));
                    }
                    continue;
                }
            };
            // Trailers may follow; the connection is closed, so they need not be read.
            if size == 0 {
                return Ok(body);
            }
            let size = usize::try_from(size).unwrap_or(usize::MAX);
            self.room_for(body.len().saturating_add(size))?;
            let end = line + size;
            while read.len() < end + 2 {
                if self.fill(&mut read, FailureKind::Body)? == 0 {
                    return Err(lost(FailureKind::Body));
                }
            }
            if &read[end..end + 2] != b"\r\n" {
                return Err(broken());
            }
            body.extend_from_slice(&read[line..end]);
            read.drain(..end + 2);
        }
    }

    /// Always true, or the failure.
    fn room_for(&self, length: usize) -> Result<bool, Failure> {
        if length > self.max_body {
            return Err(lost(FailureKind::TooLarge));
        }
        Ok(true)
    }

    fn fill(&mut self, read: &mut Vec<u8>, kind: FailureKind) -> Result<usize, Failure> {
        let mut room = [0; 16 << 10];
        loop {
            let left = self.left()?;
            let result = self.stream.set_read_timeout(Some(left));
            match result.and_then(|()| self.stream.read(&mut room)) {
                Ok(length) => {
                    read.extend_from_slice(&room[..length]);
                    return Ok(length);
                }
                Err(error) if later(&error) => {}
                Err(error) => return Err(lost(kind).with_source(error)),
            }
        }
    }

    fn write(&mut self, mut bytes: &[u8]) -> Result<(), Failure> {
        while !bytes.is_empty() {
            let left = self.left()?;
            let result = self.stream.set_write_timeout(Some(left));
            match result.and_then(|()| self.stream.write(bytes)) {
                Ok(length) => bytes = &bytes[length..],
                Err(error) if later(&error) => {}
                Err(error) => return Err(lost(FailureKind::Reset).with_source(error)),
            }
        }
        Ok(())
    }

    fn left(&self) -> Result<Duration, Failure> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(lost(FailureKind::Timeout(Phase::Exchange)));
        }
        Ok(left)
    }
}

/// From the first byte on, it is unknown whether the request arrived.
fn lost(kind: FailureKind) -> Failure {
    Failure::new(kind, Sent::Maybe)
}

fn later(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}

fn head_of(request: &Request<Vec<u8>>) -> Vec<u8> {
    let target = request
        .uri()
        .path_and_query()
        .map_or("/", |target| target.as_str());
    let host = request
        .uri()
        .authority()
        .map_or("", |authority| authority.as_str());
    let mut head = format!(
        "{} {target} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {}\r\nconnection: close\r\n",
        request.method(),
        request.body().len()
    )
    .into_bytes();
    for (name, value) in request.headers() {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// The head and its length; `None` if more is needed.
fn parse_head(bytes: &[u8]) -> Result<Option<(Response<()>, usize)>, Failure> {
    let wrong = |error: httparse::Error| lost(FailureKind::Http).with_source(error);
    let mut room = [httparse::EMPTY_HEADER; 100];
    let mut head = httparse::Response::new(&mut room);
    let httparse::Status::Complete(length) = head.parse(bytes).map_err(wrong)? else {
        return Ok(None);
    };
    let mut response = Response::builder().status(head.code.unwrap_or_default());
    for header in head.headers {
        response = response.header(header.name, header.value);
    }
    let response = response
        .body(())
        .map_err(|error| lost(FailureKind::Http).with_source(error))?;
    Ok(Some((response, length)))
}

fn content_length(response: &Response<()>) -> Result<Option<usize>, Failure> {
    let mut length = None;
    for value in response.headers().get_all("content-length") {
        let wrong = || lost(FailureKind::Http).with_source("a wrong Content-Length");
        let next: u64 = value
            .to_str()
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or_else(wrong)?;
        if length.is_some_and(|length| length != next) {
            return Err(wrong());
        }
        length = Some(next);
    }
    Ok(length.map(|length| usize::try_from(length).unwrap_or(usize::MAX)))
}

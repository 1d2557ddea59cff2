//! A transport over attohttpc: plain HTTP/1.1, one connection a request.

use std::io::{self, Read};
use std::time::{Duration, Instant, SystemTime};

use advance_core::transport::{Failure, FailureKind, Limits, Phase, Sent, permitted};
use advance_core::{Now, Transport};
use attohttpc::{ErrorKind, InvalidResponseKind, ProxySettings, RequestBuilder};
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Request, Response};

/// Longer limits would overflow the clock.
const LONGEST: Duration = Duration::from_secs(86_400);

pub struct OverAttohttpc(Instant);

impl OverAttohttpc {
    pub fn new() -> Self {
        Self(Instant::now())
    }
}

impl Transport for OverAttohttpc {
    fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        permitted(&request)?;
        let within = limits.within.min(LONGEST);
        if within.is_zero() {
            return Err(Failure::new(FailureKind::Timeout(Phase::Connect), Sent::No));
        }
        let (head, body) = request.into_parts();
        let mut builder = RequestBuilder::new(head.method, head.uri.to_string())
            .follow_redirects(false)
            .max_headers(1_000)
            .proxy_settings(ProxySettings::builder().build())
            .connect_timeout(within)
            .read_timeout(within)
            .timeout(within);
        *builder.headers_mut() = head.headers;
        let response = builder.bytes(body).send().map_err(failure)?;
        let (status, headers, mut reader) = response.split();
        let announced = announced(&headers);
        if announced.is_some_and(|length| length > limits.max_body) {
            return Err(Failure::new(FailureKind::TooLarge, Sent::Maybe));
        }
        let room = u64::try_from(limits.max_body)
            .unwrap_or(u64::MAX)
            .saturating_add(1);
        let mut body = Vec::new();
        reader.by_ref().take(room).read_to_end(&mut body).map_err(torn)?;
        if body.len() > limits.max_body {
            return Err(Failure::new(FailureKind::TooLarge, Sent::Maybe));
        }
        // It hands out what came before the connection was lost as if it were all.
        if announced.is_some_and(|length| length > body.len()) {
            return Err(Failure::new(FailureKind::Body, Sent::Maybe));
        }
        let mut whole = Response::new(body);
        *whole.status_mut() = status;
        *whole.headers_mut() = headers;
        Ok(whole)
    }

    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }

    fn now(&self) -> Now {
        Now::new(SystemTime::now(), self.0.elapsed())
    }
}

fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Its errors name hosts and URLs, so only the kind is kept.
fn failure(error: attohttpc::Error) -> Failure {
    match error.kind() {
        ErrorKind::Io(error) => match error.kind() {
            io::ErrorKind::ConnectionRefused => Failure::new(FailureKind::Connect, Sent::No),
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
                Failure::new(FailureKind::Timeout(Phase::Exchange), Sent::Maybe)
            }
            _ => Failure::new(FailureKind::Reset, Sent::Maybe),
        },
        ErrorKind::InvalidResponse(InvalidResponseKind::StatusLine | InvalidResponseKind::Header) => {
            Failure::new(FailureKind::Http, Sent::Maybe)
        }
        ErrorKind::InvalidResponse(_) | ErrorKind::Http(_) => Failure::new(FailureKind::Http, Sent::Maybe),
        ErrorKind::TlsDisabled => Failure::new(FailureKind::Tls, Sent::No),
        _ => Failure::new(FailureKind::Other, Sent::Maybe),
    }
}

fn torn(error: io::Error) -> Failure {
    let kind = match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => FailureKind::Timeout(Phase::Exchange),
        _ => FailureKind::Body,
    };
    Failure::new(kind, Sent::Maybe)
}

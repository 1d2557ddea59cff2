//! A transport over isahc, which is curl: plain HTTP/1.1 with a pool.

use std::io::{self, Read};
use std::time::{Duration, Instant, SystemTime};

use advance_core::transport::{Failure, FailureKind, Limits, Phase, Sent, permitted};
use advance_core::{Now, Transport};
use http::header::CONTENT_LENGTH;
use http::{Request, Response};
use isahc::HttpClient;
use isahc::config::{Configurable as _, RedirectPolicy, VersionNegotiation};
use isahc::error::ErrorKind;

/// Longer limits would overflow the clock.
const LONGEST: Duration = Duration::from_secs(86_400);

pub struct OverIsahc(HttpClient, Instant);

impl OverIsahc {
    pub fn new() -> Self {
        let client = HttpClient::builder()
            .redirect_policy(RedirectPolicy::None)
            .version_negotiation(VersionNegotiation::http11())
            .automatic_decompression(false)
            .proxy(None)
            .build();
        Self(
            client.expect("a client without options can be made"),
            Instant::now(),
        )
    }
}

impl Transport for OverIsahc {
    fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        permitted(&request)?;
        if limits.within.is_zero() {
            return Err(Failure::new(FailureKind::Timeout(Phase::Connect), Sent::No));
        }
        let within = limits.within.min(LONGEST);
        let (head, body) = request.into_parts();
        let mut sent = Request::builder()
            .method(head.method)
            .uri(head.uri)
            .timeout(within)
            .connect_timeout(within)
            .body(body)
            .map_err(|_| Failure::new(FailureKind::Other, Sent::No))?;
        *sent.headers_mut() = head.headers;
        let mut response = self.0.send(sent).map_err(|error| failure(&error))?;
        let announced = response
            .headers()
            .get(CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse().ok());
        if announced.is_some_and(|length: usize| length > limits.max_body) {
            return Err(Failure::new(FailureKind::TooLarge, Sent::Maybe));
        }
        let room = u64::try_from(limits.max_body)
            .unwrap_or(u64::MAX)
            .saturating_add(1);
        let mut body = Vec::new();
        response
            .body_mut()
            .take(room)
            .read_to_end(&mut body)
            .map_err(|error| torn(&error))?;
        if body.len() > limits.max_body {
            return Err(Failure::new(FailureKind::TooLarge, Sent::Maybe));
        }
        let (head, _) = response.into_parts();
        let mut whole = Response::new(body);
        *whole.status_mut() = head.status;
        *whole.headers_mut() = head.headers;
        Ok(whole)
    }

    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }

    fn now(&self) -> Now {
        Now::new(SystemTime::now(), self.1.elapsed())
    }
}

/// Its errors may name the host, so only the kind is kept.
fn failure(error: &isahc::Error) -> Failure {
    match error.kind() {
        ErrorKind::ConnectionFailed | ErrorKind::NameResolution => {
            Failure::new(FailureKind::Connect, Sent::No)
        }
        ErrorKind::Timeout => Failure::new(FailureKind::Timeout(Phase::Exchange), Sent::Maybe),
        ErrorKind::ProtocolViolation => Failure::new(FailureKind::Http, Sent::Maybe),
        ErrorKind::Io => Failure::new(FailureKind::Reset, Sent::Maybe),
        ErrorKind::TlsEngine | ErrorKind::BadServerCertificate => Failure::new(FailureKind::Tls, Sent::No),
        _ => Failure::new(FailureKind::Other, Sent::Maybe),
    }
}

fn torn(error: &io::Error) -> Failure {
    let kind = match error.kind() {
        io::ErrorKind::TimedOut => FailureKind::Timeout(Phase::Exchange),
        _ => FailureKind::Body,
    };
    Failure::new(kind, Sent::Maybe)
}

//! A transport over attohttpc: HTTP/1.1, TLS by the operating system, a proxy; one connection a request.

use std::io::{self, Read};
use std::time::{Duration, Instant, SystemTime};

use advance_conformance::Setup;
use advance_core::transport::{Failure, FailureKind, Limits, Phase, Sent, permitted};
use advance_core::url::is_loopback;
use advance_core::{Now, Transport};
use attohttpc::{ErrorKind, ProxySettings, RequestBuilder};
use http::header::CONTENT_LENGTH;
use http::uri::{Scheme, Uri};
use http::{HeaderMap, Request, Response, StatusCode};
use native_tls::Certificate;
use url::Url;

/// Longer limits would overflow the clock.
const LONGEST: Duration = Duration::from_secs(86_400);

pub struct OverAttohttpc {
    root: Option<Certificate>,
    proxy: Option<Url>,
    made: Instant,
}

impl OverAttohttpc {
    pub fn new(setup: &Setup) -> Self {
        let root = (!setup.root().is_empty()).then(|| Certificate::from_der(setup.root()));
        Self {
            root: root.map(|root| root.expect("the suite's root is a certificate")),
            proxy: setup
                .proxy()
                .map(|proxy| proxy.parse().expect("the suite's proxy is a URL")),
            made: Instant::now(),
        }
    }

    fn proxy_to(&self, uri: &Uri) -> Option<&Url> {
        let leaves = uri.scheme() == Some(&Scheme::HTTPS) && !uri.host().is_some_and(is_loopback);
        self.proxy.as_ref().filter(|_| leaves)
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
        let proxy = self.proxy_to(&head.uri);
        let proxied = proxy.is_some();
        let through = ProxySettings::builder().https_proxy(proxy.cloned()).build();
        let mut builder = RequestBuilder::new(head.method, head.uri.to_string())
            .follow_redirects(false)
            .max_headers(1_000)
            .proxy_settings(through)
            .connect_timeout(within)
            .read_timeout(within)
            .timeout(within);
        if let Some(root) = &self.root {
            builder = builder.add_root_certificate(root.clone());
        }
        *builder.headers_mut() = head.headers;
        let begun = Instant::now();
        let sent = builder.bytes(body).send();
        let (status, headers, mut reader) = sent
            .map_err(|error| failure(error, begun.elapsed() >= within, proxied))?
            .split();
        let announced = announced(&headers);
        if announced.is_some_and(|length| length > limits.max_body) {
            return Err(Failure::new(FailureKind::TooLarge, Sent::Maybe));
        }
        let room = u64::try_from(limits.max_body)
            .unwrap_or(u64::MAX)
            .saturating_add(1);
        let mut body = Vec::new();
        // It would wait for the end of the connection, for there is no length.
        if status != StatusCode::NO_CONTENT {
            reader.by_ref().take(room).read_to_end(&mut body).map_err(torn)?;
        }
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
        Now::new(SystemTime::now(), self.made.elapsed())
    }
}

fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Its errors have no phases. The words of the standard library tell a look-up and a connect that failed; what failed when
/// the time was up failed for that.
fn failure(error: attohttpc::Error, late: bool, proxied: bool) -> Failure {
    let (kind, sent) = match error.kind() {
        ErrorKind::ConnectError { .. } => (FailureKind::Proxy, Sent::No),
        ErrorKind::Tls(_) if late => (FailureKind::Timeout(Phase::Connect), Sent::No),
        ErrorKind::Tls(_) | ErrorKind::TlsDisabled => (FailureKind::Tls, Sent::No),
        ErrorKind::Io(error) if error.to_string() == "connection timed out" => {
            (FailureKind::Timeout(Phase::Connect), Sent::No)
        }
        ErrorKind::Io(error) if never_connected(error) && proxied => (FailureKind::Proxy, Sent::No),
        ErrorKind::Io(error) if never_connected(error) => (FailureKind::Connect, Sent::No),
        ErrorKind::Io(_) if late => (FailureKind::Timeout(Phase::Exchange), Sent::Maybe),
        ErrorKind::Io(_) => (FailureKind::Reset, Sent::Maybe),
        ErrorKind::InvalidResponse(_) | ErrorKind::Http(_) => (FailureKind::Http, Sent::Maybe),
        _ => (FailureKind::Other, Sent::Maybe),
    };
    let failure = Failure::new(kind, sent);
    match error.into_kind() {
        // It says what is wrong with the certificate; the others name hosts and URLs.
        ErrorKind::Tls(error) => failure.with_source(error),
        _ => failure,
    }
}

fn never_connected(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::ConnectionRefused
        || error
            .to_string()
            .starts_with("failed to lookup address information")
}

fn torn(error: io::Error) -> Failure {
    let kind = match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => FailureKind::Timeout(Phase::Exchange),
        _ => FailureKind::Body,
    };
    Failure::new(kind, Sent::Maybe)
}

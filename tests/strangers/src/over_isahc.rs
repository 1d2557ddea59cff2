//! A transport over isahc, which is curl: HTTP/1.1 with a pool, TLS with an identity, a proxy.

use std::io::{self, Read};
use std::time::{Duration, Instant, SystemTime};

use advance_conformance::Setup;
use advance_core::transport::{Failure, FailureKind, Limits, Phase, Sent, permitted};
use advance_core::url::is_loopback;
use advance_core::{Now, Transport};
use http::header::CONTENT_LENGTH;
use http::uri::Scheme;
use http::{Request, Response};
use isahc::HttpClient;
use isahc::config::{Configurable as _, RedirectPolicy, VersionNegotiation};
use isahc::error::ErrorKind;
use isahc::tls::{Identity, PrivateKey, TlsConfig, TrustStore};

/// Longer limits would overflow the clock.
const LONGEST: Duration = Duration::from_secs(86_400);

pub struct OverIsahc {
    client: HttpClient,
    has_proxy: bool,
    made: Instant,
}

impl OverIsahc {
    pub fn new(setup: &Setup) -> Self {
        let mut tls = TlsConfig::builder();
        if !setup.root().is_empty() {
            tls = tls.trust_store(TrustStore::builder().certificate_from_der(setup.root()).build());
        }
        if let Some((certificate, key)) = setup.identity() {
            let key = PrivateKey::from_pem(key.to_owned(), None);
            tls = tls.identity(Identity::from_pem(certificate.to_owned(), Some(key)));
        }
        let proxy = setup
            .proxy()
            .map(|proxy| proxy.parse().expect("the suite's proxy is a URL"));
        let client = HttpClient::builder()
            .redirect_policy(RedirectPolicy::None)
            .version_negotiation(VersionNegotiation::http11())
            .automatic_decompression(false)
            .proxy(proxy)
            .proxy_blacklist(["localhost", "127.0.0.1", "::1"])
            .tls_config(tls.build())
            .build();
        Self {
            client: client.expect("a client of these options can be made"),
            has_proxy: setup.proxy().is_some(),
            made: Instant::now(),
        }
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
        let proxied = self.has_proxy
            && head.uri.scheme() == Some(&Scheme::HTTPS)
            && !head.uri.host().is_some_and(is_loopback);
        let mut sent = Request::builder()
            .method(head.method)
            .uri(head.uri)
            .timeout(within)
            .connect_timeout(within)
            .body(body)
            .map_err(|_| Failure::new(FailureKind::Other, Sent::No))?;
        *sent.headers_mut() = head.headers;
        let mut response = self.client.send(sent).map_err(|error| failure(error, proxied))?;
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
        Now::new(SystemTime::now(), self.made.elapsed())
    }
}

/// Its kinds are coarse. curl's own words tell the rest, and hold no URL.
fn failure(error: isahc::Error, proxied: bool) -> Failure {
    let words = story(&error);
    let said = |part: &str| words.contains(part);
    let connected = error.remote_addr().is_some();
    let (kind, sent) = match error.kind() {
        _ if proxied && said("CONNECT") && !said("timed out") => (FailureKind::Proxy, Sent::No),
        ErrorKind::Timeout if !connected => (FailureKind::Timeout(Phase::Connect), Sent::No),
        ErrorKind::Timeout => (FailureKind::Timeout(Phase::Exchange), Sent::Maybe),
        ErrorKind::BadServerCertificate | ErrorKind::TlsEngine => (FailureKind::Tls, Sent::No),
        ErrorKind::ConnectionFailed if said("SSL") => (FailureKind::Tls, Sent::No),
        ErrorKind::ConnectionFailed | ErrorKind::NameResolution if proxied => (FailureKind::Proxy, Sent::No),
        ErrorKind::ConnectionFailed | ErrorKind::NameResolution => (FailureKind::Connect, Sent::No),
        ErrorKind::ProtocolViolation if said("returned nothing") => (FailureKind::Reset, Sent::Maybe),
        ErrorKind::ProtocolViolation => (FailureKind::Http, Sent::Maybe),
        ErrorKind::Unknown if said("larger than allowed") => (FailureKind::Http, Sent::Maybe),
        ErrorKind::Io => (FailureKind::Reset, Sent::Maybe),
        _ => (FailureKind::Other, Sent::Maybe),
    };
    Failure::new(kind, sent).with_source(words)
}

fn story(error: &dyn std::error::Error) -> String {
    let cause = error.source().map(story).unwrap_or_default();
    format!("{error} / {cause}")
}

fn torn(error: &io::Error) -> Failure {
    let kind = match error.kind() {
        io::ErrorKind::TimedOut => FailureKind::Timeout(Phase::Exchange),
        _ => FailureKind::Body,
    };
    Failure::new(kind, Sent::Maybe)
}

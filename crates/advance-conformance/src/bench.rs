//! What a case works with: the transport, servers, requests full of secrets, and the record of all that was said.

use std::error::Error as StdError;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use advance_core::Transport;
use advance_core::transport::{Failure, Limits};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response};

use crate::call::Call;
use crate::secrets::Planted;
use crate::server::{BEHIND_A_PROXY, Identity, Pki, Script, Server};
use crate::subject::{Driven, Setup, Subject};

/// The limit of an attempt that is meant to run out.
pub(crate) const SHORT: Duration = Duration::from_millis(500);
/// The limit of an attempt that is meant to end before.
pub(crate) const LONG: Duration = Duration::from_secs(3);
/// The usual bound of a body.
pub(crate) const ROOM: usize = 1 << 20;
/// A reply that any transport takes.
pub(crate) const FINE: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

pub(crate) struct Bench {
    pub(crate) subject: Subject,
    pub(crate) planted: Planted,
    said: Mutex<Vec<String>>,
}

/// Certificates are costly, and the same will do for every case.
pub(crate) fn pki() -> Result<&'static Pki, String> {
    static PKI: OnceLock<Result<Pki, String>> = OnceLock::new();
    PKI.get_or_init(|| Pki::new().map_err(|error| format!("the suite can make no certificates: {error}")))
        .as_ref()
        .map_err(Clone::clone)
}

impl Bench {
    pub(crate) fn new(subject: Subject) -> Self {
        Self {
            subject,
            planted: Planted::new(),
            said: Mutex::new(Vec::new()),
        }
    }

    /// A new transport that trusts the suite's authority.
    pub(crate) fn transport(&self) -> Result<Driven, String> {
        self.transport_as(|_| ())
    }

    /// The same, with something else to be told.
    pub(crate) fn transport_as(&self, change: impl FnOnce(&mut Setup)) -> Result<Driven, String> {
        let mut setup = Setup {
            root: pki()?.root().to_vec(),
            ..Setup::default()
        };
        change(&mut setup);
        Ok(self.subject.build(&setup))
    }

    /// The same, going through this proxy with the planted password.
    pub(crate) fn transport_through(&self, proxy: &Server) -> Result<Driven, String> {
        let url = format!(
            "http://conformance:{}@{}",
            self.planted.proxy_password,
            proxy.address()
        );
        self.transport_as(|setup| setup.proxy = Some(url))
    }

    /// A server without TLS.
    pub(crate) fn server(&self, script: Script) -> Result<Server, String> {
        let _ = self;
        Server::plain(script).map_err(|error| format!("the suite can start no server: {error}"))
    }

    /// A server with TLS.
    pub(crate) fn secure_server(&self, script: Script, identity: &Identity) -> Result<Server, String> {
        let _ = self;
        Server::tls(script, identity).map_err(|error| format!("the suite can start no server: {error}"))
    }

    /// Sends one request to a new server by a new transport.
    pub(crate) fn once(&self, script: Script, within: Duration) -> Result<(Call, Server), String> {
        let server = self.server(script)?;
        let call = self.send(&self.transport()?, self.request(&server), within);
        Ok((call, server))
    }

    pub(crate) fn send(&self, transport: &Driven, request: Request<Vec<u8>>, within: Duration) -> Call {
        self.send_with(transport, request, &Limits::new(within, ROOM))
    }

    pub(crate) fn send_with(&self, transport: &Driven, request: Request<Vec<u8>>, limits: &Limits) -> Call {
        let start = Instant::now();
        let outcome = transport.send(request, limits);
        let took = start.elapsed();
        match &outcome {
            Ok(response) => self.record_response(response),
            Err(failure) => self.record_failure(failure),
        }
        Call { outcome, took }
    }

    /// Keeps a text for the hunt.
    pub(crate) fn record(&self, text: String) {
        self.said
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(text);
    }

    /// Keeps everything that can be made of an error.
    pub(crate) fn record_error(&self, error: &dyn StdError) {
        let mut next = Some(error);
        while let Some(error) = next {
            self.record(format!("{error}\n{error:?}\n{error:#?}"));
            next = error.source();
        }
    }

    fn record_failure(&self, failure: &Failure) {
        self.record_error(failure);
    }

    fn record_response(&self, response: &Response<Vec<u8>>) {
        self.record(format!("{response:?}\n{:?}", response.extensions()));
    }

    /// The first secret that was said, if any.
    pub(crate) fn leak(&self) -> Option<String> {
        let secrets = self.planted.secrets();
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.iter().find_map(|text| secrets.find_in(text))
    }

    /// A request with a secret wherever a real one has them.
    pub(crate) fn request(&self, server: &Server) -> Request<Vec<u8>> {
        self.request_to(&server.url("/openapi/conformance"))
    }

    /// The same, by the name of a server that only a proxy knows: loopback is not to be reached through one.
    pub(crate) fn request_behind_a_proxy(&self, server: &Server) -> Request<Vec<u8>> {
        let port = server.address().port();
        self.request_to(&format!("https://{BEHIND_A_PROXY}:{port}/openapi/conformance"))
    }

    /// The same, to any URL without a query.
    pub(crate) fn request_to(&self, url: &str) -> Request<Vec<u8>> {
        let body = format!(
            r#"{{"accessKey":"{}","signature":"{}","timestamp":"1665993522952"}}"#,
            self.planted.access_key, self.planted.signature
        );
        self.request_with(url, body.into_bytes())
    }

    /// The same, with this body.
    pub(crate) fn request_with(&self, url: &str, body: Vec<u8>) -> Request<Vec<u8>> {
        let mut request = Request::new(body);
        *request.method_mut() = Method::POST;
        #[expect(
            clippy::expect_used,
            reason = "of constants, hexadecimal digits and the address of a server"
        )]
        {
            let uri = format!("{url}?ticket={}", self.planted.query);
            *request.uri_mut() = uri.parse().expect("a URL");
            let mut token = HeaderValue::from_str(&self.planted.token).expect("a header's value");
            token.set_sensitive(true);
            request.headers_mut().insert("x-access-token", token);
        }
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, json);
        request
    }
}

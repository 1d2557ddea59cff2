//! The transport.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use advance_core::transport::{Failure, Limits, Sent, permitted};
use advance_core::{AsyncTransport, Now};
use advance_net::Build;
use async_trait::async_trait;
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Method, Request, Response};
use reqwest::{Body, ClientBuilder};

use crate::clients::{self, Clients};
use crate::witness::Witness;
use crate::{body, classify, elsewhere, harden, tls};

/// The settings of a [`ReqwestTransport`].
pub type Builder = advance_net::Builder<ReqwestTransport>;

/// An [`AsyncTransport`] over reqwest. Cheap to clone; clones share their connections. Any number of tokio runtimes may
/// use it; each has connections of its own.
#[derive(Clone)]
pub struct ReqwestTransport {
    clients: Arc<Clients>,
    origin: Instant,
}

impl ReqwestTransport {
    /// A transport as the [crate](crate) describes it.
    ///
    /// # Errors
    /// [`FailureKind::Other`](advance_core::transport::FailureKind::Other) if reqwest cannot be set up.
    pub fn new() -> Result<Self, Failure> {
        Self::builder().build()
    }

    /// TLS, a proxy, bounds: what may differ from [`new`](Self::new).
    ///
    /// ```
    /// use advance_reqwest::ReqwestTransport;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let transport = ReqwestTransport::builder()
    ///     .proxy("http://user:password@proxy.example:3128")
    ///     .build()?;
    /// # drop(transport);
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// A transport from a reqwest builder of your own, for what [`builder`](Self::builder) has no word for. Its TLS
    /// settings all work, as reqwest documents them.
    ///
    /// It is hardened: no redirects, no retries, no compression, no `Referer`, HTTP/1.1 only, no verbose logging of what
    /// is sent. Limits and the rule for plain `http` hold for every transport. reqwest's builder cannot be read, so this
    /// cannot tell you about the rest:
    ///
    /// - Its times for a call, for a read and for connecting are overridden: those of the core's [`Limits`] hold, and 10 s
    ///   to connect.
    /// - A plain `reqwest::Client::builder()` reads the proxy environment; `no_proxy()` turns that off. Through a proxy
    ///   for `http`, requests to this machine would leave it: set proxies for `https` only.
    /// - A cookie store or default headers go to the host of photographs as well.
    /// - The root certificates are loaded now, and their absence is an error now.
    /// - The client belongs to the first tokio runtime that sends; any other is refused.
    ///
    /// # Errors
    /// [`FailureKind::Other`](advance_core::transport::FailureKind::Other) with reqwest's reason if the builder cannot be built.
    pub fn from_builder(builder: ClientBuilder) -> Result<Self, Failure> {
        tls::ensure_provider();
        harden::callers(builder).map(|client| Self::over(Clients::one(client)))
    }

    fn over(clients: Clients) -> Self {
        Self {
            clients: Arc::new(clients),
            origin: Instant::now(),
        }
    }
}

impl Build for ReqwestTransport {
    fn build(settings: Builder) -> Result<Self, Failure> {
        tls::ensure_provider();
        let make = Box::new(move || harden::client(&settings));
        Clients::many(make).map(Self::over)
    }
}

#[async_trait]
impl AsyncTransport for ReqwestTransport {
    async fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        permitted(&request)?;
        let client = self.clients.here()?;
        if limits.within.is_zero() {
            return Err(classify::out_of_time(Sent::No));
        }
        let (witness, request) = watched(request)?;
        let exchange = async {
            let response = client
                .execute(request)
                .await
                .map_err(|error| classify::no_response(error, witness.sent()))?;
            body::take(response, limits.max_body).await
        };
        tokio::time::timeout(limits.within, exchange)
            .await
            .unwrap_or_else(|_| Err(classify::out_of_time(witness.sent())))
    }

    fn ready(&self) -> Result<(), Failure> {
        clients::runtime().map(drop)
    }

    async fn sleep(&self, duration: Duration) {
        if clients::runtime().is_ok() {
            tokio::time::sleep(duration).await;
        } else {
            elsewhere::sleep(duration).await;
        }
    }

    fn now(&self) -> Now {
        Now::new(SystemTime::now(), self.origin.elapsed())
    }
}

fn watched(request: Request<Vec<u8>>) -> Result<(Witness, reqwest::Request), Failure> {
    let (mut parts, body) = request.into_parts();
    if body.is_empty() && matches!(parts.method, Method::POST | Method::PUT | Method::PATCH) {
        // hyper says nothing of a body that is empty, and a gateway may refuse that (411).
        parts
            .headers
            .insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    let (witness, body) = Witness::watch(body);
    let request = Request::from_parts(parts, Body::wrap(body));
    let request =
        reqwest::Request::try_from(request).map_err(|error| classify::no_response(error, Sent::No))?;
    Ok((witness, request))
}

/// Nothing of the client: its headers may hold credentials.
impl fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransport").finish_non_exhaustive()
    }
}

//! The transport.

use std::fmt;
use std::time::{Duration, Instant, SystemTime};

use advance_core::{AsyncTransport, Failure, FailureKind, Limits, Now, Sent, permitted};
use async_trait::async_trait;
use http::{Request, Response};
use reqwest::{Body, Client, ClientBuilder};
use tokio::runtime::Handle;

use crate::witness::Witness;
use crate::{body, classify, harden};

/// An [`AsyncTransport`] over reqwest. Cheap to clone; clones share their connections. Belongs to one tokio runtime.
#[derive(Clone)]
pub struct ReqwestTransport {
    client: Client,
    origin: Instant,
}

impl ReqwestTransport {
    /// A transport as the [crate](crate) describes it.
    ///
    /// # Errors
    /// [`FailureKind::Tls`] if the platform's root certificates cannot be used; [`FailureKind::Other`] if reqwest
    /// cannot be set up.
    pub fn new() -> Result<Self, Failure> {
        harden::build(Self::builder()?).map(Self::over)
    }

    /// The builder that [`new`](Self::new) uses, to change before it goes to [`from_builder`](Self::from_builder): our
    /// TLS, no proxy, 10 s to connect, 32 idle connections for 30 s.
    ///
    /// ```
    /// use advance_reqwest::ReqwestTransport;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let proxy = advance_reqwest::reqwest::Proxy::https("http://proxy.example:3128")?;
    /// let builder = ReqwestTransport::builder()?.proxy(proxy);
    /// let transport = ReqwestTransport::from_builder(builder)?;
    /// # drop(transport);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`FailureKind::Tls`] if the platform's root certificates cannot be used.
    pub fn builder() -> Result<ClientBuilder, Failure> {
        harden::preset()
    }

    /// A transport from your own builder, hardened: no redirects, no retries, no compression, no `Referer`, HTTP/1.1
    /// only, no verbose logging of what is sent. Limits and the rule for plain `http` hold for every transport.
    ///
    /// TLS, proxies, timeouts, pool, default headers and a cookie store stay as the builder has them. A plain
    /// `reqwest::Client::builder()` reads the proxy environment; start from [`builder`](Self::builder) to avoid that.
    /// Through a proxy for `http`, requests to this machine would leave it; set proxies for `https` only.
    ///
    /// With the feature `rustls`, if the process has no default rustls provider, this installs *ring*: a builder that
    /// names no provider would make reqwest panic. Install your own earlier to keep the choice.
    ///
    /// # Errors
    /// [`FailureKind::Other`] with reqwest's reason if the builder cannot be built.
    pub fn from_builder(builder: ClientBuilder) -> Result<Self, Failure> {
        #[cfg(feature = "rustls")]
        harden::ensure_provider();
        harden::build(builder).map(Self::over)
    }

    fn over(client: Client) -> Self {
        Self {
            client,
            origin: Instant::now(),
        }
    }
}

#[async_trait]
impl AsyncTransport for ReqwestTransport {
    async fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        permitted(request.uri())?;
        if Handle::try_current().is_err() {
            return Err(Failure::new(FailureKind::Refused, Sent::No).with_source(
                "no tokio runtime here: call it from a task of the runtime that it belongs to",
            ));
        }
        if limits.within.is_zero() {
            return Err(classify::out_of_time(Sent::No));
        }
        let (witness, request) = watched(request)?;
        let exchange = async {
            let response = self
                .client
                .execute(request)
                .await
                .map_err(|error| classify::no_response(error, witness.sent()))?;
            body::take(response, limits.max_body).await
        };
        tokio::time::timeout(limits.within, exchange)
            .await
            .unwrap_or_else(|_| Err(classify::out_of_time(witness.sent())))
    }

    async fn sleep(&self, duration: Duration) {
        // Elsewhere nothing is sent either, and a timer would panic.
        if Handle::try_current().is_ok() {
            tokio::time::sleep(duration).await;
        }
    }

    fn now(&self) -> Now {
        Now::new(SystemTime::now(), self.origin.elapsed())
    }
}

fn watched(request: Request<Vec<u8>>) -> Result<(Witness, reqwest::Request), Failure> {
    let (parts, body) = request.into_parts();
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

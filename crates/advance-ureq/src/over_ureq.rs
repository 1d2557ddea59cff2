//! The transport.

use std::fmt;
use std::time::{Duration, Instant, SystemTime};

use advance_core::transport::{Failure, FailureKind, Limits, Phase, Sent, permitted};
use advance_core::{Now, Transport};
use advance_net::{Build, LONGEST, Proxy};
use http::uri::Scheme;
use http::{Method, Request, Response, Uri};
use ureq::config::ConfigBuilder;
use ureq::typestate::AgentScope;
use ureq::{Agent, AsSendBody, Body};

use crate::{body, classify, harden, tls};

pub(crate) const NO_TLS: &str = "built without TLS: turn on the feature rustls or native-tls of advance-ureq";

/// The settings of a [`UreqTransport`].
pub type Builder = advance_net::Builder<UreqTransport>;

/// A [`Transport`] over ureq. Cheap to clone; clones share their connections. Any number of threads may send at once.
#[derive(Clone)]
pub struct UreqTransport {
    agent: Agent,
    /// The agent's, to ask it for which hosts it is; a caller's own configuration knows that by itself.
    proxy: Option<Proxy>,
    origin: Instant,
}

impl UreqTransport {
    /// A transport as the [crate](crate) describes it.
    ///
    /// # Errors
    /// None today; the signature is that of its sibling in `advance-reqwest`.
    pub fn new() -> Result<Self, Failure> {
        Self::builder().build()
    }

    /// TLS, a proxy, bounds: what may differ from [`new`](Self::new).
    ///
    /// ```
    /// use advance_ureq::UreqTransport;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let transport = UreqTransport::builder()
    ///     .proxy("http://user:password@proxy.example:3128")
    ///     .build()?;
    /// # drop(transport);
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// A transport from a ureq configuration of your own, for what [`builder`](Self::builder) has no word for. Its TLS
    /// settings all work, as ureq documents them.
    ///
    /// It is hardened: no redirects, no status as an error, no compression, no cookies, heads up to 64 KiB. Limits and the
    /// rule for plain `http` hold for every transport. A plain `Agent::config_builder()` reads the proxy environment,
    /// which `proxy(None)` turns off, and trusts Mozilla's roots, not the platform's.
    ///
    /// # Errors
    /// For what ureq would panic at when it connects, or with which no call could succeed: [`FailureKind::Proxy`] for a
    /// SOCKS proxy without the feature `socks`; [`FailureKind::Tls`] for a TLS provider that is not built in and for a
    /// client certificate that does not fit its key; [`FailureKind::Other`] for a time of zero or of more than a year and
    /// for a buffer without room.
    pub fn from_builder(builder: ConfigBuilder<AgentScope>) -> Result<Self, Failure> {
        tls::ensure_provider();
        Ok(Self {
            agent: harden::build(builder)?,
            proxy: None,
            origin: Instant::now(),
        })
    }

    fn run<B: AsSendBody>(&self, request: Request<B>, within: Duration) -> Result<Response<Body>, Failure> {
        let direct = self.goes_direct(request.uri());
        let mut request = self.agent.configure_request(request).timeout_global(Some(within));
        if direct {
            request = request.proxy(None);
        }
        self.agent.run(request.build()).map_err(classify::no_response)
    }

    /// Plain `http` is for this machine, or for the one host that the caller named: neither is reached through a proxy.
    fn goes_direct(&self, uri: &Uri) -> bool {
        let covered = |proxy: &Proxy| {
            let host = uri.host().unwrap_or_default();
            proxy.covers(host, uri.port_u16().unwrap_or(443))
        };
        uri.scheme() == Some(&Scheme::HTTP) || !self.proxy.as_ref().is_none_or(covered)
    }
}

impl Build for UreqTransport {
    fn build(settings: Builder) -> Result<Self, Failure> {
        tls::ensure_provider();
        Ok(Self {
            agent: harden::agent(&settings)?,
            proxy: settings.proxy_settings().cloned(),
            origin: Instant::now(),
        })
    }
}

impl Transport for UreqTransport {
    fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        permitted(&request)?;
        if cfg!(not(any(feature = "rustls", feature = "native-tls")))
            && request.uri().scheme() == Some(&Scheme::HTTPS)
        {
            return Err(Failure::new(FailureKind::Tls, Sent::No).with_source(NO_TLS));
        }
        if limits.within.is_zero() {
            return Err(Failure::new(FailureKind::Timeout(Phase::Connect), Sent::No));
        }
        let within = limits.within.min(LONGEST);
        // An empty body is sent as one of no length where a length is expected.
        let has_length = matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH);
        let response = if request.body().is_empty() && !has_length {
            self.run(request.map(drop), within)?
        } else {
            self.run(request, within)?
        };
        body::take(response, limits.max_body)
    }

    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }

    fn now(&self) -> Now {
        Now::new(SystemTime::now(), self.origin.elapsed())
    }
}

/// Nothing of the agent: its proxy may hold a password.
impl fmt::Debug for UreqTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UreqTransport").finish_non_exhaustive()
    }
}

//! The transport.

use std::fmt;
use std::time::{Duration, Instant, SystemTime};

use advance_core::{Failure, FailureKind, Limits, Now, Phase, Sent, Transport, permitted};
use http::uri::Scheme;
use http::{Method, Request, Response};
use ureq::config::ConfigBuilder;
use ureq::typestate::AgentScope;
use ureq::{Agent, AsSendBody, Body};

use crate::{body, classify, harden};

/// Longer limits would overflow clocks.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A [`Transport`] over ureq. Cheap to clone; clones share their connections. Any number of threads may send at once.
#[derive(Clone)]
pub struct UreqTransport {
    agent: Agent,
    origin: Instant,
}

impl UreqTransport {
    /// A transport as the [crate](crate) describes it.
    ///
    /// # Errors
    /// None today; the signature is that of its sibling in `advance-reqwest`.
    pub fn new() -> Result<Self, Failure> {
        Self::from_builder(Self::builder())
    }

    /// The builder that [`new`](Self::new) uses, to change before it goes to [`from_builder`](Self::from_builder): our
    /// TLS, no proxy, 10 s to connect, 32 idle connections for 30 s.
    ///
    /// ```
    /// use advance_ureq::{UreqTransport, ureq::Proxy};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let proxy = Proxy::new("http://proxy.example:3128")?;
    /// let builder = UreqTransport::builder().proxy(Some(proxy));
    /// let transport = UreqTransport::from_builder(builder)?;
    /// # drop(transport);
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder() -> ConfigBuilder<AgentScope> {
        harden::preset()
    }

    /// A transport from your own builder, hardened: no redirects, no status as an error, no compression, heads up to
    /// 64 KiB. Limits and the rule for plain `http` hold for every transport.
    ///
    /// TLS, proxy, timeouts, pool and middleware stay as the builder has them. A plain `Agent::config_builder()` reads
    /// the proxy environment and trusts Mozilla's roots; start from [`builder`](Self::builder) to avoid that.
    ///
    /// # Errors
    /// [`FailureKind::Proxy`] for a SOCKS proxy and [`FailureKind::Tls`] for a TLS provider that is not built in: with
    /// both, ureq would panic when it connects.
    pub fn from_builder(builder: ConfigBuilder<AgentScope>) -> Result<Self, Failure> {
        Ok(Self {
            agent: harden::build(builder)?,
            origin: Instant::now(),
        })
    }

    fn run<B: AsSendBody>(&self, request: Request<B>, within: Duration) -> Result<Response<Body>, Failure> {
        let plain = request.uri().scheme() == Some(&Scheme::HTTP);
        let mut request = self.agent.configure_request(request).timeout_global(Some(within));
        if plain {
            // It is for this machine, so it must not leave it.
            request = request.proxy(None);
        }
        self.agent.run(request.build()).map_err(classify::no_response)
    }
}

impl Transport for UreqTransport {
    fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        permitted(request.uri())?;
        if cfg!(not(any(feature = "rustls", feature = "native-tls")))
            && request.uri().scheme() == Some(&Scheme::HTTPS)
        {
            return Err(Failure::new(FailureKind::Tls, Sent::No)
                .with_source("built without TLS: turn on the feature rustls or native-tls of advance-ureq"));
        }
        if limits.within.is_zero() {
            return Err(Failure::new(FailureKind::Timeout(Phase::Connect), Sent::No));
        }
        let within = limits.within.min(LONGEST);
        let response = if request.body().is_empty() && *request.method() != Method::POST {
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

//! The settings of a transport, in words that do not depend on the HTTP client below.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use advance_core::transport::Failure;

use crate::{Connection, Proxy, Tls, TlsVersion};

/// A transport that can be made from a [`Builder`].
pub trait Build: Sized {
    /// Makes it. [`Builder::build`] calls this.
    ///
    /// # Errors
    /// A [`Failure`] whose source says which setting cannot be kept.
    fn build(settings: Builder<Self>) -> Result<Self, Failure>;
}

/// Builds a transport. No setting is ignored: [`build`](Self::build) refuses what cannot be kept.
///
/// Without any setting: TLS by the platform's root certificates, loaded when the first `https` connection needs them; no
/// proxy, even if the environment names one; 10 s to connect; idle connections kept for 30 s.
pub struct Builder<T> {
    tls: Tls,
    proxy: Option<Proxy>,
    connection: Connection,
    wrong: Option<Failure>,
    made: PhantomData<fn() -> T>,
}

impl<T: Build> Builder<T> {
    /// No setting.
    pub fn new() -> Self {
        Self {
            tls: Tls::default(),
            proxy: None,
            connection: Connection::default(),
            wrong: None,
            made: PhantomData,
        }
    }

    /// Trusts these authorities beside those of the platform, as for a company's proxy that inspects TLS. PEM with one
    /// certificate or more, or one in DER. May be called again.
    #[must_use]
    pub fn tls_certs_merge(self, pem_or_der: impl AsRef<[u8]>) -> Self {
        self.tls(|tls| tls.add_roots(pem_or_der.as_ref()))
    }

    /// Trusts these authorities and no others: the platform's are not even loaded. PEM with one certificate or more, or
    /// one in DER. May be called again.
    #[must_use]
    pub fn tls_certs_only(self, pem_or_der: impl AsRef<[u8]>) -> Self {
        self.tls(|tls| tls.only_roots(pem_or_der.as_ref()))
    }

    /// Shows this certificate to a server that asks for one (mTLS): the chain, leaf first, and its private key, both in
    /// PEM. They may stand in the same text.
    #[must_use]
    pub fn identity(self, chain: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Self {
        self.tls(|tls| tls.identity(chain.as_ref(), key.as_ref()))
    }

    /// The lowest version of TLS to speak; 1.2 unless told.
    #[must_use]
    pub fn tls_version_min(mut self, version: TlsVersion) -> Self {
        self.tls.min = Some(version);
        self
    }

    /// The highest version of TLS to speak; 1.3 unless told.
    #[must_use]
    pub fn tls_version_max(mut self, version: TlsVersion) -> Self {
        self.tls.max = Some(version);
        self
    }

    /// A rustls configuration of your own in place of all other TLS settings: another crypto provider, another verifier,
    /// a certificate from a hardware token. Only its ALPN is overridden, for `http/1.1` is all that is spoken here.
    ///
    /// Beside another TLS setting it is refused by [`build`](Self::build), for the other would be ignored.
    #[cfg(feature = "rustls")]
    #[must_use]
    pub fn tls_backend_preconfigured(mut self, config: rustls::ClientConfig) -> Self {
        self.tls.preconfigured = Some(Box::new(config));
        self
    }

    /// Goes through this proxy for `https`: `http://user:password@host:port` by `CONNECT`, the same with `https://` if
    /// the proxy itself speaks TLS, or `socks5h://` and `socks5://` with the feature `socks`. With `socks5h://` the proxy
    /// looks the host's name up; with `socks5://` this machine does, past the proxy, and the proxy gets the first address
    /// found. User and password are percent-encoded where they hold `@`, `:`, `/` or `%`. Loopback is never reached
    /// through it.
    #[must_use]
    pub fn proxy(self, url: &str) -> Self {
        self.proxied(|| Proxy::new(url).map(Some))
    }

    /// Reads the proxy from the environment, now: `HTTPS_PROXY`, else `ALL_PROXY`, and the hosts to reach without it
    /// from `NO_PROXY`; each in lower case too, which comes first. None of them set means no proxy.
    #[must_use]
    pub fn proxy_from_env(self) -> Self {
        self.proxied(Proxy::from_env)
    }

    /// Reaches these hosts without the proxy, in the words of `NO_PROXY`: names with all below them, addresses, networks
    /// as `10.0.0.0/8`, each perhaps with a port, separated by commas; `*` for all.
    #[must_use]
    pub fn no_proxy(mut self, hosts: &str) -> Self {
        self.proxy = self.proxy.map(|proxy| proxy.except(hosts));
        self
    }

    /// The most that name, TCP, proxy and TLS together may take; 10 s unless told. An attempt's own time holds as well.
    #[must_use]
    pub fn connect_timeout(mut self, most: Duration) -> Self {
        self.connection.connect_timeout = most;
        self
    }

    /// How long a connection without work is kept; 30 s unless told. Zero keeps none.
    #[must_use]
    pub fn idle_timeout(mut self, most: Duration) -> Self {
        self.connection.idle_timeout = most;
        self
    }

    /// The transport.
    ///
    /// # Errors
    /// A [`Failure`] whose source says which setting cannot be kept, and what to do; nothing secret is in it. Its kind is
    /// [`Tls`](advance_core::transport::FailureKind::Tls) or [`Proxy`](advance_core::transport::FailureKind::Proxy) for theirs, else
    /// [`Other`](advance_core::transport::FailureKind::Other).
    pub fn build(mut self) -> Result<T, Failure> {
        if let Some(wrong) = self.wrong.take() {
            return Err(wrong);
        }
        self.connection = self.connection.checked()?;
        T::build(self)
    }

    /// For a transport: what TLS is to be like.
    pub fn tls_settings(&self) -> &Tls {
        &self.tls
    }

    /// For a transport: the proxy to go through.
    pub fn proxy_settings(&self) -> Option<&Proxy> {
        self.proxy.as_ref()
    }

    /// For a transport: the bounds of a connection.
    pub fn connection_settings(&self) -> Connection {
        self.connection
    }

    fn tls(mut self, change: impl FnOnce(&mut Tls) -> Result<(), Failure>) -> Self {
        if let Err(wrong) = change(&mut self.tls) {
            self.wrong.get_or_insert(wrong);
        }
        self
    }

    fn proxied(mut self, find: impl FnOnce() -> Result<Option<Proxy>, Failure>) -> Self {
        match find() {
            Ok(proxy) => self.proxy = proxy,
            Err(wrong) => {
                self.wrong.get_or_insert(wrong);
            }
        }
        self
    }
}

impl<T: Build> Default for Builder<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// Nothing of a key or a password.
impl<T> fmt::Debug for Builder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("tls", &self.tls)
            .field("proxy", &self.proxy)
            .field("connection", &self.connection)
            .finish_non_exhaustive()
    }
}

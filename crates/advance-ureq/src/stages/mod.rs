//! The stages of making a connection: a proxy's tunnel, or TCP; then TLS.

#[cfg(feature = "native-tls")]
mod native;
#[cfg(feature = "rustls")]
mod rustls;
mod tcp;

use std::time::Instant;

use ureq::Error;
use ureq::unversioned::transport::{ConnectProxyConnector, ConnectionDetails, Connector, Transport};

use crate::guard::Guard;
use tcp::Tcp;

/// A connection that is being made.
type Made = Option<Box<dyn Transport>>;

/// Who makes a connection secure.
#[derive(Debug)]
pub(crate) enum Secure {
    /// Our own stage, by a configuration that is there already.
    #[cfg(feature = "rustls")]
    Rustls(rustls::Rustls),
    /// ureq's, by the caller's TLS settings.
    AsConfigured(Configured),
}

/// ureq's own stages. Each passes on what is not its own.
#[derive(Debug, Default)]
pub(crate) struct Configured {
    #[cfg(feature = "rustls")]
    rustls: ureq::unversioned::transport::RustlsConnector,
    #[cfg(feature = "native-tls")]
    native: ureq::unversioned::transport::NativeTlsConnector,
}

/// All of them.
#[derive(Debug)]
pub(crate) struct Stages {
    #[cfg(feature = "socks")]
    socks: ureq::unversioned::transport::SocksConnector,
    tunnel: ConnectProxyConnector,
    tcp: Tcp,
    secure: Secure,
}

impl Secure {
    #[cfg(feature = "rustls")]
    pub(crate) fn rustls(config: ::rustls::ClientConfig) -> Self {
        Self::Rustls(rustls::Rustls::new(config))
    }

    pub(crate) fn as_configured() -> Self {
        Self::AsConfigured(Configured::default())
    }

    /// What takes long is done now, and not in the time of a call.
    #[cfg(feature = "native-tls")]
    pub(crate) fn prepare(&self, config: &ureq::config::Config) {
        match self {
            Self::AsConfigured(stages) => native::prepare(&stages.native, config),
            #[cfg(feature = "rustls")]
            Self::Rustls(_) => {}
        }
    }

    fn connect(&self, details: &ConnectionDetails<'_>, made: Made) -> Result<Made, Error> {
        match self {
            #[cfg(feature = "rustls")]
            Self::Rustls(stage) => stage.connect(details, made),
            Self::AsConfigured(stages) => stages.connect(details, made),
        }
    }
}

impl Configured {
    #[cfg_attr(
        not(any(feature = "rustls", feature = "native-tls")),
        allow(clippy::unused_self, clippy::unnecessary_wraps, unused_variables)
    )]
    fn connect(&self, details: &ConnectionDetails<'_>, made: Made) -> Result<Made, Error> {
        #[cfg(feature = "rustls")]
        let made = boxed(self.rustls.connect(details, made)?);
        #[cfg(feature = "native-tls")]
        let made = boxed(self.native.connect(details, made)?);
        Ok(made)
    }
}

impl Stages {
    pub(crate) fn new(secure: Secure) -> Self {
        Self {
            #[cfg(feature = "socks")]
            socks: ureq::unversioned::transport::SocksConnector::default(),
            tunnel: ConnectProxyConnector::default(),
            tcp: Tcp::default(),
            secure,
        }
    }

    /// A connection by `until`.
    pub(crate) fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        until: Option<Instant>,
    ) -> Result<Made, Error> {
        let made: Made = None;
        #[cfg(feature = "socks")]
        let made = boxed(self.socks.connect(details, made)?);
        let made = boxed(self.tunnel.connect(details, made)?);
        let made = match made {
            Some(made) => Some(made),
            None => self.tcp.connect(details)?,
        };
        // The stages before took their part of the time; the handshake gets what is left.
        let made = made.map(|connection| Guard::new(connection, until).boxed());
        self.secure.connect(details, made)
    }
}

fn boxed<T: Transport>(made: Option<T>) -> Made {
    made.map(Transport::boxed)
}

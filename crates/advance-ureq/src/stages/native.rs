//! The platform's TLS library is made ready before it is needed.
//!
//! ureq does that when it first connects. Reading the platform's authorities takes OpenSSL a while, on a busy machine more
//! than a second, and no limit of a call ends it.

use std::sync::Arc;

use http::Uri;
use ureq::Error;
use ureq::config::Config;
use ureq::unversioned::resolver::Resolver as _;
use ureq::unversioned::transport::time::{Duration, Instant};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector as _, LazyBuffers, NativeTlsConnector, NextTimeout, Transport,
};

use crate::names::Later;

/// Begins a handshake that leads nowhere: ureq has no other word for it. What it makes ready it keeps; what is wrong with
/// the settings it says again when it connects.
pub(super) fn prepare(stage: &NativeTlsConnector, config: &Config) {
    let details = ConnectionDetails {
        uri: &Uri::from_static("https://localhost"),
        addrs: Later.empty(),
        config,
        request_level: false,
        resolver: &Later,
        now: Instant::now(),
        timeout: NextTimeout {
            after: Duration::from_secs(1),
            reason: ureq::Timeout::Connect,
            ..NextTimeout::default()
        },
        current_time: Arc::new(Instant::now),
        run_connector: Arc::new(|_: &ConnectionDetails<'_>| Err(Error::ConnectionFailed)),
        register_shutdown: Arc::new(|_| Ok(())),
    };
    drop(stage.connect(&details, Some(Nowhere(LazyBuffers::new(1 << 10, 1 << 10)))));
}

/// A connection on which nothing comes and nothing goes.
#[derive(Debug)]
struct Nowhere(LazyBuffers);

impl Transport for Nowhere {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.0
    }

    fn transmit_output(&mut self, _: usize, _: NextTimeout) -> Result<(), Error> {
        Err(Error::ConnectionFailed)
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        Err(Error::ConnectionFailed)
    }

    fn is_open(&mut self) -> bool {
        false
    }
}

//! Where connections are made: names looked up, one deadline for all of it, and every failure marked as one before
//! sending.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{ConnectionDetails, Connector, NextTimeout, Transport};
use ureq::{Error, Timeout};

use crate::guard::Guard;
use crate::names::Names;
use crate::stages::{Secure, Stages};

/// The stages of a connection, watched.
#[derive(Debug)]
pub(crate) struct Gate {
    stages: Stages,
    names: Names,
}

/// A failure while connecting: nothing of the request was sent.
#[derive(Debug)]
pub(crate) struct BeforeSending {
    pub(crate) error: Error,
    /// A proxy was asked, so what went wrong is the proxy's unless the error itself says TLS.
    pub(crate) proxy: bool,
}

impl Gate {
    pub(crate) fn new(secure: Secure) -> Self {
        Self {
            stages: Stages::new(secure),
            names: Names::new(),
        }
    }

    /// Where to connect to; nothing, if the proxy looks the name up.
    fn look_up(
        &self,
        details: &ConnectionDetails<'_>,
        until: Option<Instant>,
    ) -> Result<ResolvedSocketAddrs, Error> {
        if details.addrs.is_empty() && resolves_here(details) {
            self.names
                .resolve(details.uri, details.config, left(until, details.timeout)?)
        } else {
            Ok(details.addrs.clone())
        }
    }

    fn open(
        &self,
        details: &ConnectionDetails<'_>,
        addrs: ResolvedSocketAddrs,
        until: Option<Instant>,
    ) -> Result<Option<Guard>, Error> {
        let to_proxy = Arc::clone(&details.run_connector);
        let details = ConnectionDetails {
            uri: details.uri,
            addrs,
            resolver: &self.names,
            config: details.config,
            // Per-request settings differ in their limits alone; saying so lets ureq keep its TLS setup.
            request_level: false,
            now: (details.current_time)(),
            timeout: left(until, details.timeout)?,
            current_time: Arc::clone(&details.current_time),
            run_connector: Arc::new(move |details: &ConnectionDetails<'_>| {
                let connection = to_proxy(details).map_err(|error| mark(error, true))?;
                Ok(Box::new(Guard::new(connection, until)) as Box<dyn Transport>)
            }),
            register_shutdown: Arc::clone(&details.register_shutdown),
        };
        let connection = self.stages.connect(&details, until)?;
        Ok(connection.map(|connection| Guard::new(connection, until).masking()))
    }
}

impl Connector<()> for Gate {
    type Out = Guard;

    fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Guard>, Error> {
        let until = deadline(details);
        // Before the proxy is asked, if there is one.
        let addrs = self.look_up(details, until).map_err(|error| mark(error, false))?;
        self.open(details, addrs, until)
            .map_err(|error| mark(error, proxied(details)))
    }
}

fn mark(error: Error, proxy: bool) -> Error {
    let marked = match error {
        Error::Other(inner) => match inner.downcast::<BeforeSending>() {
            Ok(marked) => BeforeSending {
                proxy: marked.proxy || proxy,
                ..*marked
            },
            Err(inner) => BeforeSending {
                error: Error::Other(inner),
                proxy,
            },
        },
        error => BeforeSending { error, proxy },
    };
    Error::Other(Box::new(marked))
}

fn proxied(details: &ConnectionDetails<'_>) -> bool {
    details
        .config
        .proxy()
        .is_some_and(|proxy| !proxy.is_no_proxy(details.uri))
}

/// ureq's own rule: most proxies look up the name themselves.
fn resolves_here(details: &ConnectionDetails<'_>) -> bool {
    !proxied(details) || details.config.proxy().is_some_and(ureq::Proxy::resolve_target)
}

/// `None` if there is none, or if it is past the end of the clock.
fn deadline(details: &ConnectionDetails<'_>) -> Option<Instant> {
    if details.timeout.after.is_not_happening() {
        return None;
    }
    Instant::now().checked_add(*details.timeout.after)
}

fn left(until: Option<Instant>, timeout: NextTimeout) -> Result<NextTimeout, Error> {
    let mut timeout = NextTimeout {
        reason: Timeout::Connect,
        ..timeout
    };
    if let Some(until) = until {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Error::Timeout(Timeout::Connect));
        }
        timeout.after = left.into();
    }
    Ok(timeout)
}

impl fmt::Display for BeforeSending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for BeforeSending {}

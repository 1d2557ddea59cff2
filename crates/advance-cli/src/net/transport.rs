//! Transports as the settings ask for them.

use std::fs;

use advance_core::BaseUrl;
use advance_core::transport::Failure;
use advance_net::{Build, Builder};
use advance_reqwest::ReqwestTransport;
use advance_ureq::UreqTransport;

use super::proxy::{self, Way};
use crate::problem::Problem;
use crate::settings::{Found, Name, Settings};
use crate::stop::Stop;

/// What both transports need to know.
#[derive(Clone)]
pub(crate) struct Wiring {
    proxy: Option<Found>,
    no_proxy: Option<String>,
    pub(crate) certificates: Option<(Found, Vec<u8>)>,
}

impl Wiring {
    /// Nothing but the defaults.
    pub(crate) const PLAIN: Self = Self {
        proxy: None,
        no_proxy: None,
        certificates: None,
    };

    /// As the settings say for this host.
    pub(crate) fn of(settings: &Settings, base_url: &BaseUrl) -> Result<Self, Stop> {
        let (proxy, no_proxy) = match proxy::way(settings, base_url)? {
            Way::Through(proxy, no_proxy) => (Some(proxy), no_proxy),
            _ => (None, None),
        };
        let certificates = match settings.find(Name::CaFile)? {
            Some(found) => {
                let pem = fs::read(&found.value).map_err(|error| {
                    let message = format!(
                        "cannot read the certificates in {} ({})",
                        found.value, found.source
                    );
                    Stop::from(Problem::usage(message).caused_by(&error))
                })?;
                Some((found, pem))
            }
            None => None,
        };
        Ok(Self {
            proxy,
            no_proxy,
            certificates,
        })
    }

    pub(super) fn reqwest(&self) -> Result<ReqwestTransport, Stop> {
        self.transport(ReqwestTransport::builder())
    }

    pub(crate) fn ureq(&self) -> Result<UreqTransport, Stop> {
        self.transport(UreqTransport::builder())
    }

    fn transport<T: Build>(&self, mut builder: Builder<T>) -> Result<T, Stop> {
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(&proxy.value);
        }
        if let Some(hosts) = &self.no_proxy {
            builder = builder.no_proxy(hosts);
        }
        if let Some((_, pem)) = &self.certificates {
            builder = builder.tls_certs_merge(pem);
        }
        builder.build().map_err(|failure| self.refused(&failure))
    }

    /// A transport that cannot be made is a wrong setting, if there is one.
    fn refused(&self, failure: &Failure) -> Stop {
        let mut from = Vec::new();
        if let Some(proxy) = &self.proxy {
            from.push(format!(
                "the proxy {} came from {}",
                proxy::shown(&proxy.value),
                proxy.source
            ));
        }
        if let Some((file, _)) = &self.certificates {
            from.push(format!(
                "the certificates came from {} ({})",
                file.value, file.source
            ));
        }
        let problem = if from.is_empty() {
            Problem::local("client", "the HTTP client cannot be set up")
        } else {
            Problem::usage(format!("the HTTP client cannot be set up ({})", from.join("; ")))
        };
        problem.caused_by(failure).into()
    }
}

//! From a URL to addresses, only when a connection is to be opened.

use std::net::{SocketAddr, ToSocketAddrs as _};

use http::Uri;
use ureq::config::Config;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use crate::lookups::Lookups;

/// As many as ureq's own resolver keeps; its list has no room for more.
const MOST: usize = 16;

/// What ureq asks before every request, kept-alive connection or not: no addresses yet. The gate asks [`Names`] later.
#[derive(Debug)]
pub(crate) struct Later;

impl Resolver for Later {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        Ok(self.empty())
    }
}

/// The operating system's answers.
#[derive(Debug)]
pub(crate) struct Names(Lookups);

impl Names {
    pub(crate) fn new() -> Self {
        Self(Lookups::new(|name| name.to_socket_addrs().map(Iterator::collect)))
    }
}

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let name = uri
            .scheme()
            .zip(uri.authority())
            .and_then(|(scheme, authority)| DefaultResolver::host_and_port(scheme, authority))
            .ok_or(ureq::Error::HostNotFound)?;
        let found = match name.parse::<SocketAddr>() {
            Ok(address) => vec![address],
            Err(_) => self
                .0
                .find(name, *timeout.after)
                .ok_or(ureq::Error::Timeout(timeout.reason))??,
        };
        let mut addresses = self.empty();
        for address in config.ip_family().keep_wanted(found.into_iter()).take(MOST) {
            addresses.push(address);
        }
        if addresses.is_empty() {
            return Err(ureq::Error::HostNotFound);
        }
        Ok(addresses)
    }
}

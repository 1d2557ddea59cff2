//! TCP to one of the addresses of a host.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use ureq::Error;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{ConnectionDetails, Connector, TcpConnector, Transport};

/// RFC 8305, 8: what the first family is given before the other one is tried.
const HEAD_START: Duration = Duration::from_millis(250);

/// ureq's own, but an address family that leads nowhere costs a moment and not two thirds of the time to connect.
#[derive(Debug, Default)]
pub(super) struct Tcp(TcpConnector);

impl Tcp {
    pub(super) fn connect(
        &self,
        details: &ConnectionDetails<'_>,
    ) -> Result<Option<Box<dyn Transport>>, Error> {
        let Some((first, rest)) = other_family_first(&details.addrs) else {
            return self.to(details, details.addrs.clone(), None);
        };
        let begun = Instant::now();
        let only = listed(details.resolver, &[first]);
        match self.to(details, only, Some(HEAD_START)) {
            // Slow or closed: the other family, and then this one again with what is left of the time.
            Err(Error::Timeout(_) | Error::Io(_)) => {}
            done => return done,
        }
        let left = details.timeout.after.saturating_sub(begun.elapsed());
        self.to(details, listed(details.resolver, &rest), Some(left))
    }

    fn to(
        &self,
        details: &ConnectionDetails<'_>,
        addrs: ResolvedSocketAddrs,
        within: Option<Duration>,
    ) -> Result<Option<Box<dyn Transport>>, Error> {
        let mut timeout = details.timeout;
        if let Some(within) = within {
            timeout.after = timeout.after.min(within.into());
        }
        let details = ConnectionDetails {
            uri: details.uri,
            addrs,
            resolver: details.resolver,
            config: details.config,
            request_level: details.request_level,
            now: (details.current_time)(),
            timeout,
            current_time: std::sync::Arc::clone(&details.current_time),
            run_connector: std::sync::Arc::clone(&details.run_connector),
            register_shutdown: std::sync::Arc::clone(&details.register_shutdown),
        };
        let made = self.0.connect(&details, None::<Box<dyn Transport>>)?;
        Ok(made.map(Transport::boxed))
    }
}

/// The first address, and all of them with those of the other family in front; `None` if there is one family only.
fn other_family_first(addrs: &[SocketAddr]) -> Option<(SocketAddr, Vec<SocketAddr>)> {
    let first = *addrs.first()?;
    let (same, other): (Vec<SocketAddr>, Vec<SocketAddr>) =
        addrs.iter().partition(|addr| addr.is_ipv6() == first.is_ipv6());
    (!other.is_empty()).then(|| (first, [other, same].concat()))
}

fn listed(resolver: &dyn Resolver, addrs: &[SocketAddr]) -> ResolvedSocketAddrs {
    let mut list = resolver.empty();
    for addr in addrs {
        list.push(*addr);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_family_comes_before_the_first_again() {
        let [a6, b6, a4]: [SocketAddr; 3] =
            ["[2001:db8::1]:1", "[2001:db8::2]:1", "192.0.2.1:1"].map(|addr| addr.parse().unwrap());
        assert_eq!(other_family_first(&[a6, b6, a4]), Some((a6, vec![a4, a6, b6])));
        assert_eq!(other_family_first(&[a4, a6]), Some((a4, vec![a6, a4])));
        assert_eq!(other_family_first(&[a6, b6]), None);
        assert_eq!(other_family_first(&[]), None);
    }
}

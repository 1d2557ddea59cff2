//! The one host that is reached over plain `http` because the caller said so.

use super::hosts::host_of;
use crate::error::Error;

const FIELD: &str = "insecure host";

/// Hosts of the vendor, and of the vendor's pictures: with all names below them, never without TLS.
const REAL: [&str; 2] = ["advance.ai", "aliyuncs.com"];

/// One host that may be reached over plain `http`: a sandbox in another container, a CI service, or a machine in a
/// phone's network. Keys, tokens and personal data travel readable, so this is for made-up ones.
///
/// With [`BaseUrl::on_insecure_host`](super::BaseUrl::on_insecure_host) it holds for the API, with
/// [`DownloadPolicy::insecure_host`](super::DownloadPolicy::insecure_host) for pictures; transports follow, for the
/// requests carry it. A session whose base URL has one sends nothing with other keys than the documented samples,
/// `sampleaccesskey` and `samplesecretkey`, unless [`even_with_real_keys`](Self::even_with_real_keys) says so.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InsecureHost {
    host: Box<str>,
    real_keys: bool,
}

impl InsecureHost {
    /// Gives up TLS for this host: a name or an address, without a port, and without `*`.
    ///
    /// ```
    /// use advance_core::BaseUrl;
    /// use advance_core::url::InsecureHost;
    ///
    /// let sandbox = InsecureHost::dangerously_without_tls("sandbox")?;
    /// let base = BaseUrl::on_insecure_host("http://sandbox:8080", &sandbox)?;
    /// # drop(base);
    /// # Ok::<(), advance_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) for a host of the vendor, and for what is no host.
    pub fn dangerously_without_tls(host: &str) -> Result<Self, Error> {
        let Some(host) = host_of(host) else {
            return Err(Error::invalid(
                FIELD,
                "must be one host name or address, without scheme, port or path",
            ));
        };
        let is_real = |real: &str| {
            let above = host.strip_suffix(real);
            above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
        };
        if REAL.into_iter().any(is_real) {
            return Err(Error::invalid(
                FIELD,
                "must not be a host of the vendor: real keys and people's data go there",
            ));
        }
        Ok(Self {
            host: host.into(),
            real_keys: false,
        })
    }

    /// Allows it with any keys. Everybody on the way can then read them, and act as you.
    #[must_use]
    pub fn even_with_real_keys(mut self) -> Self {
        self.real_keys = true;
        self
    }

    /// Whether this is the host.
    pub(crate) fn is(&self, host: &str) -> bool {
        host_of(host).is_some_and(|host| *host == *self.host)
    }

    pub(crate) const fn takes_real_keys(&self) -> bool {
        self.real_keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fault_101_the_vendors_hosts_and_whole_domains_are_refused() {
        for bad in [
            "advance.ai",
            "API.advance.ai",
            "x.oss.aliyuncs.com",
            "*.example",
            "*",
            "",
            "sandbox:8080",
            "http://sandbox",
            "sandbox.",
        ] {
            assert!(InsecureHost::dangerously_without_tls(bad).is_err(), "{bad}");
        }
        for good in [
            "sandbox",
            "notadvance.ai",
            "172.17.0.2",
            "2001:db8::1",
            "[2001:db8::1]",
        ] {
            assert!(InsecureHost::dangerously_without_tls(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn a_host_is_compared_in_one_notation() {
        let host = InsecureHost::dangerously_without_tls("2001:DB8:0::1").unwrap();
        assert!(host.is("[2001:db8::1]") && !host.is("[2001:db8::2]"));
        assert!(
            InsecureHost::dangerously_without_tls("Sandbox")
                .unwrap()
                .is("sandbox")
        );
    }
}

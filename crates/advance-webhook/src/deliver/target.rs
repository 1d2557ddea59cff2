//! Where webhooks go.

use std::fmt;

use advance_core::BaseUrl;
use advance_core::transport::permitted;
use advance_core::url::InsecureHost;
use http::{Request, Uri};

/// The address of the receiver: `https`, plain `http` to this very machine, or to the one insecure host that was named.
#[derive(Clone)]
pub struct Target {
    uri: Uri,
    insecure: Option<InsecureHost>,
}

/// Why an address is none. It names the rule and not the address, which may hold a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongTarget(&'static str);

impl Target {
    /// Takes an address. A path and a query are sent as given.
    ///
    /// # Errors
    /// [`WrongTarget`], naming the rule.
    pub fn new(url: &str, insecure: Option<InsecureHost>) -> Result<Self, WrongTarget> {
        if url.contains('#') {
            return Err(WrongTarget("must have no fragment"));
        }
        let uri: Uri = url
            .parse()
            .map_err(|_| WrongTarget("must be a URL such as https://shop.example/webhooks"))?;
        if uri.authority().is_some_and(|host| host.as_str().contains('@')) {
            return Err(WrongTarget(
                "must have no user name and no password; the signature says who sends it",
            ));
        }
        let target = Self { uri, insecure };
        // The rules of any server's URL: a host, and a port that there is. What may be reached without TLS is asked below.
        let secure = format!("https://{}", target.authority());
        if BaseUrl::new(&secure).is_err() {
            return Err(WrongTarget(
                "must name a host, and a port from 0 to 65535 if it names one",
            ));
        }
        let request = target.request(Request::new(()));
        if permitted(&request).is_err() {
            return Err(WrongTarget(
                "must be https (plain http is for this machine, and for the one host of --insecure-host)",
            ));
        }
        Ok(target)
    }

    /// `https://shop.example`: what may be shown.
    pub fn origin(&self) -> String {
        let scheme = self.uri.scheme_str().unwrap_or_default();
        format!("{scheme}://{}", self.authority())
    }

    fn authority(&self) -> &str {
        self.uri.authority().map_or("", http::uri::Authority::as_str)
    }

    pub(super) fn request<B>(&self, mut request: Request<B>) -> Request<B> {
        *request.uri_mut() = self.uri.clone();
        if let Some(insecure) = &self.insecure {
            request.extensions_mut().insert(insecure.clone());
        }
        request
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({}/…)", self.origin())
    }
}

impl fmt::Display for WrongTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the webhook's URL {}", self.0)
    }
}

impl std::error::Error for WrongTarget {}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::*;

    #[test]
    fn only_https_this_machine_and_the_one_insecure_host() {
        let insecure = InsecureHost::dangerously_without_tls("receiver").unwrap();
        for good in [
            "https://shop.example/hooks?tenant=1",
            "http://127.0.0.1:8080/",
            "http://localhost:1",
            "http://receiver:8080/hooks",
        ] {
            assert!(Target::new(good, Some(insecure.clone())).is_ok(), "{good}");
        }
        for bad in [
            "",
            "/hooks",
            "shop.example",
            "http://shop.example/",
            "ftp://localhost/",
            "https://u:hidden@shop.example/",
            "https://shop.example/#hidden",
            "http://receiver.example/",
            "https://shop.example:70000/",
            "https://shop.example:/",
            "http://receiver:70000/",
            "https://:443/",
        ] {
            let text = Target::new(bad, Some(insecure.clone())).unwrap_err().to_string();
            assert!(!text.contains("hidden"), "{bad}: {text}");
        }
        assert!(Target::new("http://receiver/", None).is_err());
        let shown = format!(
            "{:?}",
            Target::new("https://shop.example/hooks?key=hidden", None).unwrap()
        );
        assert_eq!(shown, "Target(https://shop.example/…)");
    }
}

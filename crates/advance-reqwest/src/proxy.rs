//! The proxy, in reqwest's words.

use advance_core::transport::{Failure, FailureKind, Sent};
use reqwest::Url;

/// Plain `http` is for this machine, or for the one host that the caller named: neither is reached through it.
pub(crate) fn of(settings: &advance_net::Proxy) -> Result<reqwest::Proxy, Failure> {
    // The parser's error is left out: it may quote what it could not read.
    let address = Url::parse(&settings.expose_url()).map_err(|_| {
        Failure::new(FailureKind::Proxy, Sent::No)
            .with_source("the proxy's host is not one that reqwest takes")
    })?;
    let settings = settings.clone();
    Ok(reqwest::Proxy::custom(move |url| {
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or_default();
        (url.scheme() == "https" && settings.covers(host, port)).then(|| address.clone())
    }))
}

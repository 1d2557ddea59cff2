//! The proxy, in ureq's words.

use advance_core::transport::{Failure, FailureKind};
use advance_net::proxy::Scheme;
use ureq::config::Config;
use ureq::{Proxy, ProxyProtocol};

use crate::harden::refused;

pub(crate) fn of(settings: &advance_net::Proxy) -> Result<Proxy, Failure> {
    let protocol = match settings.scheme() {
        Scheme::Http => ProxyProtocol::Http,
        Scheme::Https => ProxyProtocol::Https,
        Scheme::Socks5 => ProxyProtocol::Socks5,
        Scheme::Socks5h => ProxyProtocol::Socks5h,
        _ => return Err(refused(FailureKind::Proxy, "this kind of proxy is not supported")),
    };
    let mut builder = Proxy::builder(protocol)
        .host(settings.host())
        .port(settings.port());
    if let Some((user, password)) = settings.login() {
        builder = builder.username(user).password(password);
    }
    // ureq's error is left out: it may quote the URL.
    builder
        .build()
        .map_err(|_| refused(FailureKind::Proxy, "the proxy's host is not one that ureq takes"))
}

/// ureq panics when it is to connect through a SOCKS proxy without its feature.
pub(crate) fn check(config: &Config) -> Result<(), Failure> {
    let connects = |proxy: &Proxy| matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https);
    if cfg!(feature = "socks") || config.proxy().is_none_or(connects) {
        return Ok(());
    }
    Err(refused(
        FailureKind::Proxy,
        "SOCKS proxies need the feature `socks` of advance-ureq",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_password_arrive_as_they_were_meant() {
        let settings = advance_net::Proxy::new("http://us%40er:p%3Aw%2F%25@proxy.example:3128").unwrap();
        let proxy = of(&settings).unwrap();
        assert_eq!(
            (proxy.username(), proxy.password()),
            (Some("us@er"), Some("p:w/%"))
        );
        assert_eq!((proxy.host(), proxy.port()), ("proxy.example", 3128));
    }

    #[test]
    #[cfg(not(feature = "socks"))]
    fn socks_is_refused_instead_of_a_panic() {
        let proxy = Proxy::new("socks5://user:hidden@127.0.0.1:1").unwrap();
        let failure = check(&ureq::Agent::config_builder().proxy(Some(proxy)).build()).unwrap_err();
        assert_eq!(failure.kind(), FailureKind::Proxy);
        assert!(!format!("{failure:?} {failure}").contains("hidden"));
    }
}

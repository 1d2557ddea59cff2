//! What a builder starts with, and what every agent ends with.

use std::time::Duration;

use advance_core::{Failure, FailureKind, Sent};
use ureq::config::{Config, ConfigBuilder};
use ureq::typestate::AgentScope;
use ureq::{Agent, Proxy, ProxyProtocol};

use crate::gate::Gate;
use crate::names::Later;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
const IDLE_CONNECTIONS: usize = 32;
const MAX_HEAD: usize = 64 * 1024;

/// What may be changed again.
pub(crate) fn preset() -> ConfigBuilder<AgentScope> {
    let builder = Agent::config_builder()
        .user_agent("")
        .proxy(None)
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .max_idle_age(IDLE_TIMEOUT)
        .max_idle_connections(2 * IDLE_CONNECTIONS)
        .max_idle_connections_per_host(IDLE_CONNECTIONS);
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    let builder = builder.tls_config(tls());
    builder
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn tls() -> ureq::tls::TlsConfig {
    use ureq::tls::{RootCerts, TlsConfig, TlsProvider};

    let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier);
    #[cfg(feature = "rustls")]
    let tls = tls
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(std::sync::Arc::new(rustls::crypto::ring::default_provider()));
    #[cfg(not(feature = "rustls"))]
    let tls = tls.provider(TlsProvider::NativeTls);
    tls.build()
}

/// What may not.
pub(crate) fn build(builder: ConfigBuilder<AgentScope>) -> Result<Agent, Failure> {
    let config = builder
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .save_redirect_history(false)
        .accept_encoding("")
        .max_response_header_size(MAX_HEAD)
        .build();
    refuse_what_ureq_panics_at(&config)?;
    Ok(Agent::with_parts(config, Gate::new(), Later))
}

fn refuse_what_ureq_panics_at(config: &Config) -> Result<(), Failure> {
    let refuse = |kind, why: &str| Err(Failure::new(kind, Sent::No).with_source(why));
    let connects = |proxy: &Proxy| matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https);
    if !config.proxy().is_none_or(connects) {
        return refuse(
            FailureKind::Proxy,
            "only http and https proxies are supported, not SOCKS",
        );
    }
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    match config.tls_config().provider() {
        ureq::tls::TlsProvider::Rustls if cfg!(feature = "rustls") => {}
        ureq::tls::TlsProvider::NativeTls if cfg!(feature = "native-tls") => {}
        _ => {
            return refuse(
                FailureKind::Tls,
                "the builder's TLS provider is not built in: start from UreqTransport::builder() or turn on the \
                 feature of advance-ureq",
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn socks_is_refused_instead_of_a_panic() {
        let proxy = Proxy::new("socks5://user:hidden@127.0.0.1:1").unwrap();
        let failure = build(preset().proxy(Some(proxy))).unwrap_err();
        assert_eq!(failure.kind(), FailureKind::Proxy);
        assert!(!format!("{failure:?} {failure}").contains("hidden"));
    }

    #[test]
    #[cfg(all(feature = "native-tls", not(feature = "rustls")))]
    fn a_provider_that_is_not_built_in_is_refused_instead_of_a_panic() {
        assert_eq!(
            build(Agent::config_builder()).unwrap_err().kind(),
            FailureKind::Tls
        );
        assert!(build(preset()).is_ok());
    }
}

//! What a builder starts with, and what every client ends with.

use std::time::Duration;

use advance_core::{Failure, FailureKind, Sent};
use reqwest::{Client, ClientBuilder};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
const IDLE_CONNECTIONS: usize = 32;

/// What may be changed again.
#[cfg_attr(not(feature = "rustls"), allow(clippy::unnecessary_wraps))]
pub(crate) fn preset() -> Result<ClientBuilder, Failure> {
    let builder = Client::builder()
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(IDLE_CONNECTIONS);
    #[cfg(feature = "rustls")]
    let builder = builder.tls_backend_preconfigured(crate::tls::config()?);
    Ok(builder)
}

/// What may not.
pub(crate) fn build(builder: ClientBuilder) -> Result<Client, Failure> {
    builder
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connection_verbose(false)
        .http1_only()
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .build()
        .map_err(|error| Failure::new(FailureKind::Other, Sent::No).with_source(error.without_url()))
}

/// reqwest panics if rustls is its backend and nobody chose a provider. Our preset chose one; somebody else's builder
/// may not have.
#[cfg(feature = "rustls")]
pub(crate) fn ensure_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // A lost race means that there is one now.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}

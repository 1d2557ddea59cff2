//! What a client starts with, and what every client ends with.

use advance_core::transport::{Failure, FailureKind, Sent};
use advance_net::{Builder, CONNECT_TIMEOUT, Connection, LONGEST};
use reqwest::{Client, ClientBuilder};

use crate::{ReqwestTransport, proxy, tls};

/// A client of these settings.
pub(crate) fn client(settings: &Builder<ReqwestTransport>) -> Result<Client, Failure> {
    let mut builder = tls::apply(
        Client::builder().no_proxy().no_hickory_dns(),
        settings.tls_settings(),
    )?;
    if let Some(proxy) = settings.proxy_settings() {
        builder = builder.proxy(proxy::of(proxy)?);
    }
    build(bounded(builder, settings.connection_settings()))
}

/// The pool has no limit but its time: one of fewer connections than calls in flight would close and open them all the
/// time.
fn bounded(builder: ClientBuilder, connection: Connection) -> ClientBuilder {
    let kept = if connection.idle_timeout.is_zero() {
        0
    } else {
        usize::MAX
    };
    builder
        .connect_timeout(connection.connect_timeout)
        .pool_idle_timeout(connection.idle_timeout)
        .pool_max_idle_per_host(kept)
}

/// A client of the caller's own builder. It cannot be read, so what could panic in it is overridden: reqwest adds its
/// times to a clock, which the longest do not fit. The core bounds every attempt, so these need to bound none.
pub(crate) fn callers(builder: ClientBuilder) -> Result<Client, Failure> {
    build(
        builder
            .timeout(LONGEST)
            .read_timeout(LONGEST)
            .connect_timeout(CONNECT_TIMEOUT),
    )
}

/// What no builder changes.
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

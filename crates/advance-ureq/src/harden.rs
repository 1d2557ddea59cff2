//! What a configuration starts with, and what every agent ends with.

use advance_core::transport::{Failure, FailureKind, Sent};
use advance_net::Builder;
use ureq::Agent;
use ureq::config::{Config, ConfigBuilder};
use ureq::typestate::AgentScope;

use crate::gate::Gate;
use crate::names::Later;
use crate::stages::Secure;
use crate::{UreqTransport, bounds, proxy, tls};

const MAX_HEAD: usize = 64 * 1024;

/// An agent of these settings.
pub(crate) fn agent(settings: &Builder<UreqTransport>) -> Result<Agent, Failure> {
    let connection = settings.connection_settings();
    // The pool has no limit but its time: one of fewer connections than calls in flight would close and open them all
    // the time.
    let kept = if connection.idle_timeout.is_zero() {
        0
    } else {
        usize::MAX
    };
    let builder = Agent::config_builder()
        .user_agent("")
        .proxy(settings.proxy_settings().map(proxy::of).transpose()?)
        .timeout_connect(Some(connection.connect_timeout))
        .max_idle_age(connection.idle_timeout)
        .max_idle_connections(kept)
        .max_idle_connections_per_host(kept);
    let (builder, secure) = tls::apply(builder, settings.tls_settings())?;
    Ok(finish(hardened(builder), secure))
}

/// An agent of the caller's own configuration.
pub(crate) fn build(builder: ConfigBuilder<AgentScope>) -> Result<Agent, Failure> {
    let config = hardened(builder);
    bounds::check(&config)?;
    proxy::check(&config)?;
    tls::check(&config)?;
    Ok(finish(config, Secure::as_configured()))
}

/// What no builder changes.
fn hardened(builder: ConfigBuilder<AgentScope>) -> Config {
    builder
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .save_redirect_history(false)
        .accept_encoding("")
        .max_response_header_size(MAX_HEAD)
        // An endpoint says its method.
        .allow_non_standard_methods(true)
        .build()
}

fn finish(config: Config, secure: Secure) -> Agent {
    #[cfg(feature = "native-tls")]
    secure.prepare(&config);
    Agent::with_parts(config, Gate::new(secure), Later)
}

/// A setting of the caller's configuration that cannot be kept.
pub(crate) fn refused(kind: FailureKind, why: impl Into<String>) -> Failure {
    Failure::new(kind, Sent::No).with_source(why.into())
}

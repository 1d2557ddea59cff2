//! Bounds of a caller's configuration that ureq would panic at, or with which no call could succeed.

use std::time::Duration;

use advance_core::transport::{Failure, FailureKind};
use advance_net::LONGEST;
use ureq::config::Config;

use crate::harden::refused;

/// Far more than any head or piece of a body needs; ureq takes the whole buffer from memory at once.
const LARGEST_BUFFER: usize = 64 << 20;

pub(crate) fn check(config: &Config) -> Result<(), Failure> {
    let timeouts = config.timeouts();
    for (name, timeout) in [
        ("timeout_global", timeouts.global),
        ("timeout_per_call", timeouts.per_call),
        ("timeout_per_read", config.timeout_per_read()),
        ("timeout_per_write", config.timeout_per_write()),
        ("timeout_resolve", timeouts.resolve),
        ("timeout_connect", timeouts.connect),
        ("timeout_send_request", timeouts.send_request),
        ("timeout_await_100", timeouts.await_100),
        ("timeout_send_body", timeouts.send_body),
        ("timeout_recv_response", timeouts.recv_response),
        ("timeout_recv_body", timeouts.recv_body),
    ] {
        if let Some(why) = timeout.and_then(flaw) {
            return Err(refused(FailureKind::Other, format!("{name} {why}")));
        }
    }
    for (name, size) in [
        ("input_buffer_size", config.input_buffer_size()),
        ("output_buffer_size", config.output_buffer_size()),
    ] {
        if size == 0 || size > LARGEST_BUFFER {
            return Err(refused(
                FailureKind::Other,
                format!("{name} must be between 1 byte and 64 MiB"),
            ));
        }
    }
    Ok(())
}

fn flaw(timeout: Duration) -> Option<&'static str> {
    if timeout.is_zero() {
        Some("must not be zero: no call can succeed in no time")
    } else if timeout > LONGEST {
        Some("must not be longer than a year: use None for no limit")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use ureq::Agent;
    use ureq::config::ConfigBuilder;
    use ureq::typestate::AgentScope;

    use super::*;

    #[test]
    fn fault_99_what_ureq_panics_at_is_refused_by_name() {
        type Change = fn(ConfigBuilder<AgentScope>) -> ConfigBuilder<AgentScope>;
        let cases: [(&str, Change); 6] = [
            ("timeout_connect", |b| b.timeout_connect(Some(Duration::MAX))),
            ("timeout_connect", |b| b.timeout_connect(Some(Duration::ZERO))),
            ("timeout_global", |b| b.timeout_global(Some(Duration::MAX))),
            ("timeout_recv_body", |b| b.timeout_recv_body(Some(Duration::ZERO))),
            ("input_buffer_size", |b| b.input_buffer_size(0)),
            ("output_buffer_size", |b| b.output_buffer_size(usize::MAX)),
        ];
        for (name, change) in cases {
            let failure = check(&change(Agent::config_builder()).build()).unwrap_err();
            let said = std::error::Error::source(&failure).unwrap().to_string();
            assert!(said.starts_with(name), "{said}");
        }
        assert!(check(&Agent::config_builder().build()).is_ok());
    }
}

//! How long making a connection may take, and how long an idle one is kept.

use std::time::Duration;

use advance_core::transport::{Failure, FailureKind, Sent};

/// Name, TCP, proxy and TLS together.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Shorter than the minute after which gateways and NATs tend to forget a connection.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// A year. Longer durations overflow clocks below, and mean "no limit" here.
pub const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The two durations of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Connection {
    /// The most that name, TCP, proxy and TLS together may take.
    pub connect_timeout: Duration,
    /// How long a connection without work is kept.
    pub idle_timeout: Duration,
}

impl Default for Connection {
    fn default() -> Self {
        Self {
            connect_timeout: CONNECT_TIMEOUT,
            idle_timeout: IDLE_TIMEOUT,
        }
    }
}

impl Connection {
    /// The same within what clocks bear.
    ///
    /// # Errors
    /// [`FailureKind::Other`] if the time to connect is zero: no call could ever succeed.
    pub fn checked(self) -> Result<Self, Failure> {
        if self.connect_timeout.is_zero() {
            return Err(Failure::new(FailureKind::Other, Sent::No)
                .with_source("connect_timeout must not be zero: no connection can be made in no time"));
        }
        Ok(Self {
            connect_timeout: self.connect_timeout.min(LONGEST),
            idle_timeout: self.idle_timeout.min(LONGEST),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fault_99_no_duration_overflows_and_none_forbids_every_call() {
        let endless = Connection {
            connect_timeout: Duration::MAX,
            idle_timeout: Duration::MAX,
        };
        let checked = endless.checked().unwrap();
        assert_eq!(
            (checked.connect_timeout, checked.idle_timeout),
            (LONGEST, LONGEST)
        );
        let none = Connection {
            connect_timeout: Duration::ZERO,
            ..endless
        };
        let error = none.checked().unwrap_err();
        let said = std::error::Error::source(&error).unwrap().to_string();
        assert!(said.contains("connect_timeout"), "{said}");
    }
}

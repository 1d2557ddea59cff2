//! How a session behaves.

use std::time::Duration;

use http::HeaderValue;

use super::RetryPolicy;
use crate::error::Error;
use crate::url::BaseUrl;
use crate::wire::Period;

/// How a session behaves. The defaults suit the vendor's production host.
///
/// ```
/// use std::time::Duration;
/// use advance_core::{BaseUrl, Config, Period, RetryPolicy};
///
/// let config = Config::new()
///     .base_url(BaseUrl::new("https://sg-api.advance.ai")?)
///     .period(Period::from_secs(600)?)
///     .retry(RetryPolicy::new().attempts(2).total(Duration::from_secs(20)));
/// # Ok::<(), advance_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    pub(super) base_url: BaseUrl,
    pub(super) period: Period,
    pub(super) retry: RetryPolicy,
    pub(super) attempt: Duration,
    pub(super) max_body: usize,
    pub(super) repair_clock: bool,
    pub(super) user_agent: HeaderValue,
}

impl Config {
    /// The defaults: the document's host, one-hour tokens, 15 s an attempt, bodies up to 1 MiB, clock repair on.
    pub fn new() -> Self {
        Self {
            base_url: BaseUrl::default(),
            period: Period::default(),
            retry: RetryPolicy::new(),
            attempt: Duration::from_secs(15),
            max_body: 1 << 20,
            repair_clock: true,
            user_agent: HeaderValue::from_static(concat!("advance-rust/", env!("CARGO_PKG_VERSION"))),
        }
    }

    /// Where the API lives.
    #[must_use]
    pub fn base_url(mut self, base_url: BaseUrl) -> Self {
        self.base_url = base_url;
        self
    }

    /// Where the API lives, as it is configured.
    pub const fn server(&self) -> &BaseUrl {
        &self.base_url
    }

    /// How long tokens are asked to live.
    #[must_use]
    pub const fn period(mut self, period: Period) -> Self {
        self.period = period;
        self
    }

    /// When a call is sent again, and how long it may take in all.
    #[must_use]
    pub const fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// The longest a single attempt may take, from the start to the last byte of its reply.
    #[must_use]
    pub const fn attempt_timeout(mut self, within: Duration) -> Self {
        self.attempt = within;
        self
    }

    /// The largest reply to take, in bytes. A result has about two thousand.
    #[must_use]
    pub const fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// Whether a wrong clock on this machine is worked around: when the vendor refuses a timestamp and its `Date`
    /// differs from the clock by more than two minutes, the difference is kept and the request sent once more.
    #[must_use]
    pub const fn repair_clock(mut self, on: bool) -> Self {
        self.repair_clock = on;
        self
    }

    /// What the requests call themselves, instead of `advance-rust/VERSION`.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if the text is empty or not visible ASCII and spaces.
    pub fn user_agent(mut self, text: &str) -> Result<Self, Error> {
        let visible = !text.is_empty() && text.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
        match HeaderValue::from_str(text) {
            Ok(value) if visible && text.len() <= 256 => {
                self.user_agent = value;
                Ok(self)
            }
            _ => Err(Error::invalid(
                "User-Agent",
                "must be 1 to 256 visible ASCII characters or spaces",
            )),
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::Config;

    #[test]
    fn fault_70_a_user_agent_cannot_smuggle_a_header() {
        for bad in [
            "",
            "a\r\nX-Evil: hidden",
            "hidden\0",
            "hiddén",
            "\thidden",
            &"x".repeat(257),
        ] {
            let error = Config::new().user_agent(bad).unwrap_err().to_string();
            assert!(error.contains("User-Agent") && !error.contains("hidd"), "{error}");
        }
        assert!(
            Config::new()
                .user_agent("shop/1.0 (+https://shop.example)")
                .is_ok()
        );
    }
}

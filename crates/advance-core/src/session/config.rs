//! How a session behaves.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::RetryPolicy;
use crate::error::Error;
use crate::url::{BaseUrl, DownloadPolicy, InsecureHost};
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
    pub(super) headers: HeaderMap,
    pub(crate) pictures: DownloadPolicy,
}

/// What this crate calls itself.
const USER_AGENT: &str = concat!("advance-rust/", env!("CARGO_PKG_VERSION"));

/// What the machine or the transport sets, or what changes how a message is read.
const NOT_THE_CALLERS: [&str; 17] = [
    "accept",
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-access-token",
];

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
            user_agent: HeaderValue::from_static(USER_AGENT),
            headers: HeaderMap::new(),
            pictures: DownloadPolicy::new(),
        }
    }

    /// For a sandbox at this address: the API and the pictures are there. Plain `http` is for this very machine.
    ///
    /// # Errors
    /// As for [`BaseUrl::with_loopback`].
    pub fn for_sandbox(url: &str) -> Result<Self, Error> {
        Self::new().at(BaseUrl::with_loopback(url)?)
    }

    /// As variables say it, under the names that the command-line tool has: `ADVANCE_BASE_URL`, and `ADVANCE_INSECURE_HOST`
    /// for a sandbox on another machine. `var` brings the value of a name; an empty one counts as none. Pictures may come
    /// from the host that is named as well. The crates `advance-reqwest` and `advance-ureq` read the environment by it.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) where a value breaks a rule, and what `var` says.
    pub fn from_vars(var: impl Fn(&str) -> Result<Option<String>, Error>) -> Result<Self, Error> {
        let var = |name| Ok::<_, Error>(var(name)?.filter(|value| !value.is_empty()));
        let Some(url) = var("ADVANCE_BASE_URL")? else {
            return Ok(Self::new());
        };
        let insecure = match var("ADVANCE_INSECURE_HOST")? {
            Some(host) => Some(InsecureHost::dangerously_without_tls(&host)?),
            None => None,
        };
        let base_url = BaseUrl::with_loopback(&url).or_else(|refused| match &insecure {
            Some(host) => BaseUrl::on_insecure_host(&url, host),
            None => Err(refused),
        })?;
        let mut config = Self::new().at(base_url)?;
        if let Some(host) = insecure {
            config.pictures = config.pictures.insecure_host(host);
        }
        Ok(config)
    }

    /// The API is here, and so may pictures be.
    fn at(mut self, base_url: BaseUrl) -> Result<Self, Error> {
        self.pictures = self.pictures.host(base_url.host())?;
        self.base_url = base_url;
        Ok(self)
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

    /// From where the client's `download` fetches pictures, instead of the hosts of the documented samples.
    #[must_use]
    pub fn pictures(mut self, policy: DownloadPolicy) -> Self {
        self.pictures = policy;
        self
    }

    /// Adds a header to every request to the API, token requests included: for a gateway on the way, a trace, a tenant. It is
    /// not sent to the hosts of pictures. Its value is treated as a secret. A name that is added twice has the last value.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if the name is none, or one that this library, HTTP itself or a proxy has
    /// for itself, or the value is not visible ASCII and spaces.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, Error> {
        let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else {
            return Err(Error::invalid(
                "header name",
                "must be a token of letters, digits and dashes",
            ));
        };
        if NOT_THE_CALLERS.contains(&name.as_str()) {
            return Err(Error::invalid(
                "header name",
                "is one that this library, HTTP or a proxy has for itself",
            ));
        }
        let Some(mut value) = header_value(value, 8_192) else {
            return Err(Error::invalid(
                "header value",
                "must be 1 to 8192 visible ASCII characters or spaces",
            ));
        };
        value.set_sensitive(true);
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Appends the name of the caller's program to what the requests call themselves: `advance-rust/VERSION shop/1.0`.
    ///
    /// # Errors
    /// As for [`user_agent`](Self::user_agent).
    pub fn append_user_agent(self, text: &str) -> Result<Self, Error> {
        let former = self.user_agent.to_str().unwrap_or(USER_AGENT);
        let both = format!("{former} {text}");
        if text.is_empty() {
            return self.user_agent(text);
        }
        self.user_agent(&both)
    }

    /// What the requests call themselves, instead of `advance-rust/VERSION`.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if the text is empty or not visible ASCII and spaces.
    pub fn user_agent(mut self, text: &str) -> Result<Self, Error> {
        let Some(value) = header_value(text, 256) else {
            return Err(Error::invalid(
                "User-Agent",
                "must be 1 to 256 visible ASCII characters or spaces",
            ));
        };
        self.user_agent = value;
        Ok(self)
    }
}

/// Visible ASCII and spaces, and no more than that.
fn header_value(text: &str, longest: usize) -> Option<HeaderValue> {
    let visible = text.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
    let fits = visible && (1..=longest).contains(&text.len());
    HeaderValue::from_str(text).ok().filter(|_| fits)
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

    #[test]
    fn a_program_adds_its_name() {
        let config = Config::new().append_user_agent("shop/1.0").unwrap();
        let both = concat!("advance-rust/", env!("CARGO_PKG_VERSION"), " shop/1.0");
        assert_eq!(config.user_agent, both);
        assert_eq!(
            config.append_user_agent("more").unwrap().user_agent,
            format!("{both} more")
        );
        for bad in ["", "a\r\nX-Evil: hidden", &"x".repeat(256)] {
            assert!(Config::new().append_user_agent(bad).is_err());
        }
    }

    #[test]
    fn a_header_can_neither_replace_ours_nor_smuggle_one() {
        for (name, value) in [
            ("Host", "hidden"),
            ("X-Access-Token", "hidden"),
            ("content-length", "hidden"),
            ("Proxy-Authorization", "hidden"),
            ("Keep-Alive", "hidden"),
            ("", "hidden"),
            ("a b", "hidden"),
            ("x-own", ""),
            ("x-own", "hidden\r\nX-Evil: 1"),
            ("x-own", "hiddén"),
        ] {
            let error = Config::new().header(name, value).unwrap_err().to_string();
            assert!(error.contains("header") && !error.contains("hidd"), "{error}");
        }
        let config = Config::new().header("X-Own", "hidden").unwrap();
        assert!(!format!("{config:?}").contains("hidden"));
    }

    #[test]
    fn a_sandbox_has_the_pictures_as_well() {
        let config = Config::for_sandbox("http://127.0.0.1:8080").unwrap();
        assert_eq!(config.server().as_str(), "http://127.0.0.1:8080");
        assert!(config.pictures.allows("127.0.0.1") && !config.pictures.allows("127.0.0.2"));
        assert!(Config::for_sandbox("http://sandbox.example").is_err());
    }

    #[test]
    fn variables_have_the_names_of_the_tool() {
        let of = |set: &'static [(&str, &str)]| {
            Config::from_vars(move |name| {
                let found = set.iter().find(|(known, _)| *known == name);
                Ok(found.map(|(_, value)| (*value).to_owned()))
            })
        };
        assert_eq!(of(&[]).unwrap().server().as_str(), "https://api.advance.ai");
        assert_eq!(
            of(&[("ADVANCE_BASE_URL", "")]).unwrap().server().as_str(),
            "https://api.advance.ai"
        );
        let sandbox = of(&[("ADVANCE_BASE_URL", "http://[::1]:8080")]).unwrap();
        assert!(sandbox.pictures.allows("[::1]"));
        let plain = [("ADVANCE_BASE_URL", "http://sandbox:8080")];
        assert!(Config::from_vars(|name| Ok((name == plain[0].0).then(|| plain[0].1.to_owned()))).is_err());
        let asked = of(&[
            ("ADVANCE_BASE_URL", "http://sandbox:8080"),
            ("ADVANCE_INSECURE_HOST", "sandbox"),
        ])
        .unwrap();
        assert!(asked.pictures.allows("sandbox") && asked.base_url.insecure().is_some());
    }
}

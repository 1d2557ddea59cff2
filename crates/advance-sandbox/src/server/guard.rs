//! Who may control the sandbox: not a web page that happens to be open in a browser on the same machine.
//!
//! A browser says where a page comes from (`Origin`, `Sec-Fetch-Site`) and by which name it asked (`Host`). A page of
//! another origin betrays itself by the first two, a name that was rebound to this machine by the third.

use std::net::IpAddr;

use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderName, HeaderValue, Method, Version};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What a start allows beyond the sandbox's own pages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policy {
    /// Host names that the sandbox is asked by.
    pub(crate) hosts: Vec<String>,
    /// Origins of pages that may control it.
    pub(crate) origins: Vec<String>,
    /// Whether pages of any origin may make the three calls.
    pub(crate) cors: bool,
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Host,
    Origin,
    NotJson,
}

impl Refused {
    pub(crate) const fn status(&self) -> u16 {
        match self {
            Self::Host | Self::Origin => 403,
            Self::NotJson => 415,
        }
    }

    pub(crate) const fn text(&self) -> &'static str {
        match self {
            Self::Host => {
                "this Host is neither loopback nor an address of this machine; start the sandbox with --allow-host NAME to allow it"
            }
            Self::Origin => {
                "a page of another origin may not control the sandbox; open the address itself, or start the sandbox with --allow-origin URL to allow it"
            }
            Self::NotJson => "a POST to the sandbox needs content-type: application/json",
        }
    }
}

impl Policy {
    /// Judges a control call, or the dashboard.
    pub(crate) fn judge(&self, head: &Parts, local: IpAddr) -> Result<(), Refused> {
        let asked = asked(head);
        match asked {
            Some(asked) if !self.knows_host(asked, local) => return Err(Refused::Host),
            // Only HTTP/1.0 may leave it out, which no browser speaks.
            None if head.version != Version::HTTP_10 => return Err(Refused::Host),
            _ => {}
        }
        match head.headers.get(ORIGIN) {
            Some(origin) if self.allows(origin) => {}
            Some(origin) if !is_own(origin, asked) => return Err(Refused::Origin),
            _ => {
                let site = head.headers.get(FETCH_SITE).map(HeaderValue::as_bytes);
                if !matches!(site, None | Some(b"same-origin" | b"none")) {
                    return Err(Refused::Origin);
                }
            }
        }
        if head.method == Method::POST && !is_json(head) {
            return Err(Refused::NotJson);
        }
        Ok(())
    }

    /// Whether the sandbox may be asked by this `host` or `host:port`.
    pub(crate) fn knows_host(&self, asked: &str, local: IpAddr) -> bool {
        let Ok(authority) = asked.parse::<Authority>() else {
            return false;
        };
        if authority.as_str().contains('@') {
            return false;
        }
        let host = authority.host();
        let literal = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<IpAddr>();
        let own = if let Ok(address) = literal {
            let address = address.to_canonical();
            address.is_loopback() || address == local.to_canonical()
        } else {
            let name = host.to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        };
        own || self.names(host)
    }

    fn names(&self, host: &str) -> bool {
        self.hosts.iter().any(|name| name.eq_ignore_ascii_case(host))
    }

    /// Whether pages of this origin may control the sandbox.
    pub(crate) fn allows(&self, origin: &HeaderValue) -> bool {
        self.origins
            .iter()
            .any(|allowed| allowed.as_bytes().eq_ignore_ascii_case(origin.as_bytes()))
    }
}

/// By which `host:port` the sandbox was asked. A target with a host of its own outranks the header (RFC 9112).
pub(crate) fn asked(head: &Parts) -> Option<&str> {
    match head.uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => head.headers.get(HOST)?.to_str().ok(),
    }
}

fn is_own(origin: &HeaderValue, asked: Option<&str>) -> bool {
    let origin = origin.to_str().unwrap_or_default();
    let own = origin
        .strip_prefix("http://")
        .or_else(|| origin.strip_prefix("https://"));
    own.is_some() && own == asked
}

fn is_json(head: &Parts) -> bool {
    let media_type = head
        .headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let media_type = media_type.and_then(|text| text.split(';').next());
    media_type.is_some_and(|text| text.trim().eq_ignore_ascii_case("application/json"))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn judged(policy: &Policy, method: &str, headers: &[(&str, &str)]) -> Result<(), Refused> {
        let mut request = Request::builder().method(method).uri("/__sandbox/reset");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        policy.judge(&head, "192.0.2.7".parse().unwrap())
    }

    #[test]
    fn only_names_of_this_machine_pass() {
        let policy = Policy {
            hosts: vec!["sandbox.test".to_owned()],
            ..Policy::default()
        };
        for host in [
            "127.0.0.1:8080",
            "127.9.9.9",
            "localhost:8080",
            "LOCALHOST",
            "app.localhost:1",
            "[::1]:8080",
            "[::ffff:127.0.0.1]",
            "192.0.2.7:8080",
            "sandbox.test:8080",
            "SANDBOX.TEST",
        ] {
            assert_eq!(judged(&policy, "GET", &[("host", host)]), Ok(()), "{host}");
        }
        for host in [
            "rebind.example",
            "rebind.example:8080",
            "127.0.0.1.rebind.example",
            "localhost.rebind.example",
            "rebind.example@127.0.0.1",
            "127.0.0.1@rebind.example",
            "192.0.2.8",
            "0.0.0.0:8080",
            "",
            "a b",
            "sandbox.test.example",
        ] {
            assert_eq!(
                judged(&policy, "GET", &[("host", host)]),
                Err(Refused::Host),
                "{host}"
            );
        }
        assert_eq!(judged(&policy, "GET", &[]), Err(Refused::Host));
    }

    #[test]
    fn pages_of_other_origins_do_not_pass() {
        let policy = Policy {
            origins: vec!["https://tool.example".to_owned()],
            ..Policy::default()
        };
        let host = ("host", "127.0.0.1:8080");
        let json = ("content-type", "application/json");
        for headers in [
            &[][..],
            &[("origin", "http://127.0.0.1:8080")],
            &[
                ("origin", "http://127.0.0.1:8080"),
                ("sec-fetch-site", "same-origin"),
            ],
            &[("sec-fetch-site", "none")],
            &[
                ("origin", "https://tool.example"),
                ("sec-fetch-site", "cross-site"),
            ],
        ] {
            let headers = [&[host, json], headers].concat();
            assert_eq!(judged(&policy, "POST", &headers), Ok(()), "{headers:?}");
        }
        for headers in [
            &[("origin", "https://evil.example")][..],
            &[("origin", "null")],
            &[("origin", "http://127.0.0.1:3000")],
            &[("origin", "http://localhost:8080")],
            &[("origin", "https://tool.example.evil.example")],
            &[("origin", "")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[
                ("origin", "http://127.0.0.1:8080"),
                ("sec-fetch-site", "cross-site"),
            ],
        ] {
            let headers = [&[host, json], headers].concat();
            assert_eq!(
                judged(&policy, "POST", &headers),
                Err(Refused::Origin),
                "{headers:?}"
            );
        }
    }

    #[test]
    fn only_json_is_posted() {
        let host = ("host", "localhost");
        for media_type in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "",
        ] {
            let headers = [host, ("content-type", media_type)];
            assert_eq!(
                judged(&Policy::default(), "POST", &headers),
                Err(Refused::NotJson),
                "{media_type}"
            );
        }
        assert_eq!(judged(&Policy::default(), "POST", &[host]), Err(Refused::NotJson));
        let headers = [host, ("content-type", "application/json; charset=utf-8")];
        assert_eq!(judged(&Policy::default(), "POST", &headers), Ok(()));
    }
}

//! Where the API lives.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

use super::origin::LONGEST;
use super::{InsecureHost, authority_flaw, is_loopback};
use crate::error::Error;
use crate::scan;

const FIELD: &str = "base URL";
const LIMIT: usize = 2_048;

/// The address that endpoint paths are appended to: `https`, a host, perhaps a port and a path prefix.
///
/// The default is the host of the document, `https://api.advance.ai`. The vendor's sibling products show regional
/// hosts (`sg-api.`, `my-api.`, `th-api.`, `ph-api.`, `mex-api.`, `col-api.`, `nga-api.advance.ai`, for some
/// `vn-api.advance.ai`); whether a token of one is good for another is not said.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BaseUrl {
    text: Box<str>,
    /// The same, read once: every request's URL begins with it.
    scheme: Scheme,
    authority: Authority,
    /// Where in the text a path of its own begins, if it has one.
    prefix: usize,
    insecure: Option<InsecureHost>,
}

impl BaseUrl {
    /// Takes an `https` URL. Slashes at its end do not matter.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) naming the rule: no other scheme, no user name or password,
    /// no query, no fragment, nothing that is not ASCII (write an international name as punycode).
    pub fn new(text: &str) -> Result<Self, Error> {
        Self::checked(text, false, None)
    }

    /// The same, and plain `http` to this very machine as well: `localhost`, `127.0.0.0/8` or `[::1]`, for a sandbox.
    ///
    /// # Errors
    /// As for [`new`](Self::new); plain `http` to any other host is refused.
    pub fn with_loopback(text: &str) -> Result<Self, Error> {
        Self::checked(text, true, None)
    }

    /// The same, and plain `http` to this one host as well.
    ///
    /// # Errors
    /// As for [`new`](Self::new); plain `http` to any other host is refused.
    pub fn on_insecure_host(text: &str, host: &InsecureHost) -> Result<Self, Error> {
        Self::checked(text, false, Some(host))
    }

    /// The host that requests to this URL may reach over plain `http`.
    pub(crate) const fn insecure(&self) -> Option<&InsecureHost> {
        self.insecure.as_ref()
    }

    fn checked(text: &str, loopback: bool, insecure: Option<&InsecureHost>) -> Result<Self, Error> {
        let refuse = |rule| Err(Error::invalid(FIELD, rule));
        if text.is_empty() {
            return refuse("must not be empty");
        }
        if text.len() > LIMIT {
            return refuse("must have at most 2048 characters");
        }
        if !text.bytes().all(|b| b.is_ascii_graphic()) {
            return refuse(
                "must not contain spaces, control or non-ASCII characters (write the host as punycode)",
            );
        }
        if text.contains('#') {
            return refuse("must not have a fragment");
        }
        let Ok(uri) = Uri::from_str(text) else {
            return refuse("must be a URL such as https://api.advance.ai");
        };
        let has_query = uri.query().is_some();
        let parts = uri.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return refuse("must begin with https:// and name a host");
        };
        if let Some(rule) = authority_flaw(&authority) {
            return refuse(rule);
        }
        if has_query {
            return refuse("must not have a query");
        }
        let loopback = loopback && is_loopback(authority.host());
        match scheme.as_str() {
            "https" => {}
            "http" if loopback || insecure.is_some_and(|insecure| insecure.is(authority.host())) => {}
            "http" => {
                return refuse(
                    "must be https (plain http is for this machine only, and only when asked for)",
                );
            }
            _ => return refuse("must begin with https://"),
        }
        Ok(Self {
            prefix: scheme.as_str().len() + "://".len() + authority.as_str().len(),
            text: text.trim_end_matches('/').into(),
            // With https there is nothing to give up.
            insecure: insecure.filter(|_| scheme == Scheme::HTTP).cloned(),
            scheme,
            authority,
        })
    }

    /// The URL as given, without slashes at its end.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host: a name, or an address (in brackets if it is IPv6).
    pub fn host(&self) -> &str {
        self.authority.host()
    }

    /// The port, as given or as the scheme has it.
    pub fn port(&self) -> u16 {
        let default = if self.scheme == Scheme::HTTP { 80 } else { 443 };
        self.authority.port_u16().unwrap_or(default)
    }

    /// The URL of this path; `query` has its question mark, or is empty.
    pub(crate) fn join(&self, path: Cow<'static, str>, query: &str) -> Result<Uri, Error> {
        let goes_on = scan::any_of(path.as_bytes(), b"?#");
        let plain = path.starts_with('/') && !goes_on;
        let prefix = self.text.get(self.prefix..).unwrap_or_default();
        let fits = self.text.len() + path.len() + query.len() <= LONGEST;
        let uri = (plain && fits).then(|| {
            let bytes = match (path, prefix, query) {
                (Cow::Borrowed(path), "", "") => Bytes::from_static(path.as_bytes()),
                (path, prefix, query) => Bytes::from([prefix, &path, query].concat()),
            };
            let mut parts = http::uri::Parts::default();
            parts.scheme = Some(self.scheme.clone());
            parts.authority = Some(self.authority.clone());
            parts.path_and_query = Some(PathAndQuery::from_maybe_shared(bytes).ok()?);
            Uri::from_parts(parts).ok()
        });
        uri.flatten().ok_or_else(|| {
            Error::invalid(
                "endpoint path",
                "must begin with a slash and be a valid URL path without a query",
            )
        })
    }
}

impl FromStr for BaseUrl {
    type Err = Error;

    /// As [`new`](Self::new) does: `https` only.
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::new(text)
    }
}

impl Default for BaseUrl {
    fn default() -> Self {
        Self {
            text: "https://api.advance.ai".into(),
            scheme: Scheme::HTTPS,
            authority: Authority::from_static("api.advance.ai"),
            prefix: "https://api.advance.ai".len(),
            insecure: None,
        }
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BaseUrl({})", self.text)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_join_with_and_without_slash_and_prefix() {
        for (base, joined) in [
            ("https://api.advance.ai", "https://api.advance.ai/p/q"),
            ("https://api.advance.ai/", "https://api.advance.ai/p/q"),
            (
                "https://proxy.example:8443/idv//",
                "https://proxy.example:8443/idv/p/q",
            ),
            ("https://[2001:db8::1]/x", "https://[2001:db8::1]/x/p/q"),
            (
                "https://xn--bcher-kva.example",
                "https://xn--bcher-kva.example/p/q",
            ),
        ] {
            assert_eq!(
                BaseUrl::new(base).unwrap().join("/p/q".into(), "").unwrap(),
                joined
            );
            assert_eq!(base.parse(), BaseUrl::new(base));
        }
    }

    #[test]
    fn what_is_no_base_is_refused_with_the_rule() {
        for (bad, rule) in [
            ("", "empty"),
            ("http://api.advance.ai", "https"),
            ("http://127.0.0.1:8080", "https"),
            ("api.advance.ai", "https://"),
            ("ftp://api.advance.ai", "https://"),
            ("https://", "URL"),
            ("https://user:hidden@api.advance.ai", "password"),
            ("https://api.advance.ai/?x=hidden", "query"),
            ("https://api.advance.ai/#hidden", "fragment"),
            ("https://bücher.example", "punycode"),
            ("https://api.advance.ai/\r\nX: hidden", "control"),
            ("https://api.advance.ai:99999", "port"),
            ("https://api.advance.ai:", "port"),
        ] {
            let text = BaseUrl::new(bad).unwrap_err().to_string();
            assert!(text.contains(rule) && !text.contains("hidden"), "{bad}: {text}");
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_when_asked_for() {
        for good in [
            "http://127.0.0.1:80",
            "http://127.9.9.9",
            "http://localhost:1",
            "http://LOCALHOST",
            "http://[::1]:9",
        ] {
            assert!(BaseUrl::with_loopback(good).is_ok(), "{good}");
            assert!(BaseUrl::new(good).is_err(), "{good}");
            assert!(good.parse::<BaseUrl>().is_err(), "{good}");
        }
        for bad in [
            "http://127.0.0.1.example",
            "http://10.0.0.1",
            "http://localhost.example",
            "http://[::2]",
        ] {
            assert!(BaseUrl::with_loopback(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn it_is_shown_as_given_and_may_be_2048_characters_long() {
        let url = BaseUrl::new("https://proxy.example/idv/").unwrap();
        assert_eq!(url.as_str(), "https://proxy.example/idv");
        assert_eq!(
            format!("{url} {url:?}"),
            "https://proxy.example/idv BaseUrl(https://proxy.example/idv)"
        );
        let long = |length: usize| format!("https://h/{}", "x".repeat(length - 10));
        assert!(BaseUrl::new(&long(2_048)).is_ok());
        let error = BaseUrl::new(&long(2_049)).unwrap_err().to_string();
        assert!(error.contains("2048"), "{error}");
        let error = BaseUrl::new("http://api.advance.ai").unwrap_err().to_string();
        assert!(error.contains("this machine only"), "{error}");
    }

    #[test]
    fn host_and_port_are_told_apart() {
        for (url, host, port) in [
            ("https://api.advance.ai", "api.advance.ai", 443),
            ("https://proxy.example:8443/idv", "proxy.example", 8_443),
            ("https://[2001:db8::1]/x", "[2001:db8::1]", 443),
            ("http://[::1]:9", "[::1]", 9),
            ("http://localhost", "localhost", 80),
            ("HTTP://localhost", "localhost", 80),
            ("HTTPS://api.advance.ai", "api.advance.ai", 443),
        ] {
            let url = BaseUrl::with_loopback(url).unwrap();
            assert_eq!((url.host(), url.port()), (host, port));
        }
    }

    #[test]
    fn an_endpoint_path_of_a_stranger_is_checked() {
        assert!(BaseUrl::default().join("no-slash".into(), "").is_err());
        assert!(BaseUrl::default().join("/a b".into(), "").is_err());
        assert!(BaseUrl::default().join("/a?b=c".into(), "").is_err());
        assert!(BaseUrl::default().join("/a#b".into(), "").is_err());
    }
}

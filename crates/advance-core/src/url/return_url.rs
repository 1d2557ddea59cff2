//! Where the verification page sends the person afterwards.

use std::fmt;
use std::str::FromStr;

use http::Uri;

use super::{Origin, authority_flaw, is_loopback};
use crate::error::Error;

const FIELD: &str = "returnUrl";
/// The siblings' limit; this API's document has none ([Q40]).
///
/// [Q40]: crate::quirks
const LIMIT: usize = 2_048;
/// Schemes that would run or read something in the person's browser. The siblings refuse the first six.
const REFUSED: &[&str] = &[
    "javascript",
    "data",
    "file",
    "about",
    "blob",
    "intent",
    "vbscript",
    "view-source",
    "filesystem",
];

/// A URL for `returnUrl` or `failReturnUrl`: checked, then sent exactly as given.
///
/// It may hold anything that the caller put into its query, so `Debug` shows scheme and host only. One that is to be
/// compared with what comes back ([`ReturnedUrl::mismatches`](super::ReturnedUrl::mismatches)) should have no dot
/// segments: browsers take them out.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ReturnUrl(Box<str>);

impl ReturnUrl {
    /// Takes `https`, `http` to this very machine, and an app's own scheme (`myapp://host/…`).
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid), naming the rule and never the URL.
    pub fn new(text: impl Into<String>) -> Result<Self, Error> {
        Self::checked(text.into(), false)
    }

    /// The same, and plain `http` to any host. A listener on the way sees and changes what comes back.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn with_plain_http(text: impl Into<String>) -> Result<Self, Error> {
        Self::checked(text.into(), true)
    }

    fn checked(text: String, plain_http: bool) -> Result<Self, Error> {
        let refuse = |rule| Err(Error::invalid(FIELD, rule));
        if text.is_empty() {
            return refuse("must not be empty");
        }
        if text.chars().count() > LIMIT {
            return refuse("must have at most 2048 characters");
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return refuse("must not contain spaces or control characters (percent-encode them)");
        }
        let scheme = text.split(':').next().unwrap_or_default();
        if REFUSED.iter().any(|refused| scheme.eq_ignore_ascii_case(refused)) {
            return refuse(
                "must not use the schemes javascript, data, file, about, blob, intent, vbscript, view-source or filesystem",
            );
        }
        let rest = text[scheme.len()..].strip_prefix("://");
        let Some(rest) = rest.filter(|_| is_scheme(scheme)) else {
            return refuse("must be absolute: scheme://host, such as https://shop.example/done");
        };
        let host_part = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if !host_part.is_ascii() {
            return refuse("must have an ASCII host (write an international name as punycode)");
        }
        // The fragment never reaches a server, so `http` has no place for it; it is sent as given all the same.
        let without_fragment = text.split('#').next().unwrap_or_default();
        let uri = Uri::from_str(without_fragment).ok();
        let Some(authority) = uri.as_ref().and_then(Uri::authority) else {
            return refuse("must be a URL: scheme://host, such as https://shop.example/done");
        };
        if let Some(rule) = authority_flaw(authority) {
            return refuse(rule);
        }
        let web = scheme.eq_ignore_ascii_case("http");
        if web && !plain_http && !is_loopback(authority.host()) {
            return refuse("must be https; plain http to another machine has to be allowed explicitly");
        }
        Ok(Self(text.into()))
    }

    /// The URL exactly as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// RFC 3986: a letter, then letters, digits, `+`, `-` and `.`.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

impl fmt::Debug for ReturnUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReturnUrl({})", Origin(&self.0))
    }
}

impl FromStr for ReturnUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::new(text)
    }
}

#[cfg(feature = "serialize")]
impl serde::Serialize for ReturnUrl {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_urls_are_sent_exactly_as_given() {
        for good in [
            "https://shop.example",
            "https://SHOP.example/Done?x=%7B%7d&y=a+b#/route",
            "https://xn--bcher-kva.example/",
            "http://localhost:3000/cb",
            "http://127.0.0.1/cb",
            "myapp://verified/path",
            "com.example.app://cb?x=1",
        ] {
            assert_eq!(ReturnUrl::new(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn bad_urls_are_refused_with_the_rule_and_no_echo() {
        let long = format!("https://hidden.example/{}", "x".repeat(2_048));
        for (bad, rule) in [
            ("", "empty"),
            ("/hidden", "absolute"),
            ("hidden.example/x", "absolute"),
            ("http://hidden.example/", "explicitly"),
            ("https://", "URL"),
            ("https:///hidden", "URL"),
            ("https://hidden.example/\r\nX: y", "control"),
            ("https://hidden.example/a b", "spaces"),
            ("https://hiddén.example/", "punycode"),
            ("https://u:hidden@h.example/", "password"),
            ("https://hidden.example:65536/", "port"),
            ("javascript:alert('hidden')", "schemes"),
            ("JavaScript://hidden/%0aalert(1)", "schemes"),
            ("data:text/html,hidden", "schemes"),
            ("file:///hidden", "schemes"),
            ("about:hidden", "schemes"),
            ("blob:https://hidden", "schemes"),
            ("intent://hidden#Intent;end", "schemes"),
            ("vbscript://hidden", "schemes"),
            ("View-Source://hidden", "schemes"),
            ("filesystem://hidden", "schemes"),
            ("http#://://hidden/", "absolute"),
            ("1a://hidden", "absolute"),
            ("ht%74p://hidden", "absolute"),
            ("://hidden", "absolute"),
            (&long, "2048"),
        ] {
            let text = ReturnUrl::new(bad).unwrap_err().to_string();
            assert!(text.contains(rule) && !text.contains("hidd"), "{bad}: {text}");
        }
    }

    #[test]
    fn plain_http_elsewhere_has_to_be_allowed() {
        assert!(ReturnUrl::with_plain_http("http://intranet.example/cb").is_ok());
        assert!(ReturnUrl::with_plain_http("javascript://x").is_err());
    }

    #[test]
    fn debug_shows_no_query() {
        let shown = format!(
            "{:?}",
            ReturnUrl::new("https://shop.example/done?session=hidden").unwrap()
        );
        assert_eq!(shown, "ReturnUrl(https://shop.example/…)");
    }
}

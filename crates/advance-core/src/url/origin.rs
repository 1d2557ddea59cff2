//! The part of a URL that may be shown: scheme, host and port.

use std::fmt;

use http::Uri;
use http::uri::Authority;

use super::authority_flaw;
use crate::{escape, scan};

/// The longest URL that `http` takes.
pub(super) const LONGEST: usize = 65_534;

/// A URL that names a host, has nothing odd in its host part and nothing anywhere that could end a header line: the
/// part of it in front of query and fragment. Those are the secret, and a [`Uri`] is a copy that is not wiped.
pub(crate) fn sound(url: &str) -> Option<Uri> {
    // What is not visible ASCII throughout is rare.
    let visible = scan::all(url.as_bytes(), |b| b.is_ascii_graphic());
    let odd = |c: char| c.is_control() || c.is_whitespace();
    if url.len() > LONGEST || (!visible && url.contains(odd)) {
        return None;
    }
    let end = url.bytes().position(|b| matches!(b, b'?' | b'#'));
    let (place, rest) = url.split_at_checked(end.unwrap_or(url.len()))?;
    // Nearly every one has nothing odd behind its number sign either.
    let plain = visible && is_plain(rest);
    if !plain && !is_query(rest.split('#').next().unwrap_or_default()) {
        return None;
    }
    let uri: Uri = place.parse().ok()?;
    let sound = uri.scheme().is_some() && uri.authority().is_some_and(|at| authority_flaw(at).is_none());
    sound.then_some(uri)
}

/// Whether there is nothing in a visible text that [`is_query`] refuses.
fn is_plain(text: &str) -> bool {
    !scan::any_of(text.as_bytes(), b"\"<>")
}

/// What `http` takes in a query: visible ASCII but for quotes, angle brackets, and all that is not ASCII.
fn is_query(text: &str) -> bool {
    text.bytes()
        .all(|b| matches!(b, 0x21 | 0x24..=0x3b | 0x3d | 0x3f..=0x7e | 0x80..))
}

/// `scheme://host`, with the port unless it is the scheme's own, in lower case: what browsers call the origin.
pub(crate) fn origin(url: &str) -> Option<String> {
    let uri = sound(url)?;
    let scheme = uri.scheme_str()?.to_ascii_lowercase();
    let host = uri.host()?.to_ascii_lowercase();
    let own_port = match scheme.as_str() {
        "https" => Some(443),
        "http" => Some(80),
        _ => None,
    };
    match uri.port_u16().filter(|port| Some(*port) != own_port) {
        Some(port) => Some(format!("{scheme}://{host}:{port}")),
        None => Some(format!("{scheme}://{host}")),
    }
}

/// The host alone, in lower case, without its port.
pub(crate) fn host(url: &str) -> Option<String> {
    let uri = sound(url)?;
    uri.authority().map(Authority::host).map(str::to_ascii_lowercase)
}

/// A URL whose path and query are secret, shown by its origin.
pub(crate) struct Origin<'a>(pub(crate) &'a str);

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match origin(self.0) {
            // A name of DNS has 253 characters at most, and a scheme is short.
            Some(origin) => write!(f, "{}/…", escape::Shown::new(&origin, 300)),
            None => f.write_str("not a URL"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_secret_of_a_link_is_not_copied() {
        for url in [
            "https://h.example/p?secret",
            "https://h.example/p#secret",
            "https://h.example?secret",
        ] {
            let uri = sound(url).unwrap();
            assert!(!uri.to_string().contains("secret"), "{uri}");
        }
    }

    #[test]
    fn query_and_fragment_are_judged_as_http_judges_them() {
        let bytes = (0..=0x7f_u8).map(char::from).chain(['\u{80}', 'ü', '🙂']);
        for c in bytes {
            for url in [
                format!("https://h.example/p{c}q?r#s"),
                format!("https://h.example/p?q{c}r"),
                format!("https://h.example?q{c}r#s"),
                format!("https://h.example/p#q{c}r?s"),
            ] {
                let by_http =
                    url.parse::<Uri>().is_ok() && !url.contains(|c: char| c.is_control() || c == ' ');
                assert_eq!(sound(&url).is_some(), by_http, "{url:?}");
            }
        }
        let long = |length: usize| format!("https://h.example/?{}", "x".repeat(length - 19));
        for (length, good) in [(LONGEST, true), (LONGEST + 1, false)] {
            assert_eq!(long(length).parse::<Uri>().is_ok(), good);
            assert_eq!(sound(&long(length)).is_some(), good);
        }
    }

    #[test]
    fn an_origin_is_what_a_browser_calls_it() {
        for (url, expected) in [
            ("https://Images.Example/p?q#f", Some("https://images.example")),
            ("https://images.example:443/p", Some("https://images.example")),
            ("http://images.example:80", Some("http://images.example")),
            ("https://images.example:80/p", Some("https://images.example:80")),
            ("http://[::1]:8080/p", Some("http://[::1]:8080")),
            ("myapp://done/x", Some("myapp://done")),
            ("https://user:secret@images.example/", None),
            ("https://images.example:99999/", None),
            ("images.example/p", None),
            ("/p", None),
            ("", None),
            ("https://", None),
            ("https:///p", None),
            // `http` does not look past the number sign.
            ("https://images.example/#a b", None),
            ("https://images.example/#a\r\nX-Injected: 1", None),
        ] {
            assert_eq!(origin(url).as_deref(), expected, "{url}");
            assert_eq!(Origin(url).to_string() == "not a URL", expected.is_none());
        }
        assert_eq!(
            host("https://Images.Example:8443/p").as_deref(),
            Some("images.example")
        );
    }
}

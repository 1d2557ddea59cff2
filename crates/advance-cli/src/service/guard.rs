//! Who may ask: a program with the key, on this machine, and no web page.
//!
//! A browser says that it is one (`Origin`, `Sec-Fetch-Site`), and by which name it asked (`Host`). There is no page here,
//! so that none may ask, of any origin; a name that was rebound to this machine is refused as well.

use std::net::IpAddr;

use http::header::{AUTHORIZATION, HOST, ORIGIN, WWW_AUTHENTICATE};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderValue, Response, StatusCode, Version};

use super::reply::problem;
use super::secret::Key;
use super::server::Whence;

/// What a request has to show.
pub(crate) struct Guard {
    /// Names that this machine is asked by, beside its own.
    pub(crate) hosts: Vec<String>,
    /// The key, unless the file system says who may ask.
    pub(crate) key: Option<Key>,
}

impl Guard {
    /// The answer to a request that may not be made.
    pub(crate) fn refuses(&self, head: &Parts, whence: Whence) -> Option<Response<Vec<u8>>> {
        // First: without the key, this is all that is answered.
        if let Some(key) = &self.key
            && !bearer(head).is_some_and(|given| key.is(given))
        {
            let detail = "the key is missing or wrong; send it as authorization: Bearer KEY";
            let mut response = problem(StatusCode::UNAUTHORIZED, detail);
            let scheme = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(WWW_AUTHENTICATE, scheme);
            return Some(response);
        }
        if let Whence::Tcp(local) = whence
            && !knows_host(head, local, &self.hosts)
        {
            let detail = "this Host is neither this machine's nor allowed; --intake-host NAME allows one";
            return Some(problem(StatusCode::FORBIDDEN, detail));
        }
        let site = head.headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
        if head.headers.contains_key(ORIGIN) || !matches!(site, None | Some(b"none")) {
            return Some(problem(
                StatusCode::FORBIDDEN,
                "a web page may not ask; ask from your backend",
            ));
        }
        None
    }
}

/// Whether it was asked by a name of this machine, or by one of these.
pub(crate) fn knows_host(head: &Parts, local: IpAddr, hosts: &[String]) -> bool {
    let asked = match head.uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => head.headers.get(HOST).and_then(|host| host.to_str().ok()),
    };
    // Only HTTP/1.0 may leave it out, which no browser speaks.
    let Some(asked) = asked else {
        return head.version == Version::HTTP_10 && !head.headers.contains_key(HOST);
    };
    let Some(host) = asked.parse::<Authority>().ok().filter(|_| !asked.contains('@')) else {
        return false;
    };
    let host = host.host();
    let literal = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    let own = match literal {
        Ok(address) => {
            let address = address.to_canonical();
            address.is_loopback() || address == local.to_canonical()
        }
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    };
    own || hosts.iter().any(|name| name.eq_ignore_ascii_case(host))
}

fn bearer(head: &Parts) -> Option<&str> {
    let value = head.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(headers: &[(&str, &str)]) -> u16 {
        let guard = Guard {
            hosts: vec!["intake.test".to_owned()],
            key: Some(Key::new("a-key-of-the-intake").unwrap()),
        };
        let mut request = http::Request::builder().method("POST").uri("/verifications");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        let refused = guard.refuses(&head, Whence::Tcp("192.0.2.7".parse().unwrap()));
        refused.map_or(200, |response| response.status().as_u16())
    }

    #[test]
    fn a_program_of_this_machine_with_the_key_may_ask_and_nobody_else() {
        let host = ("host", "127.0.0.1:8090");
        let key = ("authorization", "Bearer a-key-of-the-intake");
        let json = ("content-type", "application/json; charset=utf-8");
        assert_eq!(judged(&[host, key, json]), 200);
        for good in ["localhost", "[::1]:1", "192.0.2.7:80", "INTAKE.test"] {
            assert_eq!(judged(&[("host", good), key, json]), 200, "{good}");
        }
        for bad in [
            "rebind.example",
            "127.0.0.1.rebind.example",
            "x@127.0.0.1",
            "192.0.2.8",
            "",
            "a b",
        ] {
            assert_eq!(judged(&[("host", bad), key, json]), 403, "{bad}");
        }
        assert_eq!(judged(&[key, json]), 403);
        for page in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("origin", "http://127.0.0.1:8090"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-origin"),
        ] {
            assert_eq!(judged(&[host, key, json, page]), 403, "{page:?}");
        }
        for wrong in [
            "Bearer a-key-of-the-intakE",
            "Bearer",
            "Basic a-key-of-the-intake",
            "",
        ] {
            assert_eq!(judged(&[host, ("authorization", wrong), json]), 401, "{wrong}");
        }
        assert_eq!(judged(&[host, json]), 401);
        for without in [("host", "rebind.example"), ("origin", "https://evil.example")] {
            assert_eq!(judged(&[without]), 401, "without the key nothing else is said");
        }
    }
}

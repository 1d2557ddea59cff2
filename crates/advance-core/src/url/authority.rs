//! The part of a URL that says which machine is meant.

use std::net::{Ipv4Addr, Ipv6Addr};

use http::uri::Authority;

/// Why a URL must not be used because of its host part, in words that do not repeat it.
pub(crate) fn authority_flaw(authority: &Authority) -> Option<&'static str> {
    let text = authority.as_str();
    if text.contains('@') {
        return Some("must not contain a user name or password");
    }
    let host = authority.host();
    if host.is_empty() {
        return Some("must name a host");
    }
    // `http` lets any digits pass as a port and then says that there is none.
    let after_host = text.strip_prefix(host).unwrap_or_default();
    let good_port = match after_host.strip_prefix(':') {
        Some(port) => port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok(),
        None => after_host.is_empty(),
    };
    (!good_port).then_some("must have a port from 0 to 65535 after the colon")
}

/// Whether a URL's host is this very machine, by its spelling alone: `localhost`, `127.0.0.0/8` or `[::1]`. No name is
/// resolved. Plain `http` may go there, and a proxy is never asked for it.
pub fn is_loopback(host: &str) -> bool {
    if let Some(v6) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return v6.parse::<Ipv6Addr>().is_ok_and(|ip| ip.is_loopback());
    }
    host.eq_ignore_ascii_case("localhost") || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports() {
        for (text, rule) in [
            ("shop.example", None),
            ("shop.example:0", None),
            ("shop.example:65535", None),
            ("[2001:db8::1]", None),
            ("[2001:db8::1]:443", None),
            ("shop.example:65536", Some("port")),
            ("shop.example:", Some("port")),
            ("[::1]:", Some("port")),
            ("u@shop.example", Some("password")),
            ("u:p@shop.example:1", Some("password")),
            (":443", Some("host")),
        ] {
            let Ok(authority) = text.parse::<Authority>() else {
                assert!(rule.is_some(), "{text} was refused by `http`");
                continue;
            };
            match (authority_flaw(&authority), rule) {
                (None, None) => {}
                (Some(said), Some(rule)) => assert!(said.contains(rule), "{text}: {said}"),
                (said, _) => panic!("{text}: {said:?}"),
            }
        }
    }

    #[test]
    fn loopback_by_spelling() {
        for host in ["localhost", "LocalHost", "127.0.0.1", "127.255.0.9", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "localhost.example",
            "127.0.0.1.example",
            "10.0.0.1",
            "[::2]",
            "[::1",
            "0x7f.1",
            "",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}

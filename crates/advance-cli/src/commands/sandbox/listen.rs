//! Where the sandbox listens, as people write it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// What `advance sandbox` listens on unless told otherwise: what the examples name.
pub(super) const DEFAULT: &str = "127.0.0.1:8080";

/// `8080`, `:8080` and `localhost:8080` are this machine; anything else is an address and a port.
pub(crate) fn parse(text: &str) -> Result<SocketAddr, String> {
    let port = text
        .strip_prefix("localhost:")
        .or_else(|| text.strip_prefix(':'))
        .unwrap_or(text);
    if let Ok(port) = port.parse() {
        return Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    }
    text.parse()
        .map_err(|_| format!("expected a port or an address with a port, such as 8080 or {DEFAULT}"))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_port_alone_is_on_this_machine() {
        for text in ["8080", ":8080", "localhost:8080", "127.0.0.1:8080"] {
            assert_eq!(parse(text).unwrap().to_string(), "127.0.0.1:8080", "{text}");
        }
        assert_eq!(parse("0").unwrap().to_string(), "127.0.0.1:0");
        assert_eq!(parse("[::1]:81").unwrap().to_string(), "[::1]:81");
        assert_eq!(parse("0.0.0.0:81").unwrap().to_string(), "0.0.0.0:81");
    }

    #[test]
    fn what_is_no_address_is_refused_with_an_example() {
        for text in [
            "",
            ":",
            "65536",
            "-1",
            "localhost",
            "shop.example:80",
            "127.0.0.1",
        ] {
            assert!(parse(text).unwrap_err().contains("such as 8080"), "{text}");
        }
    }
}

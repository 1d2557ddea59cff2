//! The hosts that are reached without a proxy, in the words of `NO_PROXY`.

use std::net::IpAddr;

/// What one entry means.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    All,
    /// A name and all below it, in lower case; on this port, or on any.
    Name(String, Option<u16>),
    /// Addresses that agree in so many bits.
    Net(IpAddr, u8, Option<u16>),
}

/// The list. What cannot be read in it names no host.
#[derive(Clone, Debug, Default)]
pub(super) struct NoProxy(Vec<Entry>);

impl NoProxy {
    pub(super) fn new(list: &str) -> Self {
        Self(list.split(',').filter_map(entry).collect())
    }

    pub(super) fn covers(&self, host: &str, port: u16) -> bool {
        let bare = host.trim_matches(['[', ']']);
        let address = bare.parse::<IpAddr>().ok();
        let name = bare.trim_end_matches('.').to_ascii_lowercase();
        self.0.iter().any(|entry| match entry {
            Entry::All => true,
            Entry::Name(entry, on) => {
                on.is_none_or(|on| on == port)
                    && name
                        .strip_suffix(entry)
                        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
            Entry::Net(net, bits, on) => {
                on.is_none_or(|on| on == port) && address.is_some_and(|address| within(address, *net, *bits))
            }
        })
    }
}

fn entry(text: &str) -> Option<Entry> {
    let text = text.trim();
    if text == "*" {
        return Some(Entry::All);
    }
    if let Some((net, bits)) = text.split_once('/') {
        let (net, bits) = (net.parse::<IpAddr>().ok()?, bits.parse().ok()?);
        return (bits <= width(net)).then_some(Entry::Net(net, bits, None));
    }
    if let Ok(address) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
        return Some(Entry::Net(address, width(address), None));
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse().ok()?)),
        None => (text, None),
    };
    if let Ok(address) = host.trim_matches(['[', ']']).parse::<IpAddr>() {
        return Some(Entry::Net(address, width(address), port));
    }
    let name = host
        .trim_start_matches("*.")
        .trim_matches('.')
        .to_ascii_lowercase();
    (!name.is_empty()).then_some(Entry::Name(name, port))
}

const fn width(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

fn within(address: IpAddr, net: IpAddr, bits: u8) -> bool {
    let (address, net, width) = match (address, net) {
        (IpAddr::V4(address), IpAddr::V4(net)) => {
            (u128::from(address.to_bits()), u128::from(net.to_bits()), 32)
        }
        (IpAddr::V6(address), IpAddr::V6(net)) => (address.to_bits(), net.to_bits(), 128),
        _ => return false,
    };
    // A shift by all 128 bits is none at all for the processor, hence the checked one: no bit has to agree.
    let shift = width - u32::from(bits);
    address.checked_shr(shift).unwrap_or(0) == net.checked_shr(shift).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_cover_what_they_say() {
        for (list, host, port, covered) in [
            ("", "a.example", 443, false),
            ("*", "a.example", 443, true),
            ("example", "a.example", 443, true),
            (".a.example", "a.example", 443, true),
            ("*.a.example", "b.a.example", 443, true),
            ("a.example", "ba.example", 443, false),
            ("A.Example ", "a.example", 443, true),
            ("a.example", "a.example.", 443, true),
            ("a.example:8443", "a.example", 443, false),
            ("a.example:8443", "a.example", 8443, true),
            ("x, 10.0.0.0/8", "10.1.2.3", 443, true),
            ("10.0.0.0/8", "11.1.2.3", 443, false),
            ("0.0.0.0/0", "8.8.8.8", 443, true),
            ("::/0", "[2001:db8::1]", 443, true),
            ("2001:db8::/32", "[2001:db8::1]", 443, true),
            ("2001:db8::/32", "[2001:db9::1]", 443, false),
            ("[2001:db8::1]:443", "[2001:db8::1]", 443, true),
            ("192.168.1.5", "192.168.1.5", 1, true),
            ("192.168.1.5:2", "192.168.1.5", 1, false),
            ("10.0.0.0/33", "10.0.0.1", 443, false),
            ("a.example:port", "a.example", 443, false),
            (".", "a.example", 443, false),
        ] {
            assert_eq!(
                NoProxy::new(list).covers(host, port),
                covered,
                "{list} {host}:{port}"
            );
        }
    }
}

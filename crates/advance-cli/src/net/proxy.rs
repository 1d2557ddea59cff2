//! Whether a proxy stands between this machine and a host.

use advance_core::BaseUrl;

use crate::settings::{Found, Name, Settings, Source};
use crate::stop::Stop;

/// How a host is reached.
pub(crate) enum Way {
    /// Directly, because no proxy is set.
    Direct,
    /// Directly, because the host is this machine or reached over plain http; the proxy that is set is not asked.
    Unasked(Found),
    /// Directly, because this list of hosts to leave out names it.
    LeftOut(Source),
    /// Through this proxy, but for these hosts.
    Through(Found, Option<String>),
}

/// The way to the API.
pub(crate) fn way(settings: &Settings, base_url: &BaseUrl) -> Result<Way, Stop> {
    let Some(proxy) = settings.find(Name::Proxy)? else {
        return Ok(Way::Direct);
    };
    // Plain http is for this machine, and for a sandbox that is named: neither is behind a proxy.
    if base_url.as_str().starts_with("http://") || is_loopback(base_url.host()) {
        return Ok(Way::Unasked(proxy));
    }
    let left_out = settings.find(Name::NoProxy)?;
    match left_out {
        Some(list) if names(&list.value, base_url.host()) => Ok(Way::LeftOut(list.source)),
        list => Ok(Way::Through(proxy, list.map(|list| list.value))),
    }
}

/// The proxy without a name and a password that it may be called with.
pub(crate) fn shown(proxy: &str) -> String {
    let (scheme, rest) = proxy
        .split_once("://")
        .map_or(("", proxy), |(scheme, rest)| (scheme, rest));
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let hidden = if host.len() < rest.len() {
        "[redacted]@"
    } else {
        ""
    };
    let scheme = if scheme.is_empty() {
        String::new()
    } else {
        format!("{scheme}://")
    };
    format!("{scheme}{hidden}{host}")
}

/// Whether this is this very machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// As curl reads the list: a name stands for the names below it as well, an asterisk for all.
fn names(list: &str, host: &str) -> bool {
    list.split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .any(|entry| {
            let entry = entry.trim_start_matches('.');
            entry == "*" || host == entry || host.ends_with(&format!(".{entry}"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_names_hosts_and_those_below_them() {
        for (list, host, named) in [
            ("advance.ai", "api.advance.ai", true),
            (".advance.ai, x", "api.advance.ai", true),
            ("*", "api.advance.ai", true),
            ("vance.ai", "api.advance.ai", false),
            ("", "api.advance.ai", false),
        ] {
            assert_eq!(names(list, host), named, "{list}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        assert_eq!(
            shown("http://me:h1dden@proxy:3128"),
            "http://[redacted]@proxy:3128"
        );
        assert_eq!(shown("proxy:3128"), "proxy:3128");
    }
}

//! From which hosts pictures may be fetched.

use std::net::Ipv6Addr;

use super::InsecureHost;
use crate::error::Error;

/// Where pictures may be fetched from, and how large they may be.
///
/// ```
/// use advance_core::url::DownloadPolicy;
///
/// let policy = DownloadPolicy::new().host("pictures.example")?.max_bytes(4 << 20);
/// # Ok::<(), advance_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct DownloadPolicy {
    /// Lower-case; one that begins with a dot stands for every name that ends like this.
    hosts: Vec<String>,
    max_bytes: usize,
    insecure: Option<InsecureHost>,
}

impl DownloadPolicy {
    /// From the hosts of the documented samples, `*.aliyuncs.com`, and from `*.advance.ai`; up to 16 MiB.
    pub fn new() -> Self {
        Self {
            hosts: vec![".aliyuncs.com".into(), ".advance.ai".into()],
            max_bytes: 16 << 20,
            insecure: None,
        }
    }

    /// From nowhere yet; up to 16 MiB.
    pub const fn nowhere() -> Self {
        Self {
            hosts: Vec::new(),
            max_bytes: 16 << 20,
            insecure: None,
        }
    }

    /// From this host too, on any port: a name or an address, with `*.` in front for every name below it. IPv6 may
    /// stand in brackets or not. A host that is this very machine may be asked over plain `http`, any other only over
    /// `https`.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if this is no host, or has a port.
    pub fn host(mut self, host: &str) -> Result<Self, Error> {
        let Some(entry) = entry_of(host) else {
            let port = host
                .rsplit_once(':')
                .filter(|(host, port)| entry_of(host).is_some() && port.bytes().all(|b| b.is_ascii_digit()));
            let rule = match port {
                Some(_) => "must be without a port: it is trusted on all of them",
                None => "must be a host name or address, with *. in front for all names below it",
            };
            return Err(Error::invalid("host", rule));
        };
        self.hosts.push(entry);
        Ok(self)
    }

    /// From this host too, and over plain `http` if the link says so: for a sandbox that is not on this machine.
    #[must_use]
    pub fn insecure_host(mut self, host: InsecureHost) -> Self {
        self.insecure = Some(host);
        self
    }

    pub(crate) const fn insecure(&self) -> Option<&InsecureHost> {
        self.insecure.as_ref()
    }

    /// The largest picture to take, in bytes.
    #[must_use]
    pub const fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    pub(crate) const fn largest(&self) -> usize {
        self.max_bytes
    }

    pub(crate) fn allows(&self, host: &str) -> bool {
        let Some(host) = host_of(host) else {
            return false;
        };
        if self.insecure.as_ref().is_some_and(|insecure| insecure.is(&host)) {
            return true;
        }
        self.hosts.iter().any(|known| {
            if known.starts_with('.') {
                host.ends_with(known)
            } else {
                host == *known
            }
        })
    }
}

/// A host as the list has it; a dot in front stands for `*.`.
fn entry_of(text: &str) -> Option<String> {
    match text.strip_prefix("*.") {
        Some(name) => name_of(name).map(|name| format!(".{name}")),
        None => host_of(text),
    }
}

/// A host in the one notation in which hosts are compared: lower case, IPv6 in its shortest form and in brackets.
pub(super) fn host_of(text: &str) -> Option<String> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match bare.unwrap_or(text).parse::<Ipv6Addr>() {
        Ok(ip) => Some(format!("[{ip}]")),
        Err(_) => name_of(text),
    }
}

/// A name, or an IPv4 address. A dot at the end would make another name of it for a program that compares texts.
fn name_of(text: &str) -> Option<String> {
    let plain = |label: &str| {
        let mut bytes = label.bytes();
        !label.is_empty() && bytes.all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    text.split('.').all(plain).then(|| text.to_ascii_lowercase())
}

impl Default for DownloadPolicy {
    fn default() -> Self {
        Self::new()
    }
}

//! A proxy, on purpose.

mod no_proxy;

use std::fmt;

use advance_core::transport::{Failure, FailureKind, Sent};
use http::Uri;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use no_proxy::NoProxy;

/// How to talk to a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scheme {
    /// `CONNECT` over plain HTTP.
    Http,
    /// `CONNECT` over TLS.
    Https,
    /// SOCKS5; names are looked up here.
    Socks5,
    /// SOCKS5; the proxy looks names up.
    Socks5h,
}

impl Scheme {
    /// As it stands in a URL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Socks5 => "socks5",
            Self::Socks5h => "socks5h",
        }
    }

    const fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
            Self::Socks5 | Self::Socks5h => 1080,
        }
    }
}

/// A proxy for `https`, and the hosts that are reached without it. Its Debug shows no user and no password.
#[derive(Clone)]
pub struct Proxy {
    scheme: Scheme,
    host: String,
    port: u16,
    login: Option<(String, String)>,
    except: NoProxy,
}

impl Proxy {
    /// From a URL as `http://user:password@host:port`.
    ///
    /// # Errors
    /// [`FailureKind::Proxy`] saying what is wrong, without any part of the URL.
    pub fn new(url: &str) -> Result<Self, Failure> {
        parse(url).map_err(refused)
    }

    /// From `HTTPS_PROXY` or `ALL_PROXY`, and `NO_PROXY`.
    ///
    /// # Errors
    /// As [`new`](Self::new), naming the variable.
    pub fn from_env() -> Result<Option<Self>, Failure> {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    fn from_variables(read: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, Failure> {
        let set = |name: &&&str| read(name).is_some_and(|value| !value.trim().is_empty());
        let names = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
        let Some(name) = names.iter().find(set) else {
            return Ok(None);
        };
        let url = read(name).unwrap_or_default();
        // curl's habit, that the variables have from there: a proxy without a scheme speaks http.
        let url = url.trim();
        let url = if url.contains("://") {
            url.to_owned()
        } else {
            format!("http://{url}")
        };
        let proxy = parse(&url).map_err(|why| refused(format!("{name}: {why}")))?;
        let except = read("no_proxy").or_else(|| read("NO_PROXY")).unwrap_or_default();
        Ok(Some(proxy.except(&except)))
    }

    /// The same, but these hosts are reached without it.
    #[must_use]
    pub fn except(mut self, hosts: &str) -> Self {
        self.except = NoProxy::new(hosts);
        self
    }

    /// Whether an `https` URL of this host and port is reached through it. Never so for loopback.
    pub fn covers(&self, host: &str, port: u16) -> bool {
        !advance_core::url::is_loopback(host) && !self.except.covers(host, port)
    }

    /// How to talk to it.
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Its name or address, in brackets if that is IPv6.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// User and password.
    pub fn login(&self) -> Option<(&str, &str)> {
        self.login
            .as_ref()
            .map(|(user, password)| (user.as_str(), password.as_str()))
    }

    /// Its URL, with the password.
    pub fn expose_url(&self) -> String {
        let login = self.login.as_ref().map(|(user, password)| {
            let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
            format!("{}:{}@", encoded(user), encoded(password))
        });
        let (scheme, login) = (self.scheme.as_str(), login.unwrap_or_default());
        format!("{scheme}://{login}{}:{}", self.host, self.port)
    }
}

/// The words do not repeat the URL: there is a password in it.
fn parse(url: &str) -> Result<Proxy, &'static str> {
    const SHAPE: &str = "a proxy is given as http://user:password@host:port";
    let uri: Uri = url
        .parse()
        .map_err(|_| "a proxy is given as http://user:password@host:port; percent-encode @, :, / and % in user and password")?;
    let scheme = match uri.scheme_str() {
        Some("http") => Scheme::Http,
        Some("https") => Scheme::Https,
        Some("socks5" | "socks5h") if cfg!(not(feature = "socks")) => {
            return Err("SOCKS proxies need the feature `socks` of this transport's crate");
        }
        Some("socks5") => Scheme::Socks5,
        Some("socks5h") => Scheme::Socks5h,
        Some(_) => return Err("a proxy's URL begins with http://, https://, socks5:// or socks5h://"),
        None => return Err(SHAPE),
    };
    let authority = uri.authority().ok_or(SHAPE)?;
    if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
        return Err("a proxy's URL has no path and no query");
    }
    let host = authority.host();
    if host.is_empty() {
        return Err(SHAPE);
    }
    let port = match authority.port_u16() {
        Some(0) => return Err("a proxy's port is between 1 and 65535"),
        Some(port) => port,
        None if authority.as_str().ends_with(host) => scheme.port(),
        None => return Err("a proxy's port is between 1 and 65535"),
    };
    let login = authority
        .as_str()
        .rsplit_once('@')
        .map(|(login, _)| {
            let (user, password) = login.split_once(':').unwrap_or((login, ""));
            let decoded = |text| {
                percent_decode_str(text)
                    .decode_utf8()
                    .map(std::borrow::Cow::into_owned)
            };
            Ok((decoded(user)?, decoded(password)?))
        })
        .transpose()
        .map_err(|_: std::str::Utf8Error| "a proxy's user and password are UTF-8, percent-encoded")?;
    Ok(Proxy {
        scheme,
        host: host.to_owned(),
        port,
        login,
        except: NoProxy::default(),
    })
}

fn refused(why: impl Into<String>) -> Failure {
    Failure::new(FailureKind::Proxy, Sent::No).with_source(why.into())
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("scheme", &self.scheme)
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_read_and_written_back() {
        let proxy = Proxy::new("http://us%40er:p%3Aw%2F%25@proxy.example:3128").unwrap();
        assert_eq!(
            (proxy.scheme(), proxy.host(), proxy.port()),
            (Scheme::Http, "proxy.example", 3128)
        );
        assert_eq!(proxy.login(), Some(("us@er", "p:w/%")));
        let again = Proxy::new(&proxy.expose_url()).unwrap();
        assert_eq!(again.login(), proxy.login());
        assert!(!format!("{proxy:?}").contains("p:w"));
        assert_eq!(Proxy::new("https://proxy.example").unwrap().port(), 443);
        let v6 = Proxy::new("http://[2001:db8::1]:8080").unwrap();
        assert_eq!((v6.host(), v6.port()), ("[2001:db8::1]", 8080));
    }

    #[test]
    fn what_is_no_proxy_is_refused_without_a_word_of_it() {
        for bad in [
            "",
            "hidden",
            "ftp://hidden",
            "http://hidden:0",
            "http://hidden:99999",
            "http://hidden/path",
            "http://u:hidden@",
            "http://u:hid den@proxy.example",
        ] {
            let failure = Proxy::new(bad).unwrap_err();
            let said = std::error::Error::source(&failure).unwrap().to_string();
            assert_eq!(failure.kind(), FailureKind::Proxy);
            assert!(!said.contains("hid"), "{bad}: {said}");
        }
    }

    #[test]
    #[cfg(not(feature = "socks"))]
    fn socks_is_refused_by_the_name_of_its_feature() {
        let failure = Proxy::new("socks5://127.0.0.1:1").unwrap_err();
        let said = std::error::Error::source(&failure).unwrap().to_string();
        assert!(said.contains("feature `socks`"), "{said}");
    }

    #[test]
    fn the_environment_is_read_as_curl_reads_it() {
        let read = |pairs: &'static [(&'static str, &'static str)]| {
            Proxy::from_variables(|name| {
                let found = pairs.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(read(&[("HTTP_PROXY", "http://plain.example")]).unwrap().is_none());
        assert!(read(&[("HTTPS_PROXY", " ")]).unwrap().is_none());
        let proxy = read(&[
            ("https_proxy", "lower.example:3128"),
            ("HTTPS_PROXY", "http://upper.example"),
            ("NO_PROXY", "inner.example"),
        ]);
        let proxy = proxy.unwrap().unwrap();
        assert_eq!((proxy.host(), proxy.port()), ("lower.example", 3128));
        assert!(!proxy.covers("a.inner.example", 443) && proxy.covers("api.advance.ai", 443));
        let failure = read(&[("ALL_PROXY", "http://u:hidden@:1")]).unwrap_err();
        let said = std::error::Error::source(&failure).unwrap().to_string();
        assert!(
            said.starts_with("ALL_PROXY") && !said.contains("hidden"),
            "{said}"
        );
    }

    #[test]
    fn loopback_is_never_reached_through_it() {
        let proxy = Proxy::new("http://proxy.example").unwrap();
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            assert!(!proxy.covers(host, 443), "{host}");
        }
    }
}

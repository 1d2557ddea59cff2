//! Configuring and starting a sandbox.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use http::Uri;
use tokio::runtime::Runtime;
use tokio::sync::{oneshot, watch};

use super::answer::Role;
use super::desk::{Desk, Limits, Links, lock};
use super::guard::Policy;
use super::serve::{self, Door};
use super::start_error::StartError;
use super::tls::Acceptor;
use super::{Feed, Sandbox, Wish};
use crate::model::{Account, Vendor, VendorConfig};

/// Bytes of requests and replies that a server holds, for a person to look at.
const HELD: usize = 4 << 20;

/// What a sandbox starts with.
#[derive(Clone, Debug)]
#[must_use]
pub struct SandboxBuilder {
    listen: SocketAddr,
    allow_remote: bool,
    config: VendorConfig,
    public_base: Option<String>,
    images: Images,
    policy: Policy,
    limits: Limits,
    tls: bool,
}

/// Where pictures are.
#[derive(Clone, Debug)]
enum Images {
    /// On another port of the same address.
    Port(u16),
    /// Where everything is.
    Api,
}

impl Default for SandboxBuilder {
    fn default() -> Self {
        let config = VendorConfig {
            seed: fresh_seed(),
            ..VendorConfig::default()
        };
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            allow_remote: false,
            config,
            public_base: None,
            images: Images::Port(0),
            policy: Policy::default(),
            limits: Limits::default(),
            tls: false,
        }
    }
}

impl SandboxBuilder {
    /// Listens on this address instead of a free port of 127.0.0.1.
    pub fn listen(self, listen: SocketAddr) -> Self {
        Self { listen, ..self }
    }

    /// Allows an address that other machines can reach. A program on any of them controls the sandbox.
    pub fn allow_remote(self, allow_remote: bool) -> Self {
        Self { allow_remote, ..self }
    }

    /// Lets the sandbox be controlled by this name as well, such as `sandbox.test`. Without it, only requests for
    /// loopback and for the address that the sandbox was reached at are control calls: a name may have been rebound by a
    /// web page.
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        self.policy.hosts.push(name.into());
        self
    }

    /// Lets pages of this origin, such as `http://localhost:3000`, control the sandbox and make the three calls.
    pub fn allow_origin(mut self, origin: impl Into<String>) -> Self {
        let origin: String = origin.into();
        self.policy.origins.push(origin.trim_end_matches('/').to_owned());
        self
    }

    /// Lets pages of any origin make the three calls. The vendor does not: keys have no place in a browser.
    pub fn cors(mut self, cors: bool) -> Self {
        self.policy.cors = cors;
        self
    }

    /// Refuses what the document does not allow, and says why.
    pub fn strict(mut self, strict: bool) -> Self {
        self.config.behaviour.strict = strict;
        self
    }

    /// Mints ids, tokens and persons from this seed, the same in every run.
    pub fn seed(mut self, seed: u64) -> Self {
        self.config.seed = VendorConfig::seeded(seed).seed;
        self
    }

    /// Serves pictures on this port of the same address; by default on a free one, since the vendor's are on another
    /// host as well.
    pub fn images_port(self, port: u16) -> Self {
        Self {
            images: Images::Port(port),
            ..self
        }
    }

    /// Serves pictures where everything else is, for those who have one address only.
    pub fn images_on_api(self) -> Self {
        Self {
            images: Images::Api,
            ..self
        }
    }

    /// Speaks HTTPS, with a certificate for loopback, the listen address and the allowed names, by an authority that is
    /// thrown away with the sandbox; see [`Sandbox::ca_pem`].
    #[cfg(feature = "tls")]
    pub fn tls(self) -> Self {
        Self { tls: true, ..self }
    }

    /// How long a client may take for the head of a request, and between two requests; 90 s by default.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.limits.idle = timeout;
        self
    }

    /// How long a client may take for the body of a request, and for taking any of a reply; 30 s by default.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.limits.read = timeout;
        self.limits.write = timeout;
        self
    }

    /// Adds an account to those that are configured; the documented sample account is one of them by default.
    pub fn account(mut self, access_key: impl Into<String>, secret_key: impl Into<String>) -> Self {
        self.config.accounts.push(Account::new(access_key, secret_key));
        self
    }

    /// Replaces the whole configuration, with its accounts and its seed. Its `public_base` is not used, see
    /// [`public_base`](Self::public_base).
    pub fn config(self, config: VendorConfig) -> Self {
        Self { config, ..self }
    }

    /// What links begin with when browsers reach the sandbox through an address that it cannot see. By default links
    /// begin with the address by which the sandbox was asked. Pictures are then below it as well.
    pub fn public_base(self, base: impl Into<String>) -> Self {
        Self {
            public_base: Some(base.into()),
            ..self
        }
    }

    /// Starts. Nothing in it takes long, so that it never gives way to other tasks.
    ///
    /// # Errors
    /// As for [`start_blocking`](Self::start_blocking).
    #[expect(
        clippy::unused_async,
        reason = "a start that has to wait will not change its callers"
    )]
    pub async fn start(self) -> Result<Sandbox, StartError> {
        self.start_blocking()
    }

    /// Starts.
    ///
    /// # Errors
    /// [`StartError::NotLoopback`] if other machines could reach the address and that was not allowed;
    /// [`StartError::PublicBase`] if links could not begin with it;
    /// [`StartError::Listen`] and [`StartError::Thread`] if the system refuses.
    pub fn start_blocking(self) -> Result<Sandbox, StartError> {
        if !self.allow_remote && !self.listen.ip().is_loopback() {
            return Err(StartError::NotLoopback(self.listen));
        }
        let public_base = self.public_base.as_deref().map(checked).transpose()?;
        let (acceptor, authority) = self.secured(public_base.as_ref())?;
        let scheme = if self.tls { "https" } else { "http" };
        let prefix = self.config.path_prefix.clone();
        let mut config = self.config.clone();
        if config.held_bytes == 0 {
            config.held_bytes = HELD;
        }
        let vendor = Arc::new(Mutex::new(Vendor::new(config)));
        let (wish, ending) = watch::channel(Wish::Serve);
        let (end, ended) = oneshot::channel();
        let (open, opened) = mpsc::channel();
        let feed = Feed::new();
        let mut desk = Desk {
            vendor: Arc::clone(&vendor),
            feed: feed.clone(),
            policy: Arc::new(self.policy_with(public_base.as_ref())),
            prefix: prefix.as_str().into(),
            limits: self.limits,
            links: None,
            under_way: Arc::default(),
            ending,
        };
        // The runtime is made, used and dropped on its own thread: on one of an async program it could not be dropped.
        let thread = std::thread::Builder::new()
            .name("advance-sandbox".to_owned())
            .spawn(move || {
                let start = serve::runtime().map_err(StartError::Thread);
                let (runtime, doors, addrs) = match start.and_then(|runtime| self.open(runtime)) {
                    Ok(open) => open,
                    Err(error) => return drop(open.send(Err(error))),
                };
                desk.links = self.links(public_base.as_ref(), addrs, &desk);
                if open.send(Ok(addrs)).is_ok() {
                    runtime.block_on(serve::serve(doors, desk, acceptor));
                }
                // Not waiting for what is still open is what makes a stop a stop.
                runtime.shutdown_background();
                // After a plain drop this end is gone.
                let _ = end.send(());
            })
            .map_err(StartError::Thread)?;
        let silent = |_| StartError::Thread(std::io::Error::other("its thread has ended"));
        let (addr, images_addr) = opened.recv().map_err(silent)??;
        let base_url = format!("{scheme}://{}{prefix}", reachable(addr));
        Ok(Sandbox {
            addr,
            base_url,
            images_addr,
            authority,
            vendor,
            feed,
            wish,
            ended,
            thread: Some(thread),
        })
    }

    fn open(&self, runtime: Runtime) -> Result<Opened, StartError> {
        let within = runtime.enter();
        let (listener, addr) = serve::bind(self.listen)?;
        // With one address for links there is one for pictures.
        let port = match self.images {
            Images::Port(port) if self.public_base.is_none() => Some(port),
            Images::Port(_) | Images::Api => None,
        };
        let role = if port.is_some() { Role::Api } else { Role::All };
        let mut doors = vec![Door { listener, role }];
        let mut images_addr = None;
        if let Some(port) = port {
            let (listener, addr) = serve::bind(SocketAddr::new(addr.ip(), port))?;
            images_addr = Some(addr);
            doors.push(Door {
                listener,
                role: Role::Images,
            });
        }
        drop(within);
        Ok((runtime, doors, (addr, images_addr)))
    }

    /// The name of the public base may control the sandbox as well.
    fn policy_with(&self, public_base: Option<&(String, String)>) -> Policy {
        let mut policy = self.policy.clone();
        policy.hosts.extend(public_base.map(|(_, host)| host.clone()));
        policy
    }

    /// How connections begin, and whom clients have to trust.
    #[cfg(feature = "tls")]
    fn secured(
        &self,
        public_base: Option<&(String, String)>,
    ) -> Result<(Acceptor, Option<String>), StartError> {
        if !self.tls {
            return Ok((Acceptor::Plain, None));
        }
        let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
        names.push(self.listen.ip().to_string());
        names.extend(self.policy_with(public_base).hosts);
        let certificate = super::certificate::make(&names)?;
        Ok((Acceptor::Tls(certificate.acceptor), Some(certificate.authority)))
    }

    #[cfg(not(feature = "tls"))]
    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "with TLS it is otherwise"
    )]
    fn secured(&self, _: Option<&(String, String)>) -> Result<(Acceptor, Option<String>), StartError> {
        Ok((Acceptor::Plain, None))
    }

    /// How links follow the address that was asked, unless one was configured.
    fn links(
        &self,
        public_base: Option<&(String, String)>,
        (addr, images): (SocketAddr, Option<SocketAddr>),
        desk: &Desk,
    ) -> Option<Links> {
        let mut vendor = lock(&desk.vendor);
        if let Some((base, _)) = public_base {
            vendor.set_public_base(base);
            return None;
        }
        let scheme = if self.tls { "https" } else { "http" };
        vendor.set_public_base(format!("{scheme}://{}{}", reachable(addr), desk.prefix));
        if let Some(images) = images {
            vendor.set_image_base(format!("{scheme}://{}", reachable(images)));
        }
        Some(Links {
            tls: self.tls,
            images_port: images.map(|images| images.port()),
        })
    }
}

type Opened = (Runtime, Vec<Door>, (SocketAddr, Option<SocketAddr>));

/// An address that can be asked: "every address" is none.
fn reachable(addr: SocketAddr) -> SocketAddr {
    if !addr.ip().is_unspecified() {
        return addr;
    }
    let loopback: IpAddr = match addr.ip() {
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(loopback, addr.port())
}

/// A base and its host, if links can begin with it.
fn checked(base: &str) -> Result<(String, String), StartError> {
    let refuse = || StartError::PublicBase(base.to_owned());
    let uri: Uri = base.parse().map_err(|_| refuse())?;
    let web = matches!(uri.scheme_str(), Some("http" | "https"));
    let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(refuse)?;
    let user = uri
        .authority()
        .is_some_and(|authority| authority.as_str().contains('@'));
    if !web || user || uri.query().is_some() || base.contains('#') {
        return Err(refuse());
    }
    Ok((base.to_owned(), host.to_owned()))
}

/// Different in every run. The standard library seeds its hash maps from the system's randomness, which is enough for
/// identifiers that only have to be hard to guess by accident.
fn fresh_seed() -> [u8; 32] {
    let mut seed = [0; 32];
    for part in seed.chunks_exact_mut(8) {
        part.copy_from_slice(&RandomState::new().build_hasher().finish().to_be_bytes());
    }
    seed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_have_two_seeds() {
        assert_ne!(fresh_seed(), fresh_seed());
    }

    #[test]
    fn links_can_begin_with_a_web_address_and_nothing_else() {
        for base in [
            "https://sandbox.example/",
            "http://10.0.0.1:8080",
            "https://x/below",
        ] {
            assert!(checked(base).is_ok(), "{base}");
        }
        for base in [
            "",
            "sandbox.example",
            "/x",
            "ftp://x",
            "https://",
            "https://x?y",
            "https://x#y",
            "https://a@x",
        ] {
            assert!(checked(base).is_err(), "{base}");
        }
    }
}

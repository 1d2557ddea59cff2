//! Configuring and starting a sandbox.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, mpsc};

use tokio::sync::{oneshot, watch};

use super::serve::{self, Desk};
use super::{Feed, Sandbox, Wish};
use crate::model::{Account, Vendor, VendorConfig};

/// What a sandbox starts with.
#[derive(Clone, Debug)]
#[must_use]
pub struct SandboxBuilder {
    listen: SocketAddr,
    allow_remote: bool,
    config: VendorConfig,
    public_base: Option<String>,
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
        }
    }
}

impl SandboxBuilder {
    /// Listens on this address instead of a free port of 127.0.0.1.
    pub fn listen(self, listen: SocketAddr) -> Self {
        Self { listen, ..self }
    }

    /// Allows an address that other machines can reach. Whoever reaches the sandbox controls it.
    pub fn allow_remote(self, allow_remote: bool) -> Self {
        Self { allow_remote, ..self }
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

    /// What links begin with when browsers reach the sandbox through another address than it listens on.
    pub fn public_base(self, base: impl Into<String>) -> Self {
        Self {
            public_base: Some(base.into()),
            ..self
        }
    }

    /// Starts. Nothing in it takes long, so that it never gives way to other tasks.
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
    /// [`StartError::Listen`] and [`StartError::Thread`] if the system refuses.
    pub fn start_blocking(self) -> Result<Sandbox, StartError> {
        if !self.allow_remote && !self.listen.ip().is_loopback() {
            return Err(StartError::NotLoopback(self.listen));
        }
        let prefix = self.config.path_prefix.clone();
        let vendor = Arc::new(Mutex::new(Vendor::new(self.config)));
        let (wish, wishes) = watch::channel(Wish::Serve);
        let (end, ended) = oneshot::channel();
        let (open, opened) = mpsc::channel();
        let feed = Feed::new();
        let desk = Desk::new(Arc::clone(&vendor), feed.clone());
        // The runtime is made, used and dropped on its own thread: on one of an async program it could not be dropped.
        let thread = std::thread::Builder::new()
            .name("advance-sandbox".to_owned())
            .spawn(move || {
                let (runtime, listener, addr) = match serve::open(self.listen) {
                    Ok(open) => open,
                    Err(error) => return drop(open.send(Err(error))),
                };
                let base = self.public_base.unwrap_or_else(|| format!("http://{addr}"));
                serve::lock(&desk.vendor).set_public_base(base);
                if open.send(Ok(addr)).is_ok() {
                    runtime.block_on(serve::serve(listener, desk, wishes));
                }
                // Not waiting for what is still open is what makes a stop a stop.
                runtime.shutdown_background();
                // Nobody waits for it after a plain drop.
                let _ = end.send(());
            })
            .map_err(StartError::Thread)?;
        let silent = |_| StartError::Thread(io::Error::other("its thread has ended"));
        let addr = opened.recv().map_err(silent)??;
        let base_url = format!("http://{addr}{prefix}");
        Ok(Sandbox {
            addr,
            base_url,
            vendor,
            feed,
            wish,
            ended,
            thread: Some(thread),
        })
    }
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

/// Why a sandbox did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// Other machines could reach this address, and that was not allowed.
    NotLoopback(SocketAddr),
    /// The address could not be listened on.
    Listen(io::Error),
    /// There is no thread or runtime to be had.
    Thread(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotLoopback(addr) => write!(
                f,
                "{addr} can be reached by other machines, which would control the sandbox; allow it explicitly"
            ),
            Self::Listen(_) => f.write_str("the sandbox cannot listen on its address"),
            Self::Thread(_) => f.write_str("the sandbox cannot start its thread"),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NotLoopback(_) => None,
            Self::Listen(error) | Self::Thread(error) => Some(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_have_two_seeds() {
        assert_ne!(fresh_seed(), fresh_seed());
    }
}

//! The model behind a socket: a thin shell that reads requests, asks the [`Vendor`] and writes what it says.
//!
//! Each sandbox has a thread of its own, so that it answers even while the test that started it blocks, and so that
//! async and blocking tests have the same one.

mod answer;
mod body;
mod builder;
#[cfg(feature = "tls")]
mod certificate;
mod cors;
mod desk;
mod events;
mod guard;
mod line;
mod serve;
mod start_error;
mod stream;
mod tls;

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use crate::model::{UnixMs, Vendor};

pub use builder::SandboxBuilder;
pub(crate) use events::Feed;
pub use events::{Event, Events};
pub use start_error::StartError;

/// How a running sandbox is told to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Serve,
    /// Answer what was asked already, then end.
    Finish,
    /// End now.
    Stop,
}

/// A running sandbox. It stops when it is dropped.
pub struct Sandbox {
    addr: SocketAddr,
    base_url: String,
    images_addr: Option<SocketAddr>,
    authority: Option<String>,
    vendor: Arc<Mutex<Vendor>>,
    feed: Feed,
    wish: watch::Sender<Wish>,
    ended: oneshot::Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("addr", &self.addr)
            .finish_non_exhaustive()
    }
}

impl Sandbox {
    /// A sandbox on a free port of 127.0.0.1, with the documented sample account.
    ///
    /// # Errors
    /// As for [`SandboxBuilder::start_blocking`].
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// [`start`](Self::start) for tests without an async runtime.
    ///
    /// # Errors
    /// As for [`SandboxBuilder::start_blocking`].
    pub fn start_blocking() -> Result<Self, StartError> {
        Self::builder().start_blocking()
    }

    /// A sandbox with other accounts, another address, another configuration.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::default()
    }

    /// The address that it listens on.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The address where pictures are, unless they are where everything is.
    pub fn images_addr(&self) -> Option<SocketAddr> {
        self.images_addr
    }

    /// The certificate of the authority that a client has to trust, as PEM, if the sandbox speaks TLS.
    pub fn ca_pem(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// What a client takes for `https://api.advance.ai`: the configured path prefix is part of it.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Asks or changes the model. Requests wait meanwhile, so `with` must not make one.
    pub fn with_vendor<T>(&self, with: impl FnOnce(&mut Vendor) -> T) -> T {
        with(&mut desk::lock(&self.vendor))
    }

    /// What the sandbox does from now on: one event a request, for a log, a dashboard, or a test that waits for one.
    /// Without anybody who listens, no event is made.
    pub fn events(&self) -> Events {
        self.feed.listen()
    }

    /// Puts the vendor's clock forward: tokens, links and images grow older by as much.
    pub fn advance_clock(&self, by: Duration) {
        let by_ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.with_vendor(|vendor| vendor.clock_mut().advance(by_ms));
    }

    /// Stops the vendor's clock. It can still be moved; see [`Clock`](crate::model::Clock).
    pub fn freeze_clock(&self) {
        self.with_vendor(|vendor| vendor.clock_mut().freeze(desk::now()));
    }

    /// Sets the vendor's clock, whether it runs or not.
    pub fn set_clock(&self, now: UnixMs) {
        self.with_vendor(|vendor| vendor.clock_mut().set(now, desk::now()));
    }

    /// What the vendor's clock says.
    pub fn clock(&self) -> UnixMs {
        self.with_vendor(|vendor| vendor.clock().at(desk::now()))
    }

    /// Answers what was asked already and ends, within five seconds even if a client dawdles.
    pub async fn shutdown(mut self) {
        self.wish.send_replace(Wish::Finish);
        // An error says that the thread has ended without a word, which is an end as well.
        let _ = (&mut self.ended).await;
    }

    /// [`shutdown`](Self::shutdown) for tests without an async runtime.
    pub fn shutdown_blocking(mut self) {
        self.wish.send_replace(Wish::Finish);
        self.join();
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            // A panic of that thread was reported when it happened.
            let _ = thread.join();
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.wish.send_replace(Wish::Stop);
        self.join();
    }
}

//! The transport under test: what it claims, and how it is built and driven.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use advance_core::transport::{Failure, Limits};
use advance_core::{AsyncTransport, Now, Transport};
use http::{Request, Response};
use log::Level;

use crate::cases::cases;
use crate::need::Need;

/// What a transport says it can do, beyond plain HTTP/1.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "five independent abilities")]
pub struct Claims {
    tls: bool,
    identity: bool,
    proxy: bool,
    pool: bool,
    compression: bool,
}

impl Claims {
    /// Plain HTTP/1.1 and nothing else.
    pub const fn none() -> Self {
        Self {
            tls: false,
            identity: false,
            proxy: false,
            pool: false,
            compression: false,
        }
    }

    /// It speaks `https`, and trusts [`Setup::root`] when it is told to.
    #[must_use]
    pub const fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// It shows [`Setup::identity`] to a server that asks for a certificate. Needs [`tls`](Self::tls) as well.
    #[must_use]
    pub const fn identity(mut self) -> Self {
        self.identity = true;
        self
    }

    /// It goes through [`Setup::proxy`] for `https`, by `CONNECT`. Needs [`tls`](Self::tls) as well.
    #[must_use]
    pub const fn proxy(mut self) -> Self {
        self.proxy = true;
        self
    }

    /// It uses a connection for more than one request.
    #[must_use]
    pub const fn pool(mut self) -> Self {
        self.pool = true;
        self
    }

    /// It asks for compressed bodies and expands them.
    #[must_use]
    pub const fn compression(mut self) -> Self {
        self.compression = true;
        self
    }

    /// Whether a case that needs this applies.
    pub const fn cover(self, need: Need) -> bool {
        match need {
            Need::Base => true,
            Need::Tls => self.tls,
            Need::Identity => self.identity && self.tls,
            Need::Proxy => self.proxy && self.tls,
            Need::Pool => self.pool,
            Need::Compression => self.compression,
        }
    }
}

/// What a transport is told when it is built for a case.
#[derive(Clone, Default)]
pub struct Setup {
    pub(crate) root: Vec<u8>,
    pub(crate) beside: bool,
    pub(crate) identity: Option<(String, String)>,
    pub(crate) proxy: Option<String>,
}

impl Setup {
    /// For a transport that is used outside the cases: nothing to trust, and no proxy.
    pub fn plain() -> Self {
        Self::default()
    }

    /// The certificate of an authority to trust, as DER: and no other, unless [`beside`](Self::beside).
    pub fn root(&self) -> &[u8] {
        &self.root
    }

    /// Whether the authorities of the platform are to be trusted as well.
    pub const fn beside(&self) -> bool {
        self.beside
    }

    /// A certificate to show, and its private key, both in PEM.
    pub fn identity(&self) -> Option<(&str, &str)> {
        self.identity
            .as_ref()
            .map(|(certificate, key)| (certificate.as_str(), key.as_str()))
    }

    /// A proxy to go through, with a user name and a password: `http://user:password@127.0.0.1:port`.
    pub fn proxy(&self) -> Option<&str> {
        self.proxy.as_deref()
    }
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup").finish_non_exhaustive()
    }
}

/// A future that a runtime of the caller's drives.
type Task<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;
type BlockOn = Arc<dyn Fn(Task<'_>) + Send + Sync>;
type MakeAsync = Arc<dyn Fn(&Setup) -> Arc<dyn AsyncTransport> + Send + Sync>;
type Made = Box<dyn Transport + Send + Sync>;

/// A transport under test.
#[derive(Clone)]
pub struct Subject {
    name: String,
    claims: Claims,
    talkers: Vec<(String, Level)>,
    cannot: Vec<(&'static str, String)>,
    make: Make,
}

#[derive(Clone)]
enum Make {
    Blocking(Arc<dyn Fn(&Setup) -> Made + Send + Sync>),
    Async(MakeAsync, BlockOn),
}

impl Subject {
    /// A blocking transport. `make` builds a new one for every case.
    pub fn blocking<T, F>(name: impl Into<String>, claims: Claims, make: F) -> Self
    where
        T: Transport + Send + Sync + 'static,
        F: Fn(&Setup) -> T + Send + Sync + 'static,
    {
        Self {
            name: name.into(),
            claims,
            talkers: Vec::new(),
            cannot: Vec::new(),
            make: Make::Blocking(Arc::new(move |setup| Box::new(make(setup)))),
        }
    }

    /// An async transport. `make` builds a new one for every case, within the runtime; `block_on` runs a future to
    /// its end, and may be called from several threads at once.
    pub fn asynchronous<T, F, B>(name: impl Into<String>, claims: Claims, make: F, block_on: B) -> Self
    where
        T: AsyncTransport + 'static,
        F: Fn(&Setup) -> T + Send + Sync + 'static,
        B: Fn(Pin<Box<dyn Future<Output = ()> + Send + '_>>) + Send + Sync + 'static,
    {
        Self {
            name: name.into(),
            claims,
            talkers: Vec::new(),
            cannot: Vec::new(),
            make: Make::Async(Arc::new(move |setup| Arc::new(make(setup))), Arc::new(block_on)),
        }
    }

    /// Declares what the HTTP crate below logs by itself and the transport cannot stop: at this level and below, lines
    /// whose target begins so hold what was sent or received. Tell your users, with the filter that stops it.
    ///
    /// # Panics
    /// If the target is empty, which would declare everything.
    #[must_use]
    pub fn logs(mut self, target: &str, level: Level) -> Self {
        assert!(
            !target.is_empty(),
            "name the target: an empty one would let everything off"
        );
        self.talkers.push((target.to_owned(), level));
        self
    }

    /// Declares the cases that no transport over this HTTP crate can pass, each with the reason: what the crate does, and
    /// that it has no switch for it. Such a case still fails, but as [`Outcome::Cannot`](crate::Outcome::Cannot): there is
    /// nothing left to mend, and another HTTP crate is the remedy. A declared case that passes fails as well.
    ///
    /// # Panics
    /// If there is no such case.
    #[must_use]
    pub fn cannot<'a>(mut self, declared: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        for (case, why) in declared {
            let known = cases().find(|known| known.name == case);
            let known = known.unwrap_or_else(|| panic!("there is no case {case}"));
            self.cannot.push((known.name, why.to_owned()));
        }
        self
    }

    /// Why its HTTP crate cannot pass the case, if [`cannot`](Self::cannot) declared so.
    pub(crate) fn declared_cannot(&self, case: &str) -> Option<&str> {
        let declared = self.cannot.iter().find(|(name, _)| *name == case);
        declared.map(|(_, why)| why.as_str())
    }

    /// Whether a line with this target and level was declared by [`logs`](Self::logs).
    pub(crate) fn declared(&self, target: &str, level: Level) -> bool {
        let covers = |(start, from): &(String, Level)| target.starts_with(start.as_str()) && level >= *from;
        self.talkers.iter().any(covers)
    }

    /// What it is called in reports.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it says it can do.
    pub const fn claims(&self) -> Claims {
        self.claims
    }

    /// A new transport, made blocking if it was not, for use outside the cases.
    pub fn transport(&self, setup: &Setup) -> Box<dyn Transport + Send + Sync> {
        Box::new(self.build(setup))
    }

    pub(crate) fn build(&self, setup: &Setup) -> Driven {
        match &self.make {
            Make::Blocking(make) => Driven::Blocking(make(setup)),
            Make::Async(make, block_on) => {
                let transport = finish(block_on, async { make(setup) });
                Driven::Async(transport, Arc::clone(block_on))
            }
        }
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject")
            .field("name", &self.name)
            .field("claims", &self.claims)
            .finish_non_exhaustive()
    }
}

/// A built transport, made blocking if it was not.
pub(crate) enum Driven {
    Blocking(Made),
    Async(Arc<dyn AsyncTransport>, BlockOn),
}

impl Driven {
    /// Starts a send and gives it up after `after`, if a send of this transport can be given up.
    ///
    /// Returns whether it could.
    pub(crate) fn send_and_give_up(
        &self,
        request: Request<Vec<u8>>,
        limits: &Limits,
        after: Duration,
    ) -> bool {
        let Self::Async(transport, block_on) = self else {
            return false;
        };
        finish(block_on, async {
            let mut sending = transport.send(request, limits);
            let mut timer = transport.sleep(after);
            std::future::poll_fn(|context| {
                let done = sending.as_mut().poll(context).map(drop);
                if done.is_ready() {
                    done
                } else {
                    timer.as_mut().poll(context)
                }
            })
            .await;
        });
        true
    }
}

impl Transport for Driven {
    fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        match self {
            Self::Blocking(transport) => transport.send(request, limits),
            Self::Async(transport, block_on) => finish(block_on, transport.send(request, limits)),
        }
    }

    fn sleep(&self, duration: Duration) {
        match self {
            Self::Blocking(transport) => transport.sleep(duration),
            Self::Async(transport, block_on) => finish(block_on, transport.sleep(duration)),
        }
    }

    fn now(&self) -> Now {
        match self {
            Self::Blocking(transport) => transport.now(),
            Self::Async(transport, _) => transport.now(),
        }
    }
}

fn finish<T: Send>(block_on: &BlockOn, future: impl Future<Output = T> + Send) -> T {
    let mut slot = None;
    block_on(Box::pin(async { slot = Some(future.await) }));
    #[expect(
        clippy::expect_used,
        reason = "the author of a transport has to learn of it, and a panic fails the case"
    )]
    slot.expect("`block_on` must run the future to its end before it returns")
}

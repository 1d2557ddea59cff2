//! The blocking client.

use std::fmt;
use std::sync::Arc;
use std::task::{Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use super::Observer;
use super::shared::{Abandon, Place, Shared};
use crate::domain::{SignatureId, Verification, VerificationLink};
use crate::error::Error;
use crate::secret::Credentials;
use crate::session::{Call, Charges, Config, ExportedToken, Generation, Response, Session, Step, Until};
use crate::transport::Transport;
use crate::wire::{Endpoint, GenerateToken, GenerateUrl, GetResult, IssuedToken};

/// A client for threads. Cheap to clone; clones share token, budget and connections.
pub struct Client<T>(Arc<Shared<T>>);

impl<T> Clone for Client<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Client<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .read(|session| f.debug_tuple("Client").field(session).finish())
    }
}

impl<T: Transport> Client<T> {
    /// A client over this transport. `seed` spreads waits: any number that differs between processes will do.
    pub fn new(transport: T, config: Config, credentials: Credentials, seed: u64) -> Self {
        Self(Arc::new(Shared::new(
            transport,
            Session::new(config, credentials, seed),
        )))
    }

    /// Tells this observer whatever the client does from now on, clones included.
    #[must_use]
    pub fn with_observer(self, observer: impl Observer + 'static) -> Self {
        self.0.observe(Arc::new(observer));
        self
    }

    /// Asks for a link to the verification page.
    pub fn generate_url(&self, request: GenerateUrl) -> Result<Response<VerificationLink>, Error> {
        self.call(request)
    }

    /// Asks how a verification ended. Each question may be charged; that is not documented.
    pub fn get_result(&self, signature_id: &SignatureId) -> Result<Response<Verification>, Error> {
        self.call(GetResult::new(signature_id.clone()))
    }

    /// Calls an endpoint as the session is configured.
    pub fn call<E: Endpoint>(&self, endpoint: E) -> Result<Response<E::Output>, Error> {
        self.call_with(Call::new(endpoint))
    }

    /// Calls an endpoint with settings of its own.
    pub fn call_with<E: Endpoint>(&self, call: Call<E>) -> Result<Response<E::Output>, Error> {
        let now = self.0.transport.now();
        self.drive(self.0.transition(|session| session.begin(call, now)))
    }

    /// Sees to it that there is a usable token, and gives it out. The response has a body only if one was asked for.
    pub fn token(&self) -> Result<Response<IssuedToken>, Error> {
        let now = self.0.transport.now();
        self.drive::<GenerateToken>(self.0.transition(|session| session.begin_token(now)))
    }

    /// The token in use, to keep or to share.
    pub fn export_token(&self) -> Option<ExportedToken> {
        let now = self.0.transport.now();
        self.0.read(|session| session.export_token(now))
    }

    /// Uses a token that was exported before; see [`Session::adopt_token`].
    pub fn adopt_token(&self, stored: ExportedToken) -> bool {
        let now = self.0.transport.now();
        self.0.transition(|session| session.adopt_token(stored, now))
    }

    /// What all requests so far have cost.
    pub fn charges(&self) -> Charges {
        self.0.read(Session::charges)
    }

    /// The transport underneath.
    pub fn transport(&self) -> &T {
        &self.0.transport
    }

    fn drive<E: Endpoint>(&self, mut step: Step<E>) -> Result<Response<E::Output>, Error> {
        let transport = &self.0.transport;
        loop {
            step = match step {
                Step::Send(request, limits, awaiting) => {
                    let abandon = Abandon::unless_done(&self.0, awaiting.ticket());
                    let outcome = transport.send(request, &limits);
                    abandon.done();
                    let now = transport.now();
                    self.0
                        .transition(|session| awaiting.resume(session, now, outcome))
                }
                Step::Wait(until, pause) => {
                    let abandon = Abandon::unless_done(&self.0, pause.ticket());
                    self.wait(until);
                    abandon.done();
                    let now = transport.now();
                    self.0.transition(|session| pause.resume(session, now))
                }
                Step::Done(result) => return result,
            }
        }
    }

    fn wait(&self, until: Until) {
        match until {
            Until::Elapsed(duration) => self.0.transport.sleep(duration),
            Until::Token { seen, at_most } => self.wait_for_token(seen, at_most),
        }
    }

    fn wait_for_token(&self, seen: Generation, at_most: Duration) {
        let transport = &self.0.transport;
        let end = transport.now().mono.saturating_add(at_most);
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut place = Place {
            shared: &self.0,
            slot: None,
        };
        loop {
            let left = end.saturating_sub(transport.now().mono);
            // Parking may end for no reason, so both are looked at again.
            if left.is_zero() || !self.0.register(&mut place.slot, seen, &waker) {
                return;
            }
            thread::park_timeout(left);
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

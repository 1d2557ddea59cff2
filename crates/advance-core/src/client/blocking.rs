//! The blocking client.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use super::machine::{Machine, Turn};
use super::shared::{Abandon, Place, Shared};
use super::{Cancel, Observer};
use crate::domain::{ImageLink, Picture, SignatureId, Verification, VerificationLink};
use crate::error::Error;
use crate::secret::Credentials;
use crate::session::{
    Batch, BatchPolicy, BatchResult, BatchStep, Call, Charges, Config, DownloadPolicy, ExportedToken,
    Generation, PollStep, Polling, Response, Session, Ticket, Until, Waited,
};
use crate::transport::Transport;
use crate::wire::{Endpoint, GenerateUrl, GetResult, IssuedToken};

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

    /// Tells this observer whatever the client does from now on, clones included, in the place of the former one. To
    /// tell several, give it a closure that does.
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

    /// Waits until the person has finished, asking again and again.
    pub fn wait_for_result(&self, polling: Polling) -> Waited {
        let now = self.0.transport.now();
        self.drive(self.0.transition(|session| session.begin_wait(polling, now)))
    }

    /// The same, until somebody cancels it: `None` then. A pause ends at once; a request that is under way is
    /// seen to its end first, which its limits bound, and if it ends the wait, that is what comes back.
    pub fn wait_for_result_unless(&self, cancel: &Cancel, polling: Polling) -> Option<Waited> {
        let now = self.0.transport.now();
        let mut machine = self.0.transition(|session| session.begin_wait(polling, now));
        loop {
            // What has come may have been paid for, and is not thrown away.
            if cancel.is_cancelled() && !matches!(machine, PollStep::Decide(_) | PollStep::Done(_)) {
                self.0.transition(|session| session.abandon(unsent(&machine)));
                return None;
            }
            machine = match self.carry_out(machine, Some(cancel)) {
                Ok(waited) => return Some(waited),
                Err(next) => next,
            }
        }
    }

    /// Fetches a photograph, without the token, from the hosts that the policy lists.
    ///
    /// # Errors
    /// [`ErrorKind::ImageExpired`](crate::ErrorKind::ImageExpired) if its link has ended: ask get-result again.
    pub fn download(&self, link: &ImageLink, policy: &DownloadPolicy) -> Result<Picture, Error> {
        let now = self.0.transport.now();
        self.drive(
            self.0
                .transition(|session| session.begin_download(link, policy, now)),
        )
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
        self.drive(self.0.transition(|session| session.begin_token(now)))
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

    fn drive<M: Machine>(&self, machine: M) -> M::Output {
        let mut machine = machine;
        loop {
            machine = match self.carry_out(machine, None) {
                Ok(output) => return output,
                Err(next) => next,
            }
        }
    }

    /// One turn of the loop: the output, or the machine in its next state.
    fn carry_out<M: Machine>(&self, machine: M, cancel: Option<&Cancel>) -> Result<M::Output, M> {
        let transport = &self.0.transport;
        match machine.turn() {
            Turn::Send(request, limits, awaiting) => {
                let abandon = Abandon::unless_done(&self.0, M::in_flight(&awaiting));
                let outcome = transport.send(request, &limits);
                let now = transport.now();
                let answered = M::read(awaiting, now, outcome);
                let next = self.0.transition(|session| M::answered(answered, session, now));
                abandon.done();
                Err(next)
            }
            Turn::Wait(until, pause) => {
                let abandon = Abandon::unless_done(&self.0, M::paused(&pause));
                self.wait(until, cancel);
                let now = transport.now();
                let next = self.0.transition(|session| M::again(pause, session, now));
                abandon.done();
                Err(next)
            }
            Turn::Again(pause) => {
                let now = transport.now();
                Err(self.0.transition(|session| M::again(pause, session, now)))
            }
            Turn::Done(output) => Ok(output),
        }
    }

    fn wait(&self, until: Until, cancel: Option<&Cancel>) {
        match (until, cancel) {
            (Until::Elapsed(duration), None) => self.0.transport.sleep(duration),
            (Until::Elapsed(duration), Some(cancel)) => {
                cancel.sleep(duration, || self.0.transport.now().mono);
            }
            (Until::Token { seen, at_most }, cancel) => self.wait_for_token(seen, at_most, cancel),
        }
    }

    fn wait_for_token(&self, seen: Generation, at_most: Duration, cancel: Option<&Cancel>) {
        let transport = &self.0.transport;
        let end = transport.now().mono.saturating_add(at_most);
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut place = Place {
            shared: &self.0,
            slot: None,
        };
        let _sleeper = cancel.map(Cancel::sleeper);
        loop {
            let left = end.saturating_sub(transport.now().mono);
            // Parking may end for no reason, so all of it is looked at again.
            if left.is_zero()
                || cancel.is_some_and(Cancel::is_cancelled)
                || !self.0.register(&mut place.slot, seen, &waker)
            {
                return;
            }
            thread::park_timeout(left);
        }
    }
}

impl<T: Transport + Send + Sync> Client<T> {
    /// Asks how many verifications ended, several at a time, on this thread and on others that live as long as this
    /// call. Every id gets its own answer, in the order given. If the system has no more threads, fewer are under
    /// way at a time.
    pub fn get_results(
        &self,
        ids: impl IntoIterator<Item = SignatureId>,
        policy: BatchPolicy,
    ) -> BatchResult {
        let batch = Mutex::new(Batch::new(ids, policy));
        let lock = || batch.lock().unwrap_or_else(PoisonError::into_inner);
        let others = policy.limit().min(lock().len()).saturating_sub(1);
        let work = || {
            loop {
                let mono = self.0.transport.now().mono;
                let step = lock().step(mono);
                match step {
                    BatchStep::Begin(number, id) => {
                        let result = self.get_result(&id);
                        lock().ended(number, result);
                    }
                    BatchStep::Wait(left) => self.0.transport.sleep(left),
                    // There are no more workers than may be under way, so nothing is left to begin.
                    BatchStep::Full | BatchStep::Finished => return,
                }
            }
        };
        thread::scope(|scope| {
            for _ in 0..others {
                if thread::Builder::new().spawn_scoped(scope, work).is_err() {
                    break;
                }
            }
            work();
        });
        batch
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .into_result()
    }
}

/// Names what a wait was about to do. Nothing of it is under way.
fn unsent(step: &PollStep) -> Ticket {
    match step {
        PollStep::Send(_, _, awaiting) => awaiting.ticket().unsent(),
        PollStep::Wait(_, pause) => pause.ticket(),
        PollStep::Decide(_) | PollStep::Done(_) => Ticket::NONE,
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

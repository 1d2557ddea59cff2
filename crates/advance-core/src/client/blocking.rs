//! The blocking client.

use std::fmt;
use std::sync::Arc;
use std::task::{Wake, Waker};
use std::time::Duration;

use super::control::{Driven, Listener};
use super::shared::{Abandon, Account, Place, Shared, Store};
use super::sync::thread::{self, Thread};
use super::{BlockingResults, Observer, WaitControl};
use crate::charge::Charges;
use crate::domain::{ImageLink, Picture, SignatureId, Verification, VerificationLink};
use crate::error::Error;
use crate::secret::Credentials;
use crate::session::{
    Batch, BatchPolicy, BatchResult, Bounds, Call, Config, ExportedToken, Job, Response, Session, Step,
    Until, WaitPolicy, WaitStep, Waited,
};
use crate::sharing::{Egress, TokenAnswer, TokenAsk, TokenStore, TokenStoreErrorKind};
use crate::transport::Transport;
use crate::url::DownloadPolicy;
use crate::wire::{Endpoint, GenerateUrl, GetResult, IssuedToken};

/// A client for threads. Cheap to clone; clones share token, budget and connections.
pub struct Client<T>(Arc<Shared<T>>, Bounds);

impl<T> Clone for Client<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0), self.1)
    }
}

impl<T> fmt::Debug for Client<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The lock is not held while a stranger's writer writes.
        let shown = self.0.read(Session::snapshot);
        f.debug_tuple("Client").field(&shown).finish()
    }
}

impl<T: Transport> Client<T> {
    /// A client over this transport. `seed` spreads waits: any number that differs between processes will do.
    pub fn new(transport: T, config: Config, credentials: Credentials, seed: u64) -> Self {
        let shared = Shared::new(transport, Session::new(config, credentials, seed));
        Self(Arc::new(shared), Bounds::default())
    }

    /// The same client, whose calls take this long in all, instead of the policy's time: for a handler that has to answer
    /// somebody. It shares everything with this one. Of a wait it bounds no more than each question.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use advance_core::{Client, SignatureId, Transport};
    /// # fn in_a_handler<T: Transport>(client: &Client<T>, id: &SignatureId) {
    /// let result = client.with_total(Duration::from_secs(3)).with_attempts(1).get_result(id);
    /// # drop(result);
    /// # }
    /// ```
    #[must_use]
    pub fn with_total(&self, total: Duration) -> Self {
        let bounds = Bounds {
            total: Some(total),
            ..self.1
        };
        Self(Arc::clone(&self.0), bounds)
    }

    /// The same client, whose calls have so many attempts, instead of the policy's number. It shares everything with this
    /// one.
    #[must_use]
    pub fn with_attempts(&self, attempts: u32) -> Self {
        let bounds = Bounds {
            attempts: Some(attempts),
            ..self.1
        };
        Self(Arc::clone(&self.0), bounds)
    }

    /// Signs with these keys from now on, as do all clones; see [`Session::set_credentials`].
    pub fn set_credentials(&self, credentials: Credentials) {
        self.0.transition(|session| session.set_credentials(credentials));
    }

    /// Tells this observer all that the client and its clones do from now on. It takes the place of the former one. To
    /// tell several, give it a closure that does.
    #[must_use]
    pub fn with_observer(self, observer: impl Observer + 'static) -> Self {
        self.0.observe(Arc::new(observer));
        self
    }

    /// Shares the token, by this store, with other clients of the same account, keys, server and egress, in this process or
    /// others: together they request one. It holds for all clones. The store holds a live secret; see
    /// [`sharing`](crate::sharing).
    #[must_use]
    pub fn with_token_store(self, store: impl TokenStore + 'static, egress: Egress) -> Self {
        self.0.share(Store::Blocking(Arc::new(store)), egress);
        self
    }

    /// Asks for a link to the verification page.
    ///
    /// # Errors
    /// As for [`call`](Self::call).
    pub fn generate_url(&self, request: GenerateUrl) -> Result<Response<VerificationLink>, Error> {
        self.call(request)
    }

    /// Asks how a verification ended. Each question may be charged; that is not documented.
    ///
    /// # Errors
    /// As for [`call`](Self::call). An id that the vendor does not know is
    /// [`Code::SignatureNotExist`](crate::Code::SignatureNotExist).
    pub fn get_result(&self, signature_id: &SignatureId) -> Result<Response<Verification>, Error> {
        self.call(GetResult::new(signature_id.clone()))
    }

    /// Waits until the person has finished, asking again and again.
    pub fn wait_for_result(&self, policy: WaitPolicy) -> Waited {
        self.wait_out(policy, None)
    }

    /// The same, under a handle by which another thread ends the wait or says that the person is back.
    pub fn wait_for_result_with(&self, control: &WaitControl, policy: WaitPolicy) -> Waited {
        self.wait_out(policy, Some(control))
    }

    fn wait_out(&self, policy: WaitPolicy, control: Option<&WaitControl>) -> Waited {
        let mut listener = Listener::new(control);
        let now = self.0.transport.now();
        let mut wait = self.0.transition(|session| session.begin_wait(policy, now));
        loop {
            // What has come may have been paid for, and is not thrown away.
            if listener.is_cancelled() && !wait.is_over() {
                self.0.transition(|session| session.abandon(wait.ticket()));
                wait.cancel(Charges::NONE, 0);
            }
            let now = self.0.transport.now();
            match self.0.transition(|session| wait.step(session, now)) {
                WaitStep::Ask(call) => {
                    match self.drive(call, &mut listener) {
                        Driven::Ended(result) => wait.ended(result),
                        Driven::Cancelled(charges, sends) => wait.cancel(charges, sends),
                    }
                    // One that came while the poll was under way makes the next pause short, and no second poll.
                    if listener.take_nudge() {
                        wait.nudge();
                    }
                }
                WaitStep::Pause(pause) => {
                    let abandon = Abandon::unless_done(&self.0, wait.ticket());
                    self.pause(pause, &mut listener, true);
                    abandon.done();
                    if listener.take_nudge() {
                        wait.nudge();
                    }
                }
                WaitStep::Done => return wait.into_result(),
            }
        }
    }

    /// Fetches a photograph, without the token, from the hosts that [`Config::pictures`] lists.
    ///
    /// # Errors
    /// [`ErrorKind::ImageExpired`](crate::ErrorKind::ImageExpired) if its link has ended: ask get-result again.
    pub fn download(&self, link: &ImageLink) -> Result<Picture, Error> {
        let policy = self.0.read(|session| session.config().pictures.clone());
        self.download_with(link, &policy)
    }

    /// The same, from the hosts of this policy.
    ///
    /// # Errors
    /// As for [`download`](Self::download).
    pub fn download_with(&self, link: &ImageLink, policy: &DownloadPolicy) -> Result<Picture, Error> {
        self.call_with(Call::download(link, policy)?)
    }

    /// Calls an endpoint as the session is configured.
    ///
    /// # Errors
    /// The vendor's refusal of the call or of its token, no reply in time, or a reply that cannot be read.
    /// [`Error::advice`] says what to do, and [`Error::charges`] what it may have cost.
    pub fn call<E: Endpoint>(&self, endpoint: E) -> Result<Response<E::Output>, Error> {
        self.call_with(Call::new(endpoint))
    }

    /// Does a job with settings of its own.
    ///
    /// # Errors
    /// As for [`call`](Self::call), or as for [`download`](Self::download).
    pub fn call_with<J: Job>(&self, call: Call<J>) -> Result<J::Output, Error> {
        self.to_its_end(call, Listener::new(None))
    }

    /// Asks for one of a batch; if its transport panics, the account hears what it had cost.
    pub(super) fn one_of_many(
        &self,
        id: SignatureId,
        account: &Account,
    ) -> Result<Response<Verification>, Error> {
        let call = Call::new(GetResult::new(id));
        self.to_its_end(call, Listener::accounting(account))
    }

    fn to_its_end<J: Job>(&self, call: Call<J>, mut listener: Listener<'_>) -> Result<J::Output, Error> {
        // Without a `WaitControl` it always comes to its end.
        match self.drive(call, &mut listener) {
            Driven::Ended(result) => result,
            Driven::Cancelled(..) => Err(Error::deadline("the call was cancelled")),
        }
    }

    /// Returns a usable access token, requesting one only if none is held. The response has a body only if one was
    /// requested.
    ///
    /// # Errors
    /// As for [`call`](Self::call), of generate-token.
    pub fn token(&self) -> Result<Response<IssuedToken>, Error> {
        let now = self.0.transport.now();
        match self
            .0
            .transition(|session| session.token_at_hand(self.1.total, now))
        {
            Some(held) => Ok(held),
            None => self.call_with(Call::token()),
        }
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

    /// Carries out a call step by step, unless it is cancelled before its next one.
    fn drive<J: Job>(&self, call: Call<J>, listener: &mut Listener<'_>) -> Driven<J::Output> {
        let transport = &self.0.transport;
        let now = transport.now();
        let call = call.within(self.1);
        let (mut step, mut ended) = self.0.transition(|session| session.turn_to(call, now));
        loop {
            // Not under the lock: an endpoint is the caller's own.
            drop(ended);
            if let Some(ticket) = step.ticket().filter(|_| listener.is_cancelled()) {
                self.0.transition(|session| session.abandon(ticket.unsent()));
                let (charges, sends) = step.spent();
                return Driven::Cancelled(charges, sends);
            }
            let spent = step.spent();
            let account = listener.account;
            (step, ended) = match step {
                Step::Send(request, limits, awaiting) => {
                    let abandon = Abandon::unless_done(&self.0, awaiting.ticket()).on(account, spent);
                    let outcome = transport.send(request, &limits);
                    let now = transport.now();
                    let answered = awaiting.read(now, outcome);
                    let turned = self.0.transition(|session| answered.turn(session, now));
                    abandon.done();
                    turned
                }
                Step::Wait(until, pause) => {
                    let abandon = Abandon::unless_done(&self.0, pause.ticket()).on(account, spent);
                    self.wait(until, listener);
                    let now = transport.now();
                    let turned = self.0.transition(|session| pause.turn(session, now));
                    abandon.done();
                    turned
                }
                Step::Share(ask, within, sharing) => {
                    let abandon = Abandon::unless_done(&self.0, sharing.ticket()).on(account, spent);
                    let answer = self.ask_store(&ask, within);
                    let now = transport.now();
                    let turned = self.0.transition(|session| sharing.turn(session, now, answer));
                    abandon.done();
                    turned
                }
                Step::Done(result) => return Driven::Ended(result),
            }
        }
    }

    fn ask_store(&self, ask: &TokenAsk, within: Duration) -> Result<TokenAnswer, TokenStoreErrorKind> {
        let Some(Store::Blocking(store)) = self.0.store() else {
            return Err(TokenStoreErrorKind::Other);
        };
        ask.of(&*store, within).map_err(|error| error.kind())
    }

    fn wait(&self, until: Until, listener: &mut Listener<'_>) {
        match until {
            Until::Elapsed(duration) => self.pause(duration, listener, false),
            Until::Token { seen, at_most } => {
                let mut place = Place {
                    shared: &self.0,
                    slot: None,
                };
                self.park(at_most, |waker| {
                    listener.listen(waker, false) && self.0.register(&mut place.slot, seen, waker)
                });
            }
        }
    }

    /// Pauses this long, or until the wait's handle ends it: by a cancellation, and by a nudge if this is between polls.
    fn pause(&self, duration: Duration, listener: &mut Listener<'_>, for_nudges: bool) {
        if listener.is_deaf() {
            self.0.transport.sleep(duration);
        } else {
            self.park(duration, |waker| listener.listen(waker, for_nudges));
        }
    }

    /// Parks the thread this long, or until `goes_on` says no. It is given what unparks the thread.
    fn park(&self, at_most: Duration, mut goes_on: impl FnMut(&Waker) -> bool) {
        let transport = &self.0.transport;
        let end = transport.now().mono.saturating_add(at_most);
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        loop {
            let left = end.saturating_sub(transport.now().mono);
            // Parking may end for no reason, so all of it is looked at again.
            if left.is_zero() || !goes_on(&waker) {
                return;
            }
            thread::park_timeout(left);
        }
    }
}

impl<T: Transport + Send + Sync + 'static> Client<T> {
    /// Asks how many verifications ended, several at a time, and brings each result as soon as it has come.
    ///
    /// ```
    /// use advance_core::{BatchPolicy, Client, SignatureId, Transport};
    ///
    /// fn collect<T: Transport + Send + Sync + 'static>(client: &Client<T>, ids: Vec<SignatureId>) {
    ///     for item in client.results(ids, BatchPolicy::new()) {
    ///         // Keep it before the next is asked for.
    ///         println!("{} {:?}", item.signature_id, item.result.map(|result| result.is_ok()));
    ///     }
    /// }
    /// ```
    pub fn results(
        &self,
        ids: impl IntoIterator<Item = SignatureId>,
        policy: BatchPolicy,
    ) -> BlockingResults<T> {
        BlockingResults::new(self.clone(), Batch::one_by_one(ids, policy))
    }

    /// The same, all at once in the end: every id gets its own answer, in the order given. It asks on threads of its own,
    /// which end with this call; one that pauses for the policy's [interval](BatchPolicy::interval) ends after its pause.
    /// If the system has no more threads, fewer are under way at a time.
    ///
    /// # Panics
    /// If the transport does, or [`stop_on`](BatchPolicy::stop_on): what had come is lost then. Take
    /// [`results`](Self::results) to keep it.
    pub fn get_results(
        &self,
        ids: impl IntoIterator<Item = SignatureId>,
        policy: BatchPolicy,
    ) -> BatchResult {
        BlockingResults::new(self.clone(), Batch::new(ids, policy)).into_whole()
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

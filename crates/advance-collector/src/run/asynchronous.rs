//! The runner for tasks. It needs no particular runtime: its transport sleeps for it.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use advance_core::{AsyncClient, AsyncTransport, SignatureId};
use futures_channel::mpsc::channel;
use futures_util::future::{Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt as _};

use super::shift::{PRUNED_AT_ONCE, TOLD_AT_ONCE};
use super::terms::{TELL_AGAIN, Terms};
use super::{Observe, Pace, RunError, Seen, Shift, Tell, Turn};
use crate::job::{Report, Step};
use crate::sink::Sink;
use crate::store::Watch;
use crate::{AsyncStore, Claim, Nudged, Pending, Policy, StoreError, Wanted};

/// Collects verifications with tasks. Several may work on one store, in one process or in many.
pub struct AsyncCollector<T, S> {
    client: AsyncClient<T>,
    store: S,
    terms: Terms,
}

impl<T, S> fmt::Debug for AsyncCollector<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncCollector")
            .field("policy", &self.terms.policy)
            .finish_non_exhaustive()
    }
}

impl<T: AsyncTransport, S: AsyncStore> AsyncCollector<T, S> {
    /// A collector of this account's verifications, over this store. It keeps no reply and no picture until it is given a
    /// [sink](Self::sink).
    pub fn new(client: AsyncClient<T>, store: S, policy: Policy) -> Self {
        Self {
            client,
            store,
            terms: Terms::new(policy),
        }
    }

    /// Gives replies and pictures to this sink.
    #[must_use]
    pub fn sink(mut self, sink: impl Sink + 'static) -> Self {
        self.terms.sink = Arc::new(sink);
        self
    }

    /// Tells outcomes here, on the task that runs the collector: it has to be quick. Without it they stay in the store
    /// until another runner tells them.
    #[must_use]
    pub fn tell(mut self, tell: impl Tell + 'static) -> Self {
        self.terms.tell = Some(Arc::new(tell));
        self
    }

    /// Lets this observer see what the runner does.
    #[must_use]
    pub fn observer(mut self, observer: impl Observe + 'static) -> Self {
        self.terms.observer = Some(Arc::new(observer));
        self
    }

    /// The store underneath.
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// Remembers a verification. One that is known already stays as it is. Says whether it is new.
    ///
    /// # Errors
    /// Of the store.
    pub async fn add(&self, pending: &Pending) -> Result<bool, StoreError> {
        Ok(self.store.add(std::slice::from_ref(pending)).await? == 1)
    }

    /// The person is back: asks about this verification now.
    ///
    /// # Errors
    /// Of the store.
    pub async fn nudge(&self, signature_id: &SignatureId) -> Result<Nudged, StoreError> {
        self.store.nudge(signature_id).await
    }

    /// Forgets a verification, in the store and in the sink. Says whether there was one.
    ///
    /// # Errors
    /// Of the store, or [`Other`](crate::StoreErrorKind::Other) with the sink's.
    pub async fn erase(&self, signature_id: &SignatureId) -> Result<bool, StoreError> {
        self.terms.forget(signature_id)?;
        Ok(self.store.erase(std::slice::from_ref(signature_id)).await? == 1)
    }

    /// Works on one verification if it is due: asks about it, or fetches its pictures. For a queue that an application has
    /// already: calling this twice for one id, at the same time or after a crash, sends nothing twice.
    ///
    /// # Errors
    /// Of the store.
    pub async fn work_on(&self, signature_id: &SignatureId) -> Result<Vec<Report>, StoreError> {
        self.store.sweep(self.terms.policy.doubts).await?;
        let mut reports = Vec::new();
        for claim in self.store.claim(&Terms::only(signature_id)).await? {
            reports.push(self.work(claim).await);
        }
        Ok(reports)
    }

    /// Works until `stop` is ready, or until all is done if the pace says so. What is under way then is seen to its end.
    ///
    /// Dropping the future stops at once instead: what was under way is found by its lease, and counts as a doubt.
    ///
    /// # Errors
    /// A [`RunError`], if going on makes no sense.
    pub async fn run(&self, pace: Pace, stop: impl Future<Output = ()> + Send) -> Result<(), RunError> {
        let mut shift = self.terms.shift(pace);
        let (told, mut news) = channel(1);
        let told = Mutex::new(told);
        // What is full has been told already.
        let watch: Arc<Watch> = Arc::new(move || {
            drop(told.lock().unwrap_or_else(PoisonError::into_inner).try_send(()));
        });
        self.store.watch(&watch);
        let mut running = FuturesUnordered::new();
        let mut stop = pin!(stop);
        let mut stopped = false;
        let mut failed = None;
        loop {
            let done = match shift.turn(self.mono()) {
                Turn::Begin(claim) => {
                    running.push(self.work(claim));
                    Ok(())
                }
                Turn::Wait(pause) => {
                    let sleep = self.client.transport().sleep(pause);
                    let sleep = select(news.next(), sleep);
                    let next = next(&mut running, sleep);
                    let (came, stop_came) = until(next, stop.as_mut(), stopped).await;
                    stopped |= stop_came;
                    match came {
                        Some(Came::Report(report)) => self.terms.worked(&mut shift, &report, self.mono()),
                        Some(Came::News) => shift.news(self.mono()),
                        Some(Came::Nothing) | None => {}
                    }
                    if stopped {
                        shift.stop();
                    }
                    Ok(())
                }
                Turn::Done => return failed.map_or(Ok(()), Err),
                turn => self.carry_out(pace, turn, &mut shift).await,
            };
            if let Err(error) = done {
                shift.stop();
                failed = failed.or(Some(error));
            }
        }
    }

    async fn carry_out(&self, pace: Pace, turn: Turn, shift: &mut Shift) -> Result<(), RunError> {
        let done = match turn {
            Turn::Token => {
                let token = self.client.token().await;
                return self.terms.token(shift, token, self.mono());
            }
            Turn::Sweep => {
                let found = self.store.sweep(self.terms.policy.doubts).await;
                found.map(|found| self.terms.swept(shift, found, self.mono()))
            }
            Turn::Claim(limit) => {
                let claims = self.store.claim(&Wanted::new(limit, pace.claims)).await;
                claims.map(|claims| shift.claimed(claims, self.mono()))
            }
            Turn::Look => {
                let rest = self.store.rest().await;
                rest.map(|rest| shift.rest(self.terms.rest(rest), self.mono()))
            }
            Turn::Tell => self.tell_all(shift).await,
            Turn::Prune => self.prune(shift).await,
            Turn::GiveBack(claim) => self.store.give_back(&claim, Duration::ZERO).await,
            Turn::Begin(_) | Turn::Wait(_) | Turn::Done => Ok(()),
        };
        let Err(error) = done else { return Ok(()) };
        self.terms.store_failed(shift, error, self.mono())
    }

    async fn tell_all(&self, shift: &mut Shift) -> Result<(), StoreError> {
        let Some(tell) = &self.terms.tell else {
            shift.told(&[], 0, self.mono());
            return Ok(());
        };
        let events = self.store.untold(TOLD_AT_ONCE, TELL_AGAIN).await?;
        let mut told = 0;
        for event in &events {
            if self.terms.try_to_tell(&**tell, event) {
                self.store.told(event).await?;
                self.terms.show(&Seen::Told(event));
                told += 1;
            }
        }
        shift.told(&events, told, self.mono());
        Ok(())
    }

    async fn prune(&self, shift: &mut Shift) -> Result<(), StoreError> {
        let Some(age) = self.terms.policy.retention else {
            return Ok(());
        };
        let old = self.store.old(age, PRUNED_AT_ONCE).await?;
        let (forgotten, failed) = self.terms.forget_all(old);
        self.store.erase(&forgotten).await?;
        self.terms.pruned(shift, &forgotten, self.mono());
        failed
    }

    /// Works off one claim.
    async fn work(&self, claim: Claim) -> Report {
        let transport = self.client.transport();
        let mut step = self.terms.begin(claim, transport.now());
        loop {
            step = match step {
                Step::Intend(intent, next) => {
                    next.intended(self.store.intend(&intent).await, transport.now())
                }
                Step::Ask(call, next) => next.answered(self.client.call_with(call).await, transport.now()),
                Step::Fetch(link, next) => next.fetched(
                    self.client
                        .download_with(&link, &self.terms.policy.download)
                        .await,
                ),
                Step::Keep(keepsake, next) => next.kept(self.terms.sink.keep(&keepsake)),
                Step::Settle(attempt, settlement, next) => {
                    next.settled(self.store.settle(attempt, &settlement).await)
                }
                Step::Pause(pause, next) => {
                    transport.sleep(pause).await;
                    next.resume()
                }
                Step::Done(report) => return report,
            }
        }
    }

    fn mono(&self) -> Duration {
        self.client.transport().now().mono
    }
}

/// What a runner waited for.
enum Came {
    Report(Report),
    News,
    Nothing,
}

/// What comes first: the end of one of those under way, news, or the end of the sleep.
async fn next<R: Future<Output = Report>, N, S>(
    running: &mut FuturesUnordered<R>,
    sleep: impl Future<Output = Either<N, S>>,
) -> Came {
    let sleep = pin!(sleep);
    let ended = async {
        match running.next().await {
            Some(report) => report,
            None => std::future::pending().await,
        }
    };
    match select(pin!(ended), sleep).await {
        Either::Left((report, _)) => Came::Report(report),
        Either::Right((Either::Left(_), _)) => Came::News,
        Either::Right((Either::Right(_), _)) => Came::Nothing,
    }
}

/// What comes first: the output, or the stop, unless that came before.
async fn until<F: Future>(
    future: F,
    stop: impl Future<Output = ()>,
    stopped: bool,
) -> (Option<F::Output>, bool) {
    let future = pin!(future);
    if stopped {
        return (Some(future.await), false);
    }
    match select(future, pin!(stop)).await {
        Either::Left((output, _)) => (Some(output), false),
        Either::Right(((), _)) => (None, true),
    }
}

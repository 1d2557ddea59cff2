//! The runner for threads.

use std::fmt;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use advance_core::{Client, SignatureId, Transport};

use super::observe::show;
use super::shift::{CLAIM_LEASE, PRUNED_AT_ONCE, TOLD_AT_ONCE};
use super::{Observe, Pace, RunError, Seen, Shift, Stop, Tell, Turn};
use crate::job::{Job, Report, Step};
use crate::sink::{Discard, Sink};
use crate::{AttemptId, Claim, Nudged, Pending, Policy, Store, StoreError, StoreErrorKind, Wanted};

/// Collects verifications with threads. Several may work on one store, in one process or in many.
pub struct Collector<T, S> {
    client: Client<T>,
    store: S,
    policy: Arc<Policy>,
    sink: Arc<dyn Sink>,
    tell: Option<Arc<dyn Tell>>,
    observer: Option<Arc<dyn Observe>>,
}

impl<T, S> fmt::Debug for Collector<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

impl<T: Transport + Send + Sync, S: Store> Collector<T, S> {
    /// A collector of this account's verifications, over this store. It keeps no reply and no picture until it is given a
    /// [sink](Self::sink).
    pub fn new(client: Client<T>, store: S, policy: Policy) -> Self {
        Self {
            client,
            store,
            policy: Arc::new(policy),
            sink: Arc::new(Discard),
            tell: None,
            observer: None,
        }
    }

    /// Gives replies and pictures to this sink.
    #[must_use]
    pub fn sink(mut self, sink: impl Sink + 'static) -> Self {
        self.sink = Arc::new(sink);
        self
    }

    /// Tells outcomes here. Without it they stay in the store until another runner tells them.
    #[must_use]
    pub fn tell(mut self, tell: impl Tell + 'static) -> Self {
        self.tell = Some(Arc::new(tell));
        self
    }

    /// Lets this observer see what the runner does.
    #[must_use]
    pub fn observer(mut self, observer: impl Observe + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
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
    pub fn add(&self, pending: &Pending) -> Result<bool, StoreError> {
        Ok(self.store.add(std::slice::from_ref(pending))? == 1)
    }

    /// The person is back: asks about this verification now.
    ///
    /// # Errors
    /// Of the store.
    pub fn nudge(&self, signature_id: &SignatureId) -> Result<Nudged, StoreError> {
        self.store.nudge(signature_id)
    }

    /// Forgets a verification, in the store and in the sink. Says whether there was one.
    ///
    /// # Errors
    /// Of the store, or [`StoreErrorKind::Other`] with the sink's.
    pub fn erase(&self, signature_id: &SignatureId) -> Result<bool, StoreError> {
        self.sink.forget(signature_id).map_err(sink_failed)?;
        self.store.erase(signature_id)
    }

    /// Works on one verification if it is due: asks about it, or fetches its pictures. For a queue that an application has
    /// already: calling this twice for one id, at the same time or after a crash, sends nothing twice.
    ///
    /// # Errors
    /// Of the store.
    pub fn work_on(&self, signature_id: &SignatureId) -> Result<Vec<Report>, StoreError> {
        self.store.sweep(self.policy.doubts)?;
        let claims = self
            .store
            .claim(&Wanted::new(3, CLAIM_LEASE).only(signature_id.clone()))?;
        Ok(claims.into_iter().map(|claim| self.work(claim)).collect())
    }

    /// Works until it is stopped, or until all is done if the pace says so. What is under way then is seen to its end.
    ///
    /// # Errors
    /// A [`RunError`], if going on makes no sense.
    pub fn run(&self, pace: Pace, stop: &Stop) -> Result<(), RunError> {
        thread::scope(|scope| {
            let (jobs, queue) = channel();
            let (reports, ended) = channel();
            let queue = Arc::new(Mutex::new(queue));
            for _ in 0..pace.concurrency.get() {
                let (queue, reports) = (Arc::clone(&queue), reports.clone());
                scope.spawn(move || self.serve(&queue, &reports));
            }
            drop(reports);
            self.shift(pace, stop, &jobs, &ended)
        })
    }

    fn serve(&self, queue: &Mutex<Receiver<Claim>>, reports: &Sender<Report>) {
        loop {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(claim) = next else { return };
            if reports.send(self.work(claim)).is_err() {
                return;
            }
        }
    }

    fn shift(
        &self,
        pace: Pace,
        stop: &Stop,
        jobs: &Sender<Claim>,
        ended: &Receiver<Report>,
    ) -> Result<(), RunError> {
        let mut shift = Shift::new(pace, self.policy.retention.is_some());
        let mut failed = None;
        loop {
            if stop.is_stopped() {
                shift.stop();
            }
            while let Ok(report) = ended.try_recv() {
                self.hear(&mut shift, &report);
            }
            let turn = shift.turn(self.mono());
            let done = match turn {
                Turn::Begin(claim) => {
                    // The threads live as long as this loop.
                    drop(jobs.send(claim));
                    Ok(())
                }
                Turn::Wait(pause) => {
                    match ended.recv_timeout(pause) {
                        Ok(report) => self.hear(&mut shift, &report),
                        Err(RecvTimeoutError::Timeout) => {}
                        Err(RecvTimeoutError::Disconnected) => shift.stop(),
                    }
                    Ok(())
                }
                Turn::Done => return failed.map_or(Ok(()), Err),
                turn => self.carry_out(pace, turn, &mut shift),
            };
            if let Err(error) = done {
                shift.stop();
                failed = failed.or(Some(error));
            }
        }
    }

    fn hear(&self, shift: &mut Shift, report: &Report) {
        self.show(&Seen::Worked(report));
        shift.ended(report, self.mono());
    }

    fn carry_out(&self, pace: Pace, turn: Turn, shift: &mut Shift) -> Result<(), RunError> {
        let done = match turn {
            Turn::Token => return self.see_to_a_token(shift),
            Turn::Sweep => self.store.sweep(self.policy.doubts).map(|found| {
                if found > 0 {
                    self.show(&Seen::Swept(found));
                }
                shift.swept(found, self.mono());
            }),
            Turn::Claim(limit) => self
                .store
                .claim(&Wanted::new(limit, pace.claims))
                .map(|claims| shift.claimed(claims, self.mono())),
            Turn::Look => self
                .store
                .rest()
                .map(|rest| shift.rest(self.rest(rest), self.mono())),
            Turn::Tell => self.tell_all(shift),
            Turn::Prune => self.prune(shift),
            Turn::GiveBack(claim) => self.store.give_back(&claim, std::time::Duration::ZERO),
            Turn::Begin(_) | Turn::Wait(_) | Turn::Done => Ok(()),
        };
        let Err(error) = done else { return Ok(()) };
        self.show(&Seen::Store(&error));
        shift.store_failed(self.mono());
        match error.kind() {
            StoreErrorKind::Unavailable | StoreErrorKind::Full | StoreErrorKind::Other => Ok(()),
            _ => Err(RunError::Store(error)),
        }
    }

    /// What is left for this runner: without somebody to tell, outcomes stay where they are.
    fn rest(&self, rest: crate::Rest) -> crate::Rest {
        crate::Rest::new(rest.due, rest.untold.filter(|_| self.tell.is_some()))
    }

    fn see_to_a_token(&self, shift: &mut Shift) -> Result<(), RunError> {
        match self.client.token() {
            Ok(_) => shift.token(true, self.mono()),
            Err(error) => {
                self.show(&Seen::NoToken(&error));
                shift.token(false, self.mono());
                if super::is_hopeless(&error) {
                    return Err(RunError::Account(error));
                }
            }
        }
        Ok(())
    }

    fn tell_all(&self, shift: &mut Shift) -> Result<(), StoreError> {
        let Some(tell) = &self.tell else {
            shift.told(&[], 0, self.mono());
            return Ok(());
        };
        let events = self.store.untold(TOLD_AT_ONCE, super::TELL_AGAIN)?;
        let mut told = 0;
        for event in &events {
            if super::try_to_tell(&**tell, event) {
                self.store.told(event)?;
                self.show(&Seen::Told(event));
                told += 1;
            } else {
                self.show(&Seen::NotTold(event));
            }
        }
        shift.told(&events, told, self.mono());
        Ok(())
    }

    fn prune(&self, shift: &mut Shift) -> Result<(), StoreError> {
        let Some(age) = self.policy.retention else {
            return Ok(());
        };
        let forgotten = self.store.prune(age, PRUNED_AT_ONCE)?;
        for id in &forgotten {
            self.sink.forget(id).map_err(sink_failed)?;
            self.show(&Seen::Pruned(id));
        }
        shift.pruned(forgotten.len(), self.mono());
        Ok(())
    }

    /// Works off one claim.
    fn work(&self, claim: Claim) -> Report {
        let transport = self.client.transport();
        let attempt = AttemptId::random();
        let entropy = crate::attempt::random();
        let mut step = Job::begin(claim, Arc::clone(&self.policy), attempt, entropy, transport.now());
        loop {
            step = match step {
                Step::Intend(intent, next) => next.intended(self.store.intend(&intent), transport.now()),
                Step::Ask(call, next) => next.answered(self.client.call_with(call), transport.now()),
                Step::Fetch(link, next) => {
                    next.fetched(self.client.download_with(&link, &self.policy.download))
                }
                Step::Keep(keepsake, next) => next.kept(self.sink.keep(&keepsake)),
                Step::Settle(attempt, settlement, next) => {
                    next.settled(self.store.settle(attempt, &settlement))
                }
                Step::Pause(pause, next) => {
                    transport.sleep(pause);
                    next.resume()
                }
                Step::Done(report) => return report,
            }
        }
    }

    fn mono(&self) -> std::time::Duration {
        self.client.transport().now().mono
    }

    fn show(&self, seen: &Seen<'_>) {
        show(self.observer.as_deref(), seen);
    }
}

fn sink_failed(error: crate::sink::SinkError) -> StoreError {
    StoreError::new(StoreErrorKind::Other).with_source(error)
}

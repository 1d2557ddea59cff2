//! A store for threads, for tasks: it gets a thread of its own.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use advance_core::SignatureId;
use async_trait::async_trait;
use futures_channel::oneshot;

use super::{
    AsyncStore, Claim, Event, Intended, Intent, Nudged, Record, Rest, Settled, Settlement, Status, Store,
    StoreError, StoreErrorKind, Wanted, Watch,
};
use crate::{AttemptId, Pending};

type Job<S> = Box<dyn FnOnce(&S) + Send>;

/// Makes an [`AsyncStore`] of a [`Store`] for any runtime: the store lives on a thread of its own, which ends with the last
/// clone. A future that is dropped does not stop what it began.
pub struct OnThread<S>(Sender<Job<S>>);

impl<S> Clone for OnThread<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S> fmt::Debug for OnThread<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnThread").finish_non_exhaustive()
    }
}

impl<S: Store + 'static> OnThread<S> {
    /// Starts the thread.
    ///
    /// # Errors
    /// [`StoreErrorKind::Other`] if the system gives no thread.
    pub fn new(store: S) -> Result<Self, StoreError> {
        let (jobs, queue) = channel();
        thread::Builder::new()
            .name("advance-store".into())
            .spawn(move || serve(&store, &queue))
            .map_err(|error| StoreError::new(StoreErrorKind::Other).with_source(error))?;
        Ok(Self(jobs))
    }

    async fn run<R: Send + 'static>(
        &self,
        job: impl FnOnce(&S) -> Result<R, StoreError> + Send + 'static,
    ) -> Result<R, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job: Job<S> = Box::new(move |store| {
            // A caller that no longer waits is no failure.
            drop(answer.send(job(store)));
        });
        self.0
            .send(job)
            .map_err(|_| StoreError::new(StoreErrorKind::Closed))?;
        answered
            .await
            .unwrap_or_else(|_| Err(StoreError::new(StoreErrorKind::Other)))
    }
}

fn serve<S>(store: &S, queue: &Receiver<Job<S>>) {
    while let Ok(job) = queue.recv() {
        // A store that panics fails this job and lives for the next; its caller hears that the answer is gone.
        drop(catch_unwind(AssertUnwindSafe(|| job(store))));
    }
}

#[async_trait]
impl<S: Store + 'static> AsyncStore for OnThread<S> {
    async fn add(&self, pending: &[Pending]) -> Result<u64, StoreError> {
        let pending = pending.to_vec();
        self.run(move |store| store.add(&pending)).await
    }

    async fn claim(&self, wanted: &Wanted) -> Result<Vec<Claim>, StoreError> {
        let wanted = wanted.clone();
        self.run(move |store| store.claim(&wanted)).await
    }

    async fn give_back(&self, claim: &Claim, after: Duration) -> Result<(), StoreError> {
        let claim = claim.clone();
        self.run(move |store| store.give_back(&claim, after)).await
    }

    async fn intend(&self, intent: &Intent) -> Result<Intended, StoreError> {
        let intent = intent.clone();
        self.run(move |store| store.intend(&intent)).await
    }

    async fn settle(&self, attempt: AttemptId, settlement: &Settlement) -> Result<Settled, StoreError> {
        let settlement = settlement.clone();
        self.run(move |store| store.settle(attempt, &settlement)).await
    }

    async fn sweep(&self, doubts_allowed: u32) -> Result<u64, StoreError> {
        self.run(move |store| store.sweep(doubts_allowed)).await
    }

    async fn nudge(&self, signature_id: &SignatureId) -> Result<Nudged, StoreError> {
        let id = signature_id.clone();
        self.run(move |store| store.nudge(&id)).await
    }

    async fn ask_again(&self, signature_id: &SignatureId) -> Result<bool, StoreError> {
        let id = signature_id.clone();
        self.run(move |store| store.ask_again(&id)).await
    }

    async fn rest(&self) -> Result<Rest, StoreError> {
        self.run(Store::rest).await
    }

    async fn untold(&self, limit: usize, again_after: Duration) -> Result<Vec<Event>, StoreError> {
        self.run(move |store| store.untold(limit, again_after)).await
    }

    async fn told(&self, event: &Event) -> Result<(), StoreError> {
        let event = event.clone();
        self.run(move |store| store.told(&event)).await
    }

    async fn status(&self) -> Result<Status, StoreError> {
        self.run(Store::status).await
    }

    async fn get(&self, signature_id: &SignatureId) -> Result<Option<Record>, StoreError> {
        let id = signature_id.clone();
        self.run(move |store| store.get(&id)).await
    }

    async fn list(&self, after: Option<&SignatureId>, limit: usize) -> Result<Vec<Record>, StoreError> {
        let after = after.cloned();
        self.run(move |store| store.list(after.as_ref(), limit)).await
    }

    async fn old(&self, age: Duration, limit: usize) -> Result<Vec<SignatureId>, StoreError> {
        self.run(move |store| store.old(age, limit)).await
    }

    async fn erase(&self, ids: &[SignatureId]) -> Result<u64, StoreError> {
        let ids = ids.to_vec();
        self.run(move |store| store.erase(&ids)).await
    }

    fn watch(&self, watch: &Arc<Watch>) {
        let watch = Arc::downgrade(watch);
        let job: Job<S> = Box::new(move |store| {
            if let Some(watch) = watch.upgrade() {
                store.watch(&watch);
            }
        });
        // A store that is gone has no news.
        drop(self.0.send(job));
    }
}

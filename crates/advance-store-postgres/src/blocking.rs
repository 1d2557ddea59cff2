//! The same store for threads: it brings a small runtime of its own.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use advance_collector::rate::{AsyncRateStore, Rate, RateStore, Slot};
use advance_collector::store::Watch;
use advance_collector::{
    AsyncStore, AttemptId, Claim, Event, Intended, Intent, Nudged, Pending, Record, Rest, Settled,
    Settlement, Status, Store, StoreError, StoreErrorKind, Wanted,
};
use advance_core::SignatureId;
use tokio::runtime::{Builder, Runtime};

use crate::{PostgresOptions, PostgresStore};

/// A [`PostgresStore`] for threads. Its connections live on one thread of its own.
pub struct BlockingPostgresStore {
    store: PostgresStore,
    runtime: Background,
}

impl fmt::Debug for BlockingPostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockingPostgresStore").finish_non_exhaustive()
    }
}

/// A runtime that may be dropped anywhere, on a thread of another runtime too.
struct Background(Option<Runtime>);

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Background {
    fn new() -> Result<Self, StoreError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("advance-postgres")
            .enable_all()
            .build()
            .map_err(|error| StoreError::new(StoreErrorKind::Other).with_source(error))?;
        Ok(Self(Some(runtime)))
    }

    /// Waits for it. Unlike `block_on`, this may be called on a thread of another runtime, which it holds up.
    fn wait<R: Send + 'static>(
        &self,
        work: impl Future<Output = Result<R, StoreError>> + Send + 'static,
    ) -> Result<R, StoreError> {
        let (answer, answered) = sync_channel(1);
        let Some(runtime) = &self.0 else {
            return Err(StoreError::new(StoreErrorKind::Closed));
        };
        runtime.spawn(async move {
            // The caller is waiting for it.
            drop(answer.send(work.await));
        });
        answered
            .recv()
            .unwrap_or_else(|_| Err(StoreError::new(StoreErrorKind::Other)))
    }
}

impl BlockingPostgresStore {
    pub(crate) fn open(options: PostgresOptions) -> Result<Self, StoreError> {
        let runtime = Background::new()?;
        let store = runtime.wait(async move { options.connect().await })?;
        Ok(Self { store, runtime })
    }

    /// Takes one protection away, to see whether anybody notices.
    #[cfg(feature = "sabotage")]
    #[must_use]
    pub fn sabotaged(mut self, protection: Option<advance_collector::row::Protection>) -> Self {
        self.store = self.store.sabotaged(protection);
        self
    }

    pub(crate) fn run<R: Send + 'static, F>(
        &self,
        work: impl FnOnce(PostgresStore) -> F,
    ) -> Result<R, StoreError>
    where
        F: Future<Output = Result<R, StoreError>> + Send + 'static,
    {
        self.runtime.wait(work(self.store.clone()))
    }
}

impl Store for BlockingPostgresStore {
    fn add(&self, pending: &[Pending]) -> Result<u64, StoreError> {
        let pending = pending.to_vec();
        self.run(|store| async move { store.add(&pending).await })
    }

    fn claim(&self, wanted: &Wanted) -> Result<Vec<Claim>, StoreError> {
        let wanted = wanted.clone();
        self.run(|store| async move { store.claim(&wanted).await })
    }

    fn give_back(&self, claim: &Claim, after: Duration) -> Result<(), StoreError> {
        let claim = claim.clone();
        self.run(|store| async move { store.give_back(&claim, after).await })
    }

    fn intend(&self, intent: &Intent) -> Result<Intended, StoreError> {
        let intent = intent.clone();
        self.run(|store| async move { store.intend(&intent).await })
    }

    fn settle(&self, attempt: AttemptId, settlement: &Settlement) -> Result<Settled, StoreError> {
        let settlement = settlement.clone();
        self.run(|store| async move { store.settle(attempt, &settlement).await })
    }

    fn sweep(&self, doubts_allowed: u32) -> Result<u64, StoreError> {
        self.run(|store| async move { store.sweep(doubts_allowed).await })
    }

    fn nudge(&self, signature_id: &SignatureId) -> Result<Nudged, StoreError> {
        let id = signature_id.clone();
        self.run(|store| async move { store.nudge(&id).await })
    }

    fn ask_again(&self, signature_id: &SignatureId) -> Result<bool, StoreError> {
        let id = signature_id.clone();
        self.run(|store| async move { store.ask_again(&id).await })
    }

    fn rest(&self) -> Result<Rest, StoreError> {
        self.run(|store| async move { store.rest().await })
    }

    fn untold(&self, limit: usize, again_after: Duration) -> Result<Vec<Event>, StoreError> {
        self.run(|store| async move { store.untold(limit, again_after).await })
    }

    fn told(&self, event: &Event) -> Result<(), StoreError> {
        let event = event.clone();
        self.run(|store| async move { store.told(&event).await })
    }

    fn status(&self) -> Result<Status, StoreError> {
        self.run(|store| async move { store.status().await })
    }

    fn get(&self, signature_id: &SignatureId) -> Result<Option<Record>, StoreError> {
        let id = signature_id.clone();
        self.run(|store| async move { store.get(&id).await })
    }

    fn list(&self, after: Option<&SignatureId>, limit: usize) -> Result<Vec<Record>, StoreError> {
        let after = after.cloned();
        self.run(|store| async move { store.list(after.as_ref(), limit).await })
    }

    fn old(&self, age: Duration, limit: usize) -> Result<Vec<SignatureId>, StoreError> {
        self.run(|store| async move { store.old(age, limit).await })
    }

    fn erase(&self, ids: &[SignatureId]) -> Result<u64, StoreError> {
        let ids = ids.to_vec();
        self.run(|store| async move { store.erase(&ids).await })
    }

    fn watch(&self, watch: &Arc<Watch>) {
        AsyncStore::watch(&self.store, watch);
    }
}

impl RateStore for BlockingPostgresStore {
    fn take(&self, name: &str, rate: &Rate, at_most: Duration, within: Duration) -> Result<Slot, StoreError> {
        let (name, rate) = (name.to_owned(), *rate);
        self.run(|store| async move { store.take(&name, &rate, at_most, within).await })
    }

    fn hold(&self, name: &str, pause: Duration, within: Duration) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.run(|store| async move { store.hold(&name, pause, within).await })
    }

    fn held(&self, name: &str, within: Duration) -> Result<Duration, StoreError> {
        let name = name.to_owned();
        self.run(|store| async move { store.held(&name, within).await })
    }
}

//! The same seam for tasks.

use std::sync::Arc;
use std::time::Duration;

use advance_core::SignatureId;
use async_trait::async_trait;

use super::{
    Claim, Event, Intended, Intent, Nudged, Record, Rest, Settled, Settlement, Status, Store, StoreError,
    Wanted, Watch,
};
use crate::{AttemptId, Pending};

/// A store for tasks; each method as that of [`Store`]. Dropping a future leaves the transaction done or not done, never
/// half.
#[async_trait]
pub trait AsyncStore: Send + Sync {
    /// As [`Store::add`].
    ///
    /// # Errors
    /// As there.
    async fn add(&self, pending: &[Pending]) -> Result<u64, StoreError>;

    /// As [`Store::claim`].
    ///
    /// # Errors
    /// As there.
    async fn claim(&self, wanted: &Wanted) -> Result<Vec<Claim>, StoreError>;

    /// As [`Store::give_back`].
    ///
    /// # Errors
    /// As there.
    async fn give_back(&self, claim: &Claim, after: Duration) -> Result<(), StoreError>;

    /// As [`Store::intend`].
    ///
    /// # Errors
    /// As there.
    async fn intend(&self, intent: &Intent) -> Result<Intended, StoreError>;

    /// As [`Store::settle`].
    ///
    /// # Errors
    /// As there.
    async fn settle(&self, attempt: AttemptId, settlement: &Settlement) -> Result<Settled, StoreError>;

    /// As [`Store::sweep`].
    ///
    /// # Errors
    /// As there.
    async fn sweep(&self, doubts_allowed: u32) -> Result<u64, StoreError>;

    /// As [`Store::nudge`].
    ///
    /// # Errors
    /// As there.
    async fn nudge(&self, signature_id: &SignatureId) -> Result<Nudged, StoreError>;

    /// As [`Store::ask_again`].
    ///
    /// # Errors
    /// As there.
    async fn ask_again(&self, signature_id: &SignatureId) -> Result<bool, StoreError>;

    /// As [`Store::rest`].
    ///
    /// # Errors
    /// As there.
    async fn rest(&self) -> Result<Rest, StoreError>;

    /// As [`Store::untold`].
    ///
    /// # Errors
    /// As there.
    async fn untold(&self, limit: usize, again_after: Duration) -> Result<Vec<Event>, StoreError>;

    /// As [`Store::told`].
    ///
    /// # Errors
    /// As there.
    async fn told(&self, event: &Event) -> Result<(), StoreError>;

    /// As [`Store::status`].
    ///
    /// # Errors
    /// As there.
    async fn status(&self) -> Result<Status, StoreError>;

    /// As [`Store::get`].
    ///
    /// # Errors
    /// As there.
    async fn get(&self, signature_id: &SignatureId) -> Result<Option<Record>, StoreError>;

    /// As [`Store::list`].
    ///
    /// # Errors
    /// As there.
    async fn list(&self, after: Option<&SignatureId>, limit: usize) -> Result<Vec<Record>, StoreError>;

    /// As [`Store::old`].
    ///
    /// # Errors
    /// As there.
    async fn old(&self, age: Duration, limit: usize) -> Result<Vec<SignatureId>, StoreError>;

    /// As [`Store::erase`].
    ///
    /// # Errors
    /// As there.
    async fn erase(&self, ids: &[SignatureId]) -> Result<u64, StoreError>;

    /// As [`Store::watch`].
    fn watch(&self, watch: &Arc<Watch>) {
        // No store has to hear of anything.
        let _ = watch;
    }
}

macro_rules! forward {
    ($($owner:ty),*) => {$(
        impl<T: Store + ?Sized> Store for $owner {
            fn add(&self, pending: &[Pending]) -> Result<u64, StoreError> {
                (**self).add(pending)
            }

            fn claim(&self, wanted: &Wanted) -> Result<Vec<Claim>, StoreError> {
                (**self).claim(wanted)
            }

            fn give_back(&self, claim: &Claim, after: Duration) -> Result<(), StoreError> {
                (**self).give_back(claim, after)
            }

            fn intend(&self, intent: &Intent) -> Result<Intended, StoreError> {
                (**self).intend(intent)
            }

            fn settle(&self, attempt: AttemptId, settlement: &Settlement) -> Result<Settled, StoreError> {
                (**self).settle(attempt, settlement)
            }

            fn sweep(&self, doubts_allowed: u32) -> Result<u64, StoreError> {
                (**self).sweep(doubts_allowed)
            }

            fn nudge(&self, signature_id: &SignatureId) -> Result<Nudged, StoreError> {
                (**self).nudge(signature_id)
            }

            fn ask_again(&self, signature_id: &SignatureId) -> Result<bool, StoreError> {
                (**self).ask_again(signature_id)
            }

            fn rest(&self) -> Result<Rest, StoreError> {
                (**self).rest()
            }

            fn untold(&self, limit: usize, again_after: Duration) -> Result<Vec<Event>, StoreError> {
                (**self).untold(limit, again_after)
            }

            fn told(&self, event: &Event) -> Result<(), StoreError> {
                (**self).told(event)
            }

            fn status(&self) -> Result<Status, StoreError> {
                (**self).status()
            }

            fn get(&self, signature_id: &SignatureId) -> Result<Option<Record>, StoreError> {
                (**self).get(signature_id)
            }

            fn list(&self, after: Option<&SignatureId>, limit: usize) -> Result<Vec<Record>, StoreError> {
                (**self).list(after, limit)
            }

            fn old(&self, age: Duration, limit: usize) -> Result<Vec<SignatureId>, StoreError> {
                (**self).old(age, limit)
            }

            fn erase(&self, ids: &[SignatureId]) -> Result<u64, StoreError> {
                (**self).erase(ids)
            }

            fn watch(&self, watch: &Arc<Watch>) {
                (**self).watch(watch);
            }
        }

        #[async_trait]
        impl<T: AsyncStore + ?Sized> AsyncStore for $owner {
            async fn add(&self, pending: &[Pending]) -> Result<u64, StoreError> {
                (**self).add(pending).await
            }

            async fn claim(&self, wanted: &Wanted) -> Result<Vec<Claim>, StoreError> {
                (**self).claim(wanted).await
            }

            async fn give_back(&self, claim: &Claim, after: Duration) -> Result<(), StoreError> {
                (**self).give_back(claim, after).await
            }

            async fn intend(&self, intent: &Intent) -> Result<Intended, StoreError> {
                (**self).intend(intent).await
            }

            async fn settle(&self, attempt: AttemptId, settlement: &Settlement) -> Result<Settled, StoreError> {
                (**self).settle(attempt, settlement).await
            }

            async fn sweep(&self, doubts_allowed: u32) -> Result<u64, StoreError> {
                (**self).sweep(doubts_allowed).await
            }

            async fn nudge(&self, signature_id: &SignatureId) -> Result<Nudged, StoreError> {
                (**self).nudge(signature_id).await
            }

            async fn ask_again(&self, signature_id: &SignatureId) -> Result<bool, StoreError> {
                (**self).ask_again(signature_id).await
            }

            async fn rest(&self) -> Result<Rest, StoreError> {
                (**self).rest().await
            }

            async fn untold(&self, limit: usize, again_after: Duration) -> Result<Vec<Event>, StoreError> {
                (**self).untold(limit, again_after).await
            }

            async fn told(&self, event: &Event) -> Result<(), StoreError> {
                (**self).told(event).await
            }

            async fn status(&self) -> Result<Status, StoreError> {
                (**self).status().await
            }

            async fn get(&self, signature_id: &SignatureId) -> Result<Option<Record>, StoreError> {
                (**self).get(signature_id).await
            }

            async fn list(&self, after: Option<&SignatureId>, limit: usize) -> Result<Vec<Record>, StoreError> {
                (**self).list(after, limit).await
            }

            async fn old(&self, age: Duration, limit: usize) -> Result<Vec<SignatureId>, StoreError> {
                (**self).old(age, limit).await
            }

            async fn erase(&self, ids: &[SignatureId]) -> Result<u64, StoreError> {
                (**self).erase(ids).await
            }

            fn watch(&self, watch: &Arc<Watch>) {
                (**self).watch(watch);
            }
        }
    )*};
}

forward!(Arc<T>, Box<T>, &T);

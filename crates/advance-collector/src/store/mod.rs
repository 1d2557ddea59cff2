//! The seam to a database: what a store is asked to do, in which words, and what it must keep.
//!
//! [`Store`] is for threads, [`AsyncStore`] for tasks; [`OnThread`] makes the second of the first. Whether an
//! implementation keeps all of this is what the module `stores` of `advance-conformance` finds out.
//!
//! - **Only the store's clock** decides what is due and which lease is over. No time of a caller's enters it, but for the
//!   end of a link, which is the vendor's.
//! - Every method is one transaction. What it answers is committed. If it fails, it may have been committed or not; each
//!   is safe to call again.
//! - [`Store::intend`] and [`Store::settle`] survive a power cut once they have answered.
//! - Nothing personal enters it, but for the links to pictures that are still to be fetched: a store forgets each as soon
//!   as its picture is kept or lost.

mod asynchronous;
mod error;
mod on_thread;
mod values;

use std::sync::Arc;
use std::time::Duration;

use advance_core::SignatureId;

pub use asynchronous::AsyncStore;
pub use error::{StoreError, StoreErrorKind};
pub use on_thread::OnThread;
pub use values::{
    Claim, Event, Fence, Intended, Intent, Kind, Nudged, PictureRecord, PictureState, Progress, Record, Rest,
    Settled, Settlement, Status, Then, Wanted, WantedPicture, Work,
};

use crate::{AttemptId, Pending};

/// A store for threads.
pub trait Store: Send + Sync {
    /// Remembers these. One that is known already stays as it is. Says how many are new.
    ///
    /// # Errors
    /// A [`StoreError`] of the database's.
    fn add(&self, pending: &[Pending]) -> Result<u64, StoreError>;

    /// Hands out what is due, pictures first, then the longest due. What is claimed is held by one process until its lease is
    /// over, and each claim has a higher [`Fence`] than all before it of the same verification and kind.
    ///
    /// # Errors
    /// A [`StoreError`] of the database's.
    fn claim(&self, wanted: &Wanted) -> Result<Vec<Claim>, StoreError>;

    /// Takes back a claim before anything was intended: it is due again after this pause. Nothing happens if the claim is
    /// no longer the latest.
    ///
    /// # Errors
    /// A [`StoreError`] of the database's.
    fn give_back(&self, claim: &Claim, after: Duration) -> Result<(), StoreError>;

    /// Commits that an attempt is about to be made, and gives it a lease. A claim whose fence is no longer the latest, or
    /// that has an attempt already, is fenced off: nothing may be sent for it.
    ///
    /// # Errors
    /// A [`StoreError`] of the database's. Nothing may be sent then.
    fn intend(&self, intent: &Intent) -> Result<Intended, StoreError>;

    /// Books how an attempt ended, by its name and once, with its cost and with all that follows. An attempt that was
    /// given up as a doubt before is booked as well: its cost is no longer unknown, and if its verification is still
    /// without a result, what came is its outcome.
    ///
    /// # Errors
    /// A [`StoreError`] of the database's.
    fn settle(&self, attempt: AttemptId, settlement: &Settlement) -> Result<Settled, StoreError>;

    /// Looks for attempts whose lease is over: their senders have vanished. What may have cost something is a doubt of
    /// unknown cost: its verification is due again while it has had no more than `doubts_allowed` of them, and ends as
    /// unsure after that. A picture that was being fetched is due again. Says how many attempts it found.
    ///
    /// # Errors
    /// A [`StoreError`] of the database's.
    fn sweep(&self, doubts_allowed: u32) -> Result<u64, StoreError>;

    /// The person is back: this verification is due now, and asked about at short intervals again. If an attempt is under
    /// way, no other begins beside it.
    ///
    /// # Errors
    /// A [`StoreError`] of the database's.
    fn nudge(&self, signature_id: &SignatureId) -> Result<Nudged, StoreError>;

    /// Asks again about a verification that ended as unsure, though it may be charged a second time. Says whether it was
    /// one.
    ///
    /// # Errors
    /// A [`StoreError`] of the database's.
    fn ask_again(&self, signature_id: &SignatureId) -> Result<bool, StoreError>;

    /// What is left to do, and how long until then.
    ///
    /// # Errors
    /// A [`StoreError`] of the database's.
    fn rest(&self) -> Result<Rest, StoreError>;

    /// Outcomes that the application has not been told, at most `limit`. None of them comes again before `again_after`,
    /// and each comes until [`told`](Self::told) is called for it.
    ///
    /// # Errors
    /// A [`StoreError`] of the database's.
    fn untold(&self, limit: usize, again_after: Duration) -> Result<Vec<Event>, StoreError>;

    /// The application has this outcome.
    ///
    /// # Errors
    /// A [`StoreError`] of the database's.
    fn told(&self, event: &Event) -> Result<(), StoreError>;

    /// How many verifications stand where, and what all attempts cost, those of erased verifications included.
    ///
    /// # Errors
    /// A [`StoreError`] of the database's.
    fn status(&self) -> Result<Status, StoreError>;

    /// One verification.
    ///
    /// # Errors
    /// A [`StoreError`] of the database's.
    fn get(&self, signature_id: &SignatureId) -> Result<Option<Record>, StoreError>;

    /// Verifications by id, those after `after` if it is given, at most `limit`.
    ///
    /// # Errors
    /// A [`StoreError`] of the database's.
    fn list(&self, after: Option<&SignatureId>, limit: usize) -> Result<Vec<Record>, StoreError>;

    /// Verifications that ended so long ago, and of which the application was told, at most `limit`. They are to be
    /// [erased](Self::erase) after the sink has forgotten them: a crash in between loses no trace of what the sink holds.
    ///
    /// # Errors
    /// A [`StoreError`] of the database's.
    fn old(&self, age: Duration, limit: usize) -> Result<Vec<SignatureId>, StoreError>;

    /// Forgets verifications, in any state, in one transaction. Their cost stays in the sum; an attempt that is
    /// under way counts as of unknown cost. Says how many of them there were.
    ///
    /// # Errors
    /// A [`StoreError`] of the database's.
    fn erase(&self, ids: &[SignatureId]) -> Result<u64, StoreError>;

    /// From now on, calls this when another process has made something due all of a sudden, for as long as it lives
    /// elsewhere too: the store keeps a weak reference. A store that hears of nothing does nothing; its runners poll.
    fn watch(&self, watch: &Arc<Watch>) {
        // No store has to hear of anything.
        let _ = watch;
    }
}

/// Is called by a [`Store`] for news of other processes. It has to be quick.
pub type Watch = dyn Fn() + Send + Sync;

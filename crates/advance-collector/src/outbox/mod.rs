//! Outcomes on their way to a receiver that no process of ours is: letters, kept until they are taken.
//!
//! A collector's `tell` puts a [`NewLetter`] into an [`Outbox`], which is committed before it answers, and so each outcome is
//! sent at least once, although processes crash. Any number of workers may empty one outbox: a letter that is handed out to
//! one is handed out to no other before its lease is over. Two letters about one verification are sent in their order: the
//! second waits until the first is delivered or dead.
//!
//! The stores of SQLite and Postgres are outboxes as well; [`MemoryOutbox`] is one for tests. `advance-webhook` delivers what
//! is in them over HTTP.

mod letter;
mod memory;

use std::sync::Arc;
use std::time::Duration;

use advance_core::SignatureId;

pub use letter::{Letter, LetterCounts, LetterState, NewLetter};
pub use memory::MemoryOutbox;

use crate::StoreError;

/// The longest lease and the longest pause. What is due later than this was booked before the clock was set back, and is due
/// now.
pub const BEYOND: Duration = Duration::from_secs(2 * 24 * 3_600);

/// Where letters are kept. Its clock alone decides what is due.
///
/// Every method fails with a [`StoreError`] of the database's, and with nothing else.
#[expect(clippy::missing_errors_doc, reason = "said once, for all of them")]
pub trait Outbox: Send + Sync {
    /// Whether outcomes are to be put into it: since [`set_open`](Self::set_open), by whichever process collects them.
    fn is_open(&self) -> Result<bool, StoreError>;

    /// From now on outcomes are to be put into it, or no longer. It takes letters in either case.
    fn set_open(&self, open: bool) -> Result<(), StoreError>;

    /// Keeps a letter to be sent at once. One that is known already stays as it is. One that a later letter about the same
    /// verification has overtaken is not kept: it would come after it. Says whether it was kept.
    fn put(&self, letter: &NewLetter) -> Result<bool, StoreError>;

    /// Hands out at most `limit` letters that are due, those that have been due the longest. None of them is handed out again
    /// before the lease is over, and none whose verification has an earlier one that still waits.
    fn claim(&self, limit: usize, lease: Duration) -> Result<Vec<Letter>, StoreError>;

    /// The receiver took this letter.
    fn delivered(&self, letter: &Letter) -> Result<(), StoreError>;

    /// The receiver did not take this letter, which was handed out, for this reason. It is sent again after that pause, or is
    /// dead. Says whether it was booked: after its lease the letter may have been handed out again, and after
    /// [`resend`](Self::resend) it is sent anew, so that how this attempt failed is of no interest any longer.
    fn failed(&self, letter: &Letter, why: &str, again_after: Option<Duration>) -> Result<bool, StoreError>;

    /// How long until a letter can be handed out; nothing if none waits.
    fn next(&self) -> Result<Option<Duration>, StoreError>;

    /// How many letters stand where.
    fn counts(&self) -> Result<LetterCounts, StoreError>;

    /// Letters in this state, the oldest first, at most `limit`.
    fn list(&self, state: LetterState, limit: usize) -> Result<Vec<Letter>, StoreError>;

    /// One letter.
    fn get(&self, id: &str) -> Result<Option<Letter>, StoreError>;

    /// Sends this letter again at once and from the beginning of the schedule, whether it waits, is dead or was delivered. Says
    /// whether there is one.
    fn resend(&self, id: &str) -> Result<bool, StoreError>;

    /// Sends every dead letter again. Says how many there were.
    fn resend_dead(&self) -> Result<u64, StoreError>;

    /// Forgets every letter about a verification, whether it was delivered or not: for a person who is to be erased.
    fn forget(&self, signature_id: &SignatureId) -> Result<(), StoreError>;

    /// Forgets the letters about a verification that were delivered: for one that is only old. What waits is still to be
    /// sent, and what is dead may be sent again by hand.
    fn forget_delivered(&self, signature_id: &SignatureId) -> Result<(), StoreError>;

    /// Forgets letters that were delivered longer ago than this. Says how many there were.
    fn prune(&self, age: Duration) -> Result<u64, StoreError>;
}

impl<T: Outbox + ?Sized> Outbox for Arc<T> {
    fn is_open(&self) -> Result<bool, StoreError> {
        (**self).is_open()
    }

    fn set_open(&self, open: bool) -> Result<(), StoreError> {
        (**self).set_open(open)
    }

    fn put(&self, letter: &NewLetter) -> Result<bool, StoreError> {
        (**self).put(letter)
    }

    fn claim(&self, limit: usize, lease: Duration) -> Result<Vec<Letter>, StoreError> {
        (**self).claim(limit, lease)
    }

    fn delivered(&self, letter: &Letter) -> Result<(), StoreError> {
        (**self).delivered(letter)
    }

    fn failed(&self, letter: &Letter, why: &str, again_after: Option<Duration>) -> Result<bool, StoreError> {
        (**self).failed(letter, why, again_after)
    }

    fn next(&self) -> Result<Option<Duration>, StoreError> {
        (**self).next()
    }

    fn counts(&self) -> Result<LetterCounts, StoreError> {
        (**self).counts()
    }

    fn list(&self, state: LetterState, limit: usize) -> Result<Vec<Letter>, StoreError> {
        (**self).list(state, limit)
    }

    fn get(&self, id: &str) -> Result<Option<Letter>, StoreError> {
        (**self).get(id)
    }

    fn resend(&self, id: &str) -> Result<bool, StoreError> {
        (**self).resend(id)
    }

    fn resend_dead(&self) -> Result<u64, StoreError> {
        (**self).resend_dead()
    }

    fn forget(&self, signature_id: &SignatureId) -> Result<(), StoreError> {
        (**self).forget(signature_id)
    }

    fn forget_delivered(&self, signature_id: &SignatureId) -> Result<(), StoreError> {
        (**self).forget_delivered(signature_id)
    }

    fn prune(&self, age: Duration) -> Result<u64, StoreError> {
        (**self).prune(age)
    }
}

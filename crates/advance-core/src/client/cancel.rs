//! Ending a blocking wait from another thread.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::time::Duration;

/// Ends waits that were given it, from any thread. Clones are the same.
///
/// ```
/// use advance_core::Cancel;
///
/// let cancel = Cancel::new();
/// let elsewhere = cancel.clone();
/// std::thread::spawn(move || elsewhere.cancel()).join().unwrap();
/// assert!(cancel.is_cancelled());
/// ```
#[derive(Clone, Default)]
pub struct Cancel(Arc<Mutex<State>>);

impl fmt::Debug for Cancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The lock is not held while a stranger's writer writes.
        let cancelled = self.is_cancelled();
        f.debug_struct("Cancel").field("cancelled", &cancelled).finish()
    }
}

#[derive(Default)]
struct State {
    cancelled: bool,
    sleepers: Vec<Thread>,
}

impl Cancel {
    /// Not cancelled yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends every wait that was given this, and those that will be.
    pub fn cancel(&self) {
        let sleepers = {
            let mut state = self.lock();
            state.cancelled = true;
            std::mem::take(&mut state.sleepers)
        };
        for sleeper in sleepers {
            sleeper.unpark();
        }
    }

    /// Whether somebody has.
    pub fn is_cancelled(&self) -> bool {
        self.lock().cancelled
    }

    /// Sleeps this long, or until it is cancelled. `mono` tells the time.
    pub(super) fn sleep(&self, duration: Duration, mono: impl Fn() -> Duration) {
        let end = mono().saturating_add(duration);
        let _sleeper = self.sleeper();
        loop {
            let left = end.saturating_sub(mono());
            if left.is_zero() || self.is_cancelled() {
                return;
            }
            thread::park_timeout(left);
        }
    }

    /// This thread is unparked when it is cancelled, as long as what comes back lives.
    pub(super) fn sleeper(&self) -> Sleeper<'_> {
        self.lock().sleepers.push(thread::current());
        Sleeper(self)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread that may be parked.
pub(super) struct Sleeper<'a>(&'a Cancel);

impl Drop for Sleeper<'_> {
    fn drop(&mut self) {
        let this = thread::current().id();
        self.0.lock().sleepers.retain(|sleeper| sleeper.id() != this);
    }
}

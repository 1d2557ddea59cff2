//! Those who wait for news of a store.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Is called by a [`Store`](super::Store) for news of other processes. It has to be quick.
pub type Watch = dyn Fn() + Send + Sync;

/// Those who watch a store, for its implementation. They are not kept alive by it.
#[derive(Default)]
pub struct Watchers(Mutex<Vec<Weak<Watch>>>);

impl Watchers {
    /// Without a watcher.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more.
    pub fn add(&self, watch: &Arc<Watch>) {
        let mut watchers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        watchers.retain(|watcher| watcher.strong_count() > 0);
        watchers.push(Arc::downgrade(watch));
    }

    /// Calls all who are still there.
    pub fn call(&self) {
        let watchers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let there: Vec<_> = watchers.iter().filter_map(Weak::upgrade).collect();
        // What they do may lead here again.
        drop(watchers);
        for watcher in there {
            watcher();
        }
    }
}

impl fmt::Debug for Watchers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watchers").finish_non_exhaustive()
    }
}

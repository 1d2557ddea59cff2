//! What a runner does, for those who watch.

use std::panic::{AssertUnwindSafe, catch_unwind};

use advance_core::{Error, SignatureId};

use crate::job::Report;
use crate::{Event, StoreError};

/// Something a runner did or met.
#[derive(Debug)]
#[non_exhaustive]
pub enum Seen<'a> {
    /// A claim was worked off.
    Worked(&'a Report),
    /// So many attempts were found whose senders had vanished.
    Swept(u64),
    /// An outcome was told.
    Told(&'a Event),
    /// An outcome could not be told, and will be tried again.
    NotTold(&'a Event),
    /// A verification was forgotten because of its age.
    Pruned(&'a SignatureId),
    /// There is no token; it is tried again.
    NoToken(&'a Error),
    /// The store failed; it is tried again.
    Store(&'a StoreError),
}

/// Watches a runner.
pub trait Observe: Send + Sync {
    /// Sees this. A panic in it harms no call.
    fn see(&self, seen: &Seen<'_>);
}

impl<F: Fn(&Seen<'_>) + Send + Sync> Observe for F {
    fn see(&self, seen: &Seen<'_>) {
        self(seen);
    }
}

/// Lets the observer see it.
pub(super) fn show(observer: Option<&dyn Observe>, seen: &Seen<'_>) {
    let Some(observer) = observer else { return };
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| observer.see(seen))) {
        // What was panicked with may panic again when it is dropped.
        std::mem::forget(panic);
    }
}

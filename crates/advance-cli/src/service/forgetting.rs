//! What is kept beside the store is forgotten with it.

use std::sync::Arc;

use advance_collector::outbox::Outbox;
use advance_collector::sink::{Keepsake, Sink, SinkError};
use advance_core::SignatureId;

use super::ledger::Ledger;

/// A sink that forgets webhooks that were delivered, and links, together with what it keeps: a verification is forgotten for
/// its age, and its webhook may still wait.
pub(crate) struct Forgetting {
    pub(crate) inner: Box<dyn Sink>,
    pub(crate) outbox: Arc<dyn Outbox>,
    pub(crate) ledger: Arc<Ledger>,
}

impl Sink for Forgetting {
    fn keep(&self, keepsake: &Keepsake) -> Result<(), SinkError> {
        self.inner.keep(keepsake)
    }

    fn forget(&self, signature_id: &SignatureId) -> Result<(), SinkError> {
        self.outbox.forget_delivered(signature_id)?;
        self.ledger.forget(signature_id.as_str())?;
        self.inner.forget(signature_id)
    }
}

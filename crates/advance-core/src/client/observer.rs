//! Hearing what a client does.

use crate::session::Event;

/// Gets every [`Event`] of a client, after its lock is released.
///
/// It runs on the thread of the call, so it should be quick. If it panics, the panic is caught and the call goes on.
/// Events of concurrent calls may arrive in another order than they happened in.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn event(&self, event: &Event);
}

impl<F: Fn(&Event) + Send + Sync> Observer for F {
    fn event(&self, event: &Event) {
        self(event);
    }
}

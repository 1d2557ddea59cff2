//! One call, as it is handed to a session.

use std::time::Duration;

/// An endpoint to call, with what differs from the session's configuration for this once.
///
/// ```
/// use std::time::Duration;
/// use advance_core::{Call, GetResult, SignatureId};
///
/// let call = Call::new(GetResult::new(SignatureId::new("f302f5d2454a85c2")?))
///     .total(Duration::from_secs(5))
///     // Better charged twice than not known.
///     .retry_maybe_charged(true);
/// # Ok::<(), advance_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Call<E> {
    pub(super) endpoint: E,
    pub(super) total: Option<Duration>,
    pub(super) maybe_charged: Option<bool>,
}

impl<E> Call<E> {
    /// Calls this endpoint as the session is configured.
    pub const fn new(endpoint: E) -> Self {
        Self {
            endpoint,
            total: None,
            maybe_charged: None,
        }
    }

    /// The longest this call may take in all, instead of the policy's.
    #[must_use]
    pub const fn total(mut self, total: Duration) -> Self {
        self.total = Some(total);
        self
    }

    /// Whether this call is sent again when it may have been charged already, instead of the policy's word.
    #[must_use]
    pub const fn retry_maybe_charged(mut self, allowed: bool) -> Self {
        self.maybe_charged = Some(allowed);
        self
    }
}

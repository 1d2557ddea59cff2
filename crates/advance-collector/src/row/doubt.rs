//! An attempt whose cost is unknown.

use advance_core::{SignatureId, UnixMillis};

use crate::{AttemptId, Kind};

/// An attempt that was given up with its cost unknown. It stays known by its name: if its sender comes back after all, what
/// it brings is booked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Doubt {
    /// The attempt.
    pub attempt: AttemptId,
    /// Of which verification.
    pub signature_id: SignatureId,
    /// After what it was.
    pub kind: Kind,
    /// When it was given up, by the store's clock.
    pub at: UnixMillis,
    /// Whether it has been settled since.
    pub closed: bool,
}

impl Doubt {
    /// An attempt that is given up now.
    pub const fn new(attempt: AttemptId, signature_id: SignatureId, kind: Kind, at: UnixMillis) -> Self {
        Self {
            attempt,
            signature_id,
            kind,
            at,
            closed: false,
        }
    }
}

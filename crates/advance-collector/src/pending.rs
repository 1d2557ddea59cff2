//! What the application hands over.

use std::time::Duration;

use advance_core::{SignatureId, UnixMillis, VerificationLink};

/// How long after it was added a verification is first asked about, unless told otherwise. No person photographs a card
/// in less.
const FIRST: Duration = Duration::from_secs(3);

/// A verification to collect.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pending {
    /// Names it.
    pub signature_id: SignatureId,
    /// When its link ends, by the vendor's clock. An end that is more than a day away, either way, is not believed.
    pub link_ends: Option<UnixMillis>,
    /// How long after it was added it is first asked about.
    pub first_after: Duration,
}

impl Pending {
    /// The verification of this link.
    pub fn link(link: &VerificationLink) -> Self {
        Self::of(link.signature_id().clone()).link_ends(link.expires_at())
    }

    /// A verification whose link is no longer at hand. It is waited for as long as a link lives, by the document.
    pub const fn of(signature_id: SignatureId) -> Self {
        Self {
            signature_id,
            link_ends: None,
            first_after: FIRST,
        }
    }

    /// When its link ends.
    #[must_use]
    pub const fn link_ends(mut self, ends: UnixMillis) -> Self {
        self.link_ends = Some(ends);
        self
    }

    /// How long after it was added it is first asked about: 3 s unless told otherwise.
    #[must_use]
    pub const fn first_after(mut self, pause: Duration) -> Self {
        self.first_after = pause;
        self
    }
}

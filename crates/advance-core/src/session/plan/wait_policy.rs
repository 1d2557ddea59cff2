//! How to wait for a verification: how often, for how long, and what means "not yet".

use std::time::Duration;

use crate::domain::{Outcome, SignatureId, Verification, VerificationLink};
use crate::error::{Error, ErrorKind};
use crate::time::UnixMillis;
use crate::wire::CodeClass;

/// The least pause between two polls.
const LEAST_PAUSE: Duration = Duration::from_millis(100);

/// What counts as "not finished yet". A client asks it while it holds no lock.
///
/// Not documented, so it is a guess that a caller may replace: by default a reply whose `data` is missing, or whose
/// [verdict](crate::Verdict) is that it has not finished: no `idvCode`, and nothing else that was found. Who has seen the
/// vendor answer `SIGNATURE_NOT_EXIST` to a fresh id says so with [`WaitPolicy::signature_not_exist`].
pub type Unfinished = fn(Result<&Verification, &Error>) -> bool;

/// How to wait for a verification: how often to ask, for how long, and what means "not yet".
///
/// ```
/// use std::time::Duration;
/// use advance_core::{WaitPolicy, SignatureId};
///
/// let policy = WaitPolicy::of(SignatureId::new("f302f5d2454a85c2")?)
///     .backoff(Duration::from_secs(5), Duration::from_secs(60))
///     .total(Duration::from_secs(600));
/// # Ok::<(), advance_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct WaitPolicy {
    pub(super) signature_id: SignatureId,
    pub(super) link_ends: Option<UnixMillis>,
    pub(super) first: Duration,
    pub(super) cap: Duration,
    pub(super) total: Option<Duration>,
    signature_not_exist: bool,
    unfinished: Unfinished,
}

impl WaitPolicy {
    /// Waits for the verification of this link, until the link has ended and a poll after that was answered. If that
    /// cannot be had, it gives up two minutes later. An end that is more than a day away, either way, is not believed
    /// (the document's own sample is years old): then it waits as [`WaitPolicy::of`] does.
    pub fn link(link: &VerificationLink) -> Self {
        Self {
            link_ends: Some(link.expires_at()),
            ..Self::of(link.signature_id().clone())
        }
    }

    /// Waits for a verification whose link is no longer at hand, for an hour: as long as the document says a link
    /// lives.
    pub const fn of(signature_id: SignatureId) -> Self {
        Self {
            signature_id,
            link_ends: None,
            first: Duration::from_secs(3),
            cap: Duration::from_secs(30),
            total: None,
            signature_not_exist: false,
            unfinished: nothing_yet,
        }
    }

    /// The first pause between two polls, and the longest; each is twice the one before, a little jittered. 3 s and
    /// 30 s unless told, and no less than 100 ms: each poll may be charged.
    #[must_use]
    pub fn backoff(mut self, first: Duration, cap: Duration) -> Self {
        self.first = first.max(LEAST_PAUSE);
        self.cap = cap.max(LEAST_PAUSE);
        self
    }

    /// The longest to wait in all. It bounds the poll in flight as well.
    #[must_use]
    pub const fn total(mut self, total: Duration) -> Self {
        self.total = Some(total);
        self
    }

    /// Takes `SIGNATURE_NOT_EXIST` for "not yet" as well.
    #[must_use]
    pub const fn signature_not_exist(mut self, is_unfinished: bool) -> Self {
        self.signature_not_exist = is_unfinished;
        self
    }

    /// Replaces the rule for what is not finished. It sees each reply that is an answer, and each error that is.
    #[must_use]
    pub const fn unfinished(mut self, rule: Unfinished) -> Self {
        self.unfinished = rule;
        self
    }

    pub(super) fn is_unfinished(&self, result: Result<&Verification, &Error>) -> bool {
        let unknown_id = matches!(result, Err(error) if error.kind() == ErrorKind::Api(CodeClass::NotFound));
        (unknown_id && self.signature_not_exist) || (self.unfinished)(result)
    }
}

/// The default rule of [`WaitPolicy`].
pub fn nothing_yet(result: Result<&Verification, &Error>) -> bool {
    match result {
        Ok(verification) => verification.verdict().outcome == Outcome::NotFinished,
        Err(error) => error.kind() == ErrorKind::MissingData,
    }
}

//! How to wait for a verification: how often, for how long, and what means "not yet".

use std::fmt;
use std::time::Duration;

use super::callers_rule::WaitRule;
use crate::domain::{Outcome, SignatureId, Verification, VerificationLink};
use crate::error::{Error, ErrorKind};
use crate::time::UnixMillis;
use crate::wire::CodeClass;

/// The least pause between two polls.
const LEAST_PAUSE: Duration = Duration::from_millis(100);

/// The pause before the first poll of a wait for a fresh link.
const BEFORE_FIRST: Duration = Duration::from_secs(5);

/// How long after the end of a link its result may still come.
const GRACE: Duration = Duration::from_secs(60);

/// How many polls may be charged and bring nothing.
const CHARGED_POLLS: u32 = 5;

/// How to wait for a verification: how often to ask, for how long, and what means "not yet".
///
/// # What it costs if the person never finishes
///
/// With the defaults, a link of an hour is asked about some 125 times: after 5 s, then after pauses that double from 3 s
/// to 30 s, and three times in the minute after its end. A person needs one to five minutes, so a result is found half a
/// minute after it exists at the latest. A pause of 30 s costs the vendor and this machine next to nothing if a poll is
/// free. Whether it is free is not documented, so money has a limit of its own: the wait ends after
/// [five charged polls](Self::charged_polls) that brought nothing.
///
/// # A wait that survives a restart
///
/// A wait lives in memory. Store the `signatureId`, [`VerificationLink::expires_at`] and your own reference when the link
/// is made, before the person gets it. After a restart, take each unfinished one up again:
///
/// ```
/// use advance_core::{SignatureId, UnixMillis, WaitPolicy};
///
/// # let (stored_id, stored_end) = ("f302f5d2454a85c2", 1_790_003_600_000);
/// let policy = WaitPolicy::of(SignatureId::new(stored_id)?).link_ends(UnixMillis::new(stored_end));
/// # Ok::<(), advance_core::Error>(())
/// ```
///
/// Such a wait asks at once, for the person may be back already.
///
/// # Example
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
#[derive(Clone)]
pub struct WaitPolicy {
    pub(super) signature_id: SignatureId,
    pub(super) link_ends: Option<UnixMillis>,
    pub(super) first: Duration,
    pub(super) cap: Duration,
    pub(super) total: Option<Duration>,
    pub(super) before_first: Duration,
    pub(super) grace: Duration,
    pub(super) charged_polls: u32,
    /// Made from a link: the vendor has just issued the id, so "unknown" is no verdict yet.
    pub(super) is_fresh: bool,
    signature_not_exist: bool,
    unfinished: Option<WaitRule>,
}

impl WaitPolicy {
    /// Waits for the verification of a link that was just made. The first poll comes after 5 s. The wait ends with the
    /// link: when a poll was answered that was sent a [grace](Self::grace) after the link's end. If no such answer can
    /// be had, it gives up two minutes later. An end that is more than a day away, either way, is not believed (the
    /// document's own sample is years old): then it waits as [`WaitPolicy::of`] does.
    pub fn link(link: &VerificationLink) -> Self {
        Self {
            link_ends: Some(link.expires_at()),
            before_first: BEFORE_FIRST,
            is_fresh: true,
            ..Self::of(link.signature_id().clone())
        }
    }

    /// Waits for a verification whose link is no longer at hand. The first poll comes at once. The wait lasts an hour,
    /// as long as the document says a link lives, unless [`link_ends`](Self::link_ends) tells its end.
    pub const fn of(signature_id: SignatureId) -> Self {
        Self {
            signature_id,
            link_ends: None,
            first: Duration::from_secs(3),
            cap: Duration::from_secs(30),
            total: None,
            before_first: Duration::ZERO,
            grace: GRACE,
            charged_polls: CHARGED_POLLS,
            is_fresh: false,
            signature_not_exist: false,
            unfinished: None,
        }
    }

    /// When the link ends, by the vendor's clock: for a wait that is taken up from what was stored.
    #[must_use]
    pub const fn link_ends(mut self, ends: UnixMillis) -> Self {
        self.link_ends = Some(ends);
        self
    }

    /// The verification that is waited for.
    pub const fn signature_id(&self) -> &SignatureId {
        &self.signature_id
    }

    /// The pause before the first poll. 5 s for a link that was just made, since no person is that fast; none otherwise.
    /// A nudge ([`WaitControl`](crate::WaitControl)) ends it.
    #[must_use]
    pub const fn first_poll_after(mut self, pause: Duration) -> Self {
        self.before_first = pause;
        self
    }

    /// How long after the end of the link its result may still come: for a person who finished at the last moment. 60 s
    /// unless told, which is a guess.
    #[must_use]
    pub const fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// How many polls may be charged (`pricingStrategy` `PAY`) and bring nothing before the wait ends with
    /// [`WaitOutcome::ChargeLimit`](crate::WaitOutcome::ChargeLimit). 5 unless told. A charged poll that failed counts as
    /// well. 0 is as 1: free polls are not limited. `u32::MAX` is no limit.
    #[must_use]
    pub const fn charged_polls(mut self, limit: u32) -> Self {
        self.charged_polls = limit;
        self
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

    /// Takes `SIGNATURE_NOT_EXIST` for "not yet" as well, however often it comes. Without it, a fresh link may be unknown
    /// for its first minute, and a known one once between two good answers.
    #[must_use]
    pub const fn signature_not_exist(mut self, is_unfinished: bool) -> Self {
        self.signature_not_exist = is_unfinished;
        self
    }

    /// Replaces the rule for what is not finished yet, which is [`nothing_yet`](crate::session::nothing_yet). What the vendor
    /// answers before the person has finished is not documented, so that rule is a guess. This one sees each reply that
    /// brought a result, and each error that may pass for an answer. A client asks it while it holds no lock.
    ///
    /// ```
    /// use advance_core::WaitPolicy;
    /// use advance_core::session::nothing_yet;
    /// # use advance_core::SignatureId;
    ///
    /// # let signature_id = SignatureId::new("f302f5d2454a85c2")?;
    /// let needs_card = true; // what this shop wants to know
    /// let policy = WaitPolicy::of(signature_id).unfinished(move |answer| {
    ///     nothing_yet(answer) || (needs_card && answer.is_ok_and(|found| found.ocr_result().is_none()))
    /// });
    /// # drop(policy);
    /// # Ok::<(), advance_core::Error>(())
    /// ```
    #[must_use]
    pub fn unfinished(
        mut self,
        rule: impl Fn(Result<&Verification, &Error>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.unfinished = Some(WaitRule::new(rule));
        self
    }

    pub(super) fn is_unfinished(&self, result: Result<&Verification, &Error>) -> bool {
        let unknown_id = matches!(result, Err(error) if error.kind() == ErrorKind::Api(CodeClass::NotFound));
        let rule = self.unfinished.as_ref();
        (unknown_id && self.signature_not_exist)
            || rule.map_or_else(|| nothing_yet(result), |rule| rule.is_unfinished(result))
    }
}

impl fmt::Debug for WaitPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitPolicy")
            .field("signature_id", &self.signature_id)
            .field("link_ends", &self.link_ends)
            .field("first", &self.first)
            .field("cap", &self.cap)
            .field("total", &self.total)
            .field("before_first", &self.before_first)
            .field("grace", &self.grace)
            .field("charged_polls", &self.charged_polls)
            .field("signature_not_exist", &self.signature_not_exist)
            .field("own_rule", &self.unfinished.is_some())
            .finish_non_exhaustive()
    }
}

/// The rule of [`WaitPolicy`] for what is not finished yet: a reply whose `data` is missing, or whose
/// [verdict](crate::Verdict) is that it has not finished, so no `idvCode` and nothing else that was found. It is a guess.
/// If the vendor answers `SIGNATURE_NOT_EXIST` until the person has finished, say so with
/// [`WaitPolicy::signature_not_exist`].
pub fn nothing_yet(result: Result<&Verification, &Error>) -> bool {
    match result {
        Ok(verification) => verification.verdict().outcome == Outcome::NotFinished,
        Err(error) => error.kind() == ErrorKind::MissingData,
    }
}

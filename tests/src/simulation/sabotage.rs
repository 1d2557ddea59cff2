//! Rules of the machine that can be broken on purpose, to see whether the simulation notices.

use std::fmt;
use std::str::FromStr;

/// A rule to break, named after what the machine then does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// Two calls renew one token at the same time.
    DoubleRenewal,
    /// A call asks for another token as often as one is rejected.
    EndlessReAcquire,
    /// What may have been charged is sent again without the caller's word.
    ChargedResend,
    /// Who waits for a token is not told that it is there.
    LostWakeUp,
    /// The refusal of an old token counts against the new one.
    LateRejection,
    /// A token that is refused right after its issue is as bad as any.
    NoYouth,
    /// A refusal counts though its request was sent before the token was known to be good.
    StaleEvidence,
    /// What others were answered is no evidence.
    DeafToOthers,
    /// A replacement may follow another at once, and may cure nothing.
    UnpacedReplacements,
    /// A replacement that cured uses up its minute all the same.
    CostlyCures,
    /// The token that is replaced is dropped for all.
    DroppedToken,
    /// All endpoints draw on one stock of retries.
    OneBudget,
    /// An error that several calls hear has the words and ids of one.
    SharedWords,
    /// Only the monotonic clock counts.
    OneClock,
    /// `Retry-After` is not read.
    IgnoredRetryAfter,
    /// What the server echoes of the keys is repeated.
    LeakedKey,
    /// A wait goes on after its link has ended.
    EndlessPoll,
    /// A batch loses the outcome of an id.
    LostBatchId,
}

impl Sabotage {
    /// All there are.
    pub const ALL: [Self; 18] = [
        Self::DoubleRenewal,
        Self::EndlessReAcquire,
        Self::ChargedResend,
        Self::LostWakeUp,
        Self::LateRejection,
        Self::NoYouth,
        Self::StaleEvidence,
        Self::DeafToOthers,
        Self::UnpacedReplacements,
        Self::CostlyCures,
        Self::DroppedToken,
        Self::OneBudget,
        Self::SharedWords,
        Self::OneClock,
        Self::IgnoredRetryAfter,
        Self::LeakedKey,
        Self::EndlessPoll,
        Self::LostBatchId,
    ];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DoubleRenewal => "double-renewal",
            Self::EndlessReAcquire => "endless-re-acquire",
            Self::ChargedResend => "charged-resend",
            Self::LostWakeUp => "lost-wake-up",
            Self::LateRejection => "late-rejection",
            Self::NoYouth => "no-youth",
            Self::StaleEvidence => "stale-evidence",
            Self::DeafToOthers => "deaf-to-others",
            Self::UnpacedReplacements => "unpaced-replacements",
            Self::CostlyCures => "costly-cures",
            Self::DroppedToken => "dropped-token",
            Self::OneBudget => "one-budget",
            Self::SharedWords => "shared-words",
            Self::OneClock => "one-clock",
            Self::IgnoredRetryAfter => "ignored-retry-after",
            Self::LeakedKey => "leaked-key",
            Self::EndlessPoll => "endless-poll",
            Self::LostBatchId => "lost-batch-id",
        }
    }

    /// Whether the machine was compiled with its rules breakable (feature `sabotage`).
    pub const fn is_possible() -> bool {
        cfg!(feature = "sabotage")
    }

    #[cfg(feature = "sabotage")]
    pub(crate) const fn rule(self) -> advance_core::session::Rule {
        use advance_core::session::Rule;
        match self {
            Self::DoubleRenewal => Rule::OneRenewal,
            Self::EndlessReAcquire => Rule::OneReacquisition,
            Self::ChargedResend => Rule::ChargedResend,
            Self::LostWakeUp => Rule::WakeWaiters,
            Self::LateRejection => Rule::LateRejection,
            Self::NoYouth => Rule::Youth,
            Self::StaleEvidence => Rule::ProofComesFirst,
            Self::DeafToOthers => Rule::EvidenceOfOthers,
            Self::UnpacedReplacements => Rule::ReplacementsArePaced,
            Self::CostlyCures => Rule::CuresAreFree,
            Self::DroppedToken => Rule::OldServesMeanwhile,
            Self::OneBudget => Rule::BudgetsByPath,
            Self::SharedWords => Rule::SharedErrors,
            Self::OneClock => Rule::BothClocks,
            Self::IgnoredRetryAfter => Rule::RetryAfter,
            Self::LeakedKey => Rule::KeysStaySecret,
            Self::EndlessPoll => Rule::PollsEnd,
            Self::LostBatchId => Rule::BatchesAreComplete,
        }
    }
}

impl fmt::Display for Sabotage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Sabotage {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|sabotage| sabotage.name() == name)
            .ok_or_else(|| format!("there is no sabotage called {name:?}; --sabotage list names them"))
    }
}

//! What a result means: passed, failed, a case for a person, or not finished.

mod policy;
mod reason;

use std::fmt;
use std::str::FromStr;

pub use policy::{DocumentedPolicy, VerdictPolicy};
pub use reason::{MissingCheck, Reason};

use super::Verification;
use crate::error::Error;
use crate::escape::Few;

/// How a verification is to be taken, and why.
///
/// | `idvCode` | and | outcome |
/// |---|---|---|
/// | null | nothing else was found yet | [`NotFinished`](Outcome::NotFinished) |
/// | null | an `ocrCode`, a label, `isLowQuality: true` or an `imageType` of no document is there all the same | [`NeedsReview`](Outcome::NeedsReview) |
/// | `LOW_QUALITY_IMAGE`, `FORGERY_DETECTED`, `CARD_NOT_FOUND`, `TOO_MANY_CARDS`, `NO_SUPPORTED_CARD`, `INCOMPLETED_CARD`, `TOO_SMALL_CARD`, `ERROR` | any | [`Failed`](Outcome::Failed) |
/// | a word of no document | any | [`NeedsReview`](Outcome::NeedsReview) |
/// | `SUCCESS` | any of the findings below | [`NeedsReview`](Outcome::NeedsReview) |
/// | `SUCCESS` | none of them | [`Passed`](Outcome::Passed) |
///
/// The findings that keep a `SUCCESS` from passing, each a [`Reason`]:
///
/// - `isLowQuality` is true, or there is a quality label;
/// - there is a forgery label, documented or not: "If empty, the id card is not forged";
/// - `isLowQuality` or `forgeryLabels` is missing, so that a check may not have run;
/// - `ocrCode` is `OCR_NO_RESULT`, `ERROR` or a word of no document;
/// - `ocrCode` is null, though the document gives it a value after `SUCCESS`;
/// - `ocrCode` is `SUCCESS` and not one field was read: beside the word `null`, none has a letter, a digit or the
///   asterisk of a mask;
/// - `imageType` is a word of no document.
///
/// An `ocrCode` that is there although `idvCode` is neither `SUCCESS` nor `FORGERY_DETECTED` contradicts the document
/// and is a reason too, with any outcome.
///
/// So a pass needs every documented check to say so, and a word of no document never passes. The redirect of
/// the browser plays no part.
///
/// **A pass says that the vendor has no complaint about the card, and nothing of who is on it.** It judges neither
/// identity (whether the name or the NIK is that of your customer), nor completeness (one field that was read is
/// enough), nor consistency (whether the NIK goes with the birthday: [`Ktp::consistency`](crate::Ktp::consistency)
/// tells). A program that needs these asks for them in a [`VerdictPolicy`]; its docs have one to start from.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Verdict {
    /// How to take it.
    pub outcome: Outcome,
    /// Everything by the rule above that speaks against a pass, that of `idvCode` first. Empty exactly if nothing
    /// does. What a policy of the caller's finds beyond it is not here.
    pub reasons: Vec<Reason>,
}

impl fmt::Debug for Verdict {
    /// The first few reasons.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verdict")
            .field("outcome", &self.outcome)
            .field("reasons", &Few(&self.reasons))
            .finish()
    }
}

/// How a verification is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serialize",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
pub enum Outcome {
    /// Every documented check says that it is well.
    Passed,
    /// The vendor's own word is that it failed. The person may try again with a new link.
    Failed,
    /// It says neither: a person decides.
    NeedsReview,
    /// There is no result yet.
    NotFinished,
}

impl Outcome {
    /// `passed`, `failed`, `needs_review` or `not_finished`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NeedsReview => "needs_review",
            Self::NotFinished => "not_finished",
        }
    }
}

impl FromStr for Outcome {
    type Err = Error;

    /// Reads what [`as_str`](Self::as_str) writes, as from a database.
    fn from_str(text: &str) -> Result<Self, Error> {
        let all = [Self::Passed, Self::Failed, Self::NeedsReview, Self::NotFinished];
        let found = all.into_iter().find(|outcome| outcome.as_str() == text);
        found.ok_or_else(|| Error::invalid("outcome", "must be passed, failed, needs_review or not_finished"))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Verification {
    /// How to take this result by the rule in [`Verdict`].
    ///
    /// ```
    /// use advance_core::wire::parse;
    /// use advance_core::{GetResult, Outcome, SignatureId};
    /// use advance_core::domain::Reason;
    ///
    /// let reply = br#"{"code": "SUCCESS", "data": {
    ///     "idvCode": "SUCCESS",
    ///     "idvResult": {"isLowQuality": false, "forgeryLabels": ["retake"]},
    ///     "ocrCode": "SUCCESS",
    ///     "ocrResult": {"name": "R**A"}
    /// }}"#;
    /// let ask = GetResult::new(SignatureId::new("ed8b21c0c87ad617")?);
    /// let verdict = parse(&ask, reply).unwrap().data.unwrap().verdict();
    /// assert_eq!(verdict.outcome, Outcome::NeedsReview);
    /// assert!(matches!(verdict.reasons[..], [Reason::ForgeryLabel { .. }]));
    /// # Ok::<(), advance_core::Error>(())
    /// ```
    pub fn verdict(&self) -> Verdict {
        self.verdict_by(&DocumentedPolicy)
    }

    /// How to take this result by a rule of the caller's. The reasons are the same.
    pub fn verdict_by(&self, policy: &(impl VerdictPolicy + ?Sized)) -> Verdict {
        let reasons = reason::found_in(self);
        Verdict {
            outcome: policy.outcome(self, &reasons),
            reasons,
        }
    }
}

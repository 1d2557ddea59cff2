//! Which reasons make which outcome: the documented rule, and the caller's own.

use super::{Outcome, Reason};

/// What a list of reasons makes of a result.
///
/// Any function of reasons is a policy, so a caller's rule is a few lines around [`DocumentedPolicy`]. One that takes
/// scans, and refuses where the vendor only raises a doubt:
///
/// ```
/// use advance_core::{DocumentedPolicy, ForgeryLabel, Outcome, Reason, VerdictPolicy};
///
/// fn ours(reasons: &[Reason]) -> Outcome {
///     let accepted = |reason: &Reason| matches!(reason, Reason::ForgeryLabel { label: ForgeryLabel::Scan });
///     let left: Vec<_> = reasons.iter().filter(|reason| !accepted(reason)).cloned().collect();
///     match DocumentedPolicy.outcome(&left) {
///         Outcome::NeedsReview => Outcome::Failed,
///         other => other,
///     }
/// }
///
/// let scan = Reason::ForgeryLabel { label: ForgeryLabel::Scan };
/// assert_eq!(ours.outcome(&[scan.clone()]), Outcome::Passed);
/// assert_eq!(ours.outcome(&[scan, Reason::NothingRead]), Outcome::Failed);
/// ```
///
/// Pass it to [`Verification::verdict_by`](crate::Verification::verdict_by).
pub trait VerdictPolicy {
    /// How to take a result against which these reasons speak, and no others.
    fn outcome(&self, reasons: &[Reason]) -> Outcome;
}

impl<F: Fn(&[Reason]) -> Outcome> VerdictPolicy for F {
    fn outcome(&self, reasons: &[Reason]) -> Outcome {
        self(reasons)
    }
}

/// The rule in the table of [`Verdict`](super::Verdict): nothing against it passes; the vendor's own failure fails;
/// no result yet and nothing else is not finished; everything else is for a person to decide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DocumentedPolicy;

impl VerdictPolicy for DocumentedPolicy {
    fn outcome(&self, reasons: &[Reason]) -> Outcome {
        let any = |outcome| reasons.iter().any(|reason| reason.outcome() == outcome);
        if reasons.is_empty() {
            Outcome::Passed
        } else if any(Outcome::Failed) {
            Outcome::Failed
        } else if any(Outcome::NeedsReview) {
            Outcome::NeedsReview
        } else {
            Outcome::NotFinished
        }
    }
}

//! What makes which outcome: the documented rule, and the caller's own.

use super::{Outcome, Reason};
use crate::domain::Verification;

/// What a result and the reasons against it come to.
///
/// Any function of the two is a policy, so a caller's rule is a few lines around [`DocumentedPolicy`], which judges
/// neither who it is nor whether the card agrees with itself. One that does:
///
/// ```
/// use advance_core::{Outcome, Verification};
/// use advance_core::domain::{DocumentedPolicy, Reading, Reason};
/// # use advance_core::{GetResult, SignatureId, wire::parse};
///
/// /// A pass needs a NIK that can be read and a card whose fields do not differ; else a person looks.
/// fn identified(result: &Verification, reasons: &[Reason]) -> Outcome {
///     use advance_core::domain::VerdictPolicy as _;
///     let sound = result.ocr_result().is_some_and(|card| {
///         matches!(card.nik(), Reading::Read(_)) && !card.consistency().differs()
///     });
///     match DocumentedPolicy.outcome(result, reasons) {
///         Outcome::Passed if !sound => Outcome::NeedsReview,
///         other => other,
///     }
/// }
///
/// # let reply = |number: &str| {
/// #     let body = format!(
/// #         r#"{{"code": "SUCCESS", "data": {{
/// #             "idvCode": "SUCCESS", "idvResult": {{"isLowQuality": false, "forgeryLabels": []}},
/// #             "ocrCode": "SUCCESS", "ocrResult": {{"idNumber": "{number}", "birthday": "1989/06/01"}}
/// #         }}}}"#
/// #     );
/// #     let ask = GetResult::new(SignatureId::new("ed8b21c0c87ad617").unwrap());
/// #     parse(&ask, body.as_bytes()).unwrap().data.unwrap()
/// # };
/// let agrees = reply("3374014106890002"); // born on 1 June 1989, as the card says
/// let differs = reply("3374014206890002"); // born on 2 June
/// let masked = reply("33******02");
/// assert_eq!(agrees.verdict_by(&identified).outcome, Outcome::Passed);
/// for result in [differs, masked] {
///     assert_eq!(result.verdict().outcome, Outcome::Passed);
///     assert_eq!(result.verdict_by(&identified).outcome, Outcome::NeedsReview);
/// }
/// ```
///
/// One that takes scans, and refuses where the documents leave a doubt:
///
/// ```
/// use advance_core::{Outcome, Verification};
/// use advance_core::domain::{DocumentedPolicy, ForgeryLabel, Reason, VerdictPolicy as _};
///
/// fn strict_but_for_scans(result: &Verification, reasons: &[Reason]) -> Outcome {
///     let accepted = |reason: &Reason| matches!(reason, Reason::ForgeryLabel { label: ForgeryLabel::Scan });
///     let left: Vec<_> = reasons.iter().filter(|reason| !accepted(reason)).cloned().collect();
///     match DocumentedPolicy.outcome(result, &left) {
///         Outcome::NeedsReview => Outcome::Failed,
///         other => other,
///     }
/// }
/// ```
///
/// Pass it to [`Verification::verdict_by`], which takes a policy that is chosen at run time too: of a
/// `Box<dyn VerdictPolicy>`, or an `Arc` of one, pass `&*policy`.
pub trait VerdictPolicy {
    /// How to take a result against which these reasons speak, and no others of those that [`Reason`] knows.
    fn outcome(&self, result: &Verification, reasons: &[Reason]) -> Outcome;
}

impl<F: Fn(&Verification, &[Reason]) -> Outcome> VerdictPolicy for F {
    fn outcome(&self, result: &Verification, reasons: &[Reason]) -> Outcome {
        self(result, reasons)
    }
}

/// The rule in the table of [`Verdict`](super::Verdict): nothing against it passes; the vendor's own failure fails;
/// no result yet and nothing else is not finished; everything else is for a person to decide. It goes by the reasons
/// alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DocumentedPolicy;

impl VerdictPolicy for DocumentedPolicy {
    fn outcome(&self, _result: &Verification, reasons: &[Reason]) -> Outcome {
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

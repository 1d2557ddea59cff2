//! What speaks against a pass.

use std::fmt;

use super::Outcome;
use crate::domain::{ForgeryLabel, IdvCode, IdvResult, ImageType, Ktp, OcrCode, QualityLabel, Verification};
use crate::escape::Few;

/// One thing that speaks against a pass.
///
/// It holds words of the vendor's and none of the person's. With feature `serialize` it is an object whose `reason`
/// is [`as_str`](Self::as_str).
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serialize",
    derive(serde::Serialize),
    serde(tag = "reason", rename_all = "snake_case", rename_all_fields = "camelCase")
)]
#[non_exhaustive]
pub enum Reason {
    /// `idvCode` is null: the person has not finished, or the vendor has not.
    NotFinished,
    /// `idvCode` is not `SUCCESS`.
    IdvCode {
        /// What it is.
        idv_code: IdvCode,
    },
    /// The picture is considered low in quality, or has quality labels all the same.
    LowQuality {
        /// Why, as far as the vendor says.
        labels: Vec<QualityLabel>,
    },
    /// The card is considered forged.
    ForgeryLabel {
        /// Why.
        label: ForgeryLabel,
    },
    /// A check left no trace in the result, so it may not have run.
    CheckMissing {
        /// The member that is missing or null.
        check: MissingCheck,
    },
    /// `ocrCode` is not `SUCCESS`.
    OcrCode {
        /// What it is.
        ocr_code: OcrCode,
    },
    /// `ocrCode` and `idvCode` cannot stand together by the document: there is one after a code that leaves it null,
    /// or none after `SUCCESS`.
    OcrContradiction {
        /// What `idvCode` is.
        idv_code: Option<IdvCode>,
        /// What `ocrCode` is.
        ocr_code: Option<OcrCode>,
    },
    /// `ocrCode` is `SUCCESS` and not one field of the card was read: beside the word `null`, none has a letter, a
    /// digit or the asterisk of a mask.
    NothingRead,
    /// `imageType` is a word of no document.
    ImageType {
        /// What it is.
        image_type: ImageType,
    },
}

/// A member of `idvResult` without which a check may not have run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serialize",
    derive(serde::Serialize),
    serde(rename_all = "camelCase")
)]
#[non_exhaustive]
pub enum MissingCheck {
    /// `isLowQuality`.
    IsLowQuality,
    /// `forgeryLabels`.
    ForgeryLabels,
}

impl MissingCheck {
    /// The member's name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IsLowQuality => "isLowQuality",
            Self::ForgeryLabels => "forgeryLabels",
        }
    }
}

impl Reason {
    /// What kind of reason it is, in one word that does not change: `low_quality`, `forgery_label` and so on.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NotFinished => "not_finished",
            Self::IdvCode { .. } => "idv_code",
            Self::LowQuality { .. } => "low_quality",
            Self::ForgeryLabel { .. } => "forgery_label",
            Self::CheckMissing { .. } => "check_missing",
            Self::OcrCode { .. } => "ocr_code",
            Self::OcrContradiction { .. } => "ocr_contradiction",
            Self::NothingRead => "nothing_read",
            Self::ImageType { .. } => "image_type",
        }
    }

    /// What this reason alone makes of a result. It is never [`Outcome::Passed`].
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::NotFinished => Outcome::NotFinished,
            Self::IdvCode { idv_code } if !matches!(idv_code, IdvCode::Unknown(_)) => Outcome::Failed,
            Self::IdvCode { .. }
            | Self::LowQuality { .. }
            | Self::ForgeryLabel { .. }
            | Self::CheckMissing { .. }
            | Self::OcrCode { .. }
            | Self::OcrContradiction { .. }
            | Self::NothingRead
            | Self::ImageType { .. } => Outcome::NeedsReview,
        }
    }
}

impl fmt::Debug for Reason {
    /// As `derive` would, with the first few labels.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFinished => f.write_str("NotFinished"),
            Self::NothingRead => f.write_str("NothingRead"),
            Self::IdvCode { idv_code } => f.debug_struct("IdvCode").field("idv_code", idv_code).finish(),
            Self::LowQuality { labels } => f
                .debug_struct("LowQuality")
                .field("labels", &Few(labels))
                .finish(),
            Self::ForgeryLabel { label } => f.debug_struct("ForgeryLabel").field("label", label).finish(),
            Self::CheckMissing { check } => f.debug_struct("CheckMissing").field("check", check).finish(),
            Self::OcrCode { ocr_code } => f.debug_struct("OcrCode").field("ocr_code", ocr_code).finish(),
            Self::OcrContradiction { idv_code, ocr_code } => f
                .debug_struct("OcrContradiction")
                .field("idv_code", idv_code)
                .field("ocr_code", ocr_code)
                .finish(),
            Self::ImageType { image_type } => f
                .debug_struct("ImageType")
                .field("image_type", image_type)
                .finish(),
        }
    }
}

impl fmt::Display for Reason {
    /// One sentence for a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn explained(
            f: &mut fmt::Formatter<'_>,
            what: &str,
            word: &dyn fmt::Display,
            explanation: Option<&str>,
        ) -> fmt::Result {
            let explanation = explanation.unwrap_or("a word that is not documented");
            write!(f, "{what} {word}: {explanation}")
        }
        match self {
            Self::NotFinished => f.write_str("no idvCode: the verification has not finished"),
            Self::IdvCode { idv_code } => explained(f, "idvCode", idv_code, idv_code.explanation()),
            Self::LowQuality { labels } => {
                f.write_str("the picture is low in quality")?;
                if labels.is_empty() {
                    return Ok(());
                }
                write!(f, ": {}", Few(labels))
            }
            Self::ForgeryLabel { label } => explained(f, "forgery label", label, label.explanation()),
            Self::CheckMissing { check } => {
                write!(f, "no {}: the check may not have run", check.as_str())
            }
            Self::OcrCode { ocr_code } => explained(f, "ocrCode", ocr_code, ocr_code.explanation()),
            Self::OcrContradiction { idv_code, ocr_code } => {
                let shown =
                    |word: Option<&dyn fmt::Display>| word.map_or("null".to_owned(), ToString::to_string);
                write!(
                    f,
                    "ocrCode {} does not go with idvCode {} by the document",
                    shown(ocr_code.as_ref().map(|code| code as _)),
                    shown(idv_code.as_ref().map(|code| code as _)),
                )
            }
            Self::NothingRead => f.write_str("ocrCode SUCCESS, yet no field of the card was read"),
            Self::ImageType { image_type } => explained(f, "imageType", image_type, image_type.explanation()),
        }
    }
}

/// Everything in a result that speaks against a pass, that of `idvCode` first.
pub(super) fn found_in(result: &Verification) -> Vec<Reason> {
    let mut reasons = Vec::new();
    match result.idv_code() {
        Some(IdvCode::Success) => {}
        Some(other) => reasons.push(Reason::IdvCode {
            idv_code: other.clone(),
        }),
        None => reasons.push(Reason::NotFinished),
    }
    checks(result, &mut reasons);
    ocr(result, &mut reasons);
    if let Some(unknown @ ImageType::Unknown(_)) = result.image_type() {
        reasons.push(Reason::ImageType {
            image_type: unknown.clone(),
        });
    }
    reasons
}

/// What the checks of picture and card found.
fn checks(result: &Verification, reasons: &mut Vec<Reason>) {
    let checks = result.idv_result();
    let low_quality = checks.and_then(IdvResult::is_low_quality);
    let quality_labels = checks
        .and_then(|checks| checks.quality_labels())
        .unwrap_or_default();
    let forgery_labels = checks.and_then(|checks| checks.forgery_labels());
    if low_quality == Some(true) || !quality_labels.is_empty() {
        reasons.push(Reason::LowQuality {
            labels: quality_labels.to_vec(),
        });
    }
    for label in forgery_labels.unwrap_or_default() {
        reasons.push(Reason::ForgeryLabel { label: label.clone() });
    }
    // Another code explains why a check did not run: there is no card to look at, for one.
    if result.idv_code() == Some(&IdvCode::Success) {
        let missing = [
            (low_quality.is_none(), MissingCheck::IsLowQuality),
            (forgery_labels.is_none(), MissingCheck::ForgeryLabels),
        ];
        let missing = missing.into_iter().filter(|(missing, _)| *missing);
        reasons.extend(missing.map(|(_, check)| Reason::CheckMissing { check }));
    }
}

/// What came of reading the card, and whether it can stand beside `idvCode`.
fn ocr(result: &Verification, reasons: &mut Vec<Reason>) {
    let (idv, ocr) = (result.idv_code(), result.ocr_code());
    let read_follows = matches!(idv, Some(IdvCode::Success | IdvCode::ForgeryDetected));
    let contradiction = match ocr {
        Some(_) => !read_follows,
        None => idv == Some(&IdvCode::Success),
    };
    match ocr {
        None => {}
        Some(OcrCode::Success) => {
            let fields = result.ocr_result().map(Ktp::fields);
            let read = fields.is_some_and(|fields| fields.iter().any(|(_, field)| field.says_something()));
            if !read {
                reasons.push(Reason::NothingRead);
            }
        }
        Some(other) => reasons.push(Reason::OcrCode {
            ocr_code: other.clone(),
        }),
    }
    if contradiction {
        reasons.push(Reason::OcrContradiction {
            idv_code: idv.cloned(),
            ocr_code: ocr.cloned(),
        });
    }
}

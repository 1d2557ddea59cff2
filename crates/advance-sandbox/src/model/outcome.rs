//! How a verification may end: the one table of outcomes, which feeds magic `userId`s, the page, control calls and
//! documentation. A new outcome is a row here, and nothing else.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::{Serialize, Serializer};

use super::result::{Findings, IdvResult, Ocr};
use super::source::Source;

/// One row of the table.
struct Row {
    name: &'static str,
    label: &'static str,
    help: &'static str,
    source: Source,
    findings: Findings,
}

macro_rules! outcomes {
    ($($variant:ident { $name:literal, $label:literal, $source:ident, $help:literal, $findings:expr })*) => {
        /// How a verification ends.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Outcome {
            $(#[doc = $help] $variant,)*
        }

        impl Outcome {
            /// All of them, in the order in which they are shown.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            const fn row(self) -> Row {
                match self {
                    $(Self::$variant => Row {
                        name: $name,
                        label: $label,
                        help: $help,
                        source: Source::$source,
                        findings: $findings,
                    },)*
                }
            }
        }
    };
}

/// A good photo of a good card, from which everything could be read.
const READ: Findings = Findings {
    image_type: Some("SCAN"),
    idv_code: Some("SUCCESS"),
    idv_result: Some(IdvResult::FINE),
    ocr_code: Some("SUCCESS"),
    ocr: Ocr::Person,
    ..Findings::NONE
};

/// A photo that was not read, because of `idv_code`.
const fn unread(idv_code: &'static str, idv_result: Option<IdvResult>) -> Findings {
    Findings {
        idv_code: Some(idv_code),
        idv_result,
        ocr_code: None,
        ocr: Ocr::Null,
        ..READ
    }
}

const fn forged(forgery_labels: &'static [&'static str]) -> Findings {
    Findings {
        idv_code: Some("FORGERY_DETECTED"),
        idv_result: Some(IdvResult {
            forgery_labels,
            ..IdvResult::FINE
        }),
        ..READ
    }
}

const fn low_quality(quality_labels: &'static [&'static str]) -> Findings {
    let found = IdvResult {
        is_low_quality: true,
        quality_labels,
        ..IdvResult::FINE
    };
    unread("LOW_QUALITY_IMAGE", Some(found))
}

outcomes! {
    Ok { "ok", "A good photo", Documented,
        "A good photo of a good card: both codes `SUCCESS`, eighteen fields of a person who does not exist.", READ }
    Manual { "manual", "A good photo, not scanned but taken by hand", Documented,
        "As `ok`, with imageType `MANUAL`.", Findings { image_type: Some("MANUAL"), ..READ } }
    Forged { "forged", "A forged card", Documented,
        "`FORGERY_DETECTED` with `modifiedNIK` and `b&wPhotocopied`. The text was read all the same.",
        forged(&["modifiedNIK", "b&wPhotocopied"]) }
    Retake { "retake", "A photo of a screen", Documented,
        "`FORGERY_DETECTED` with `retake`.", forged(&["retake"]) }
    ColorPhotocopied { "color-photocopied", "A colour photocopy", Documented,
        "`FORGERY_DETECTED` with `colorPhotocopied`.", forged(&["colorPhotocopied"]) }
    BwPhotocopied { "bw-photocopied", "A black-and-white photocopy", Documented,
        "`FORGERY_DETECTED` with `b&wPhotocopied`.", forged(&["b&wPhotocopied"]) }
    CutoffCorner { "cutoff-corner", "A card with a corner cut off", Documented,
        "`FORGERY_DETECTED` with `cutoffCorner`.", forged(&["cutoffCorner"]) }
    PastedPhoto { "pasted-photo", "Another photo pasted on the card", Documented,
        "`FORGERY_DETECTED` with `pastedPhoto`.", forged(&["pastedPhoto"]) }
    ModifiedNik { "modified-nik", "A changed NIK", Documented,
        "`FORGERY_DETECTED` with `modifiedNIK`.", forged(&["modifiedNIK"]) }
    OldKtp { "old-ktp", "A card of the old kind", Documented,
        "`FORGERY_DETECTED` with `oldKTP`.", forged(&["oldKTP"]) }
    LowQuality { "low-quality", "A blurred, dim photo", Documented,
        "`LOW_QUALITY_IMAGE` with `blur` and `dim`, which leaves ocrCode null.", low_quality(&["blur", "dim"]) }
    Blur { "blur", "A blurred photo", Documented, "`LOW_QUALITY_IMAGE` with `blur`; no OCR.", low_quality(&["blur"]) }
    Dim { "dim", "A dim photo", Documented, "`LOW_QUALITY_IMAGE` with `dim`; no OCR.", low_quality(&["dim"]) }
    NoCard { "no-card", "No card", Documented,
        "`CARD_NOT_FOUND`, which leaves ocrCode null. (Guess) No idvResult and no cropped image.",
        Findings { cropped: false, ..unread("CARD_NOT_FOUND", None) } }
    TooManyCards { "too-many-cards", "Two cards", Documented,
        "`TOO_MANY_CARDS`; no OCR. (Guess) No idvResult and no cropped image.",
        Findings { cropped: false, ..unread("TOO_MANY_CARDS", None) } }
    NoSupportedCard { "no-supported-card", "A card of another kind", Documented,
        "`NO_SUPPORTED_CARD`; no OCR. (Guess) No idvResult.", unread("NO_SUPPORTED_CARD", None) }
    IncompleteCard { "incomplete-card", "A card that is cut off", Documented,
        "`INCOMPLETED_CARD`; no OCR. (Guess) No idvResult.", unread("INCOMPLETED_CARD", None) }
    TooSmallCard { "too-small-card", "A card too far away", Documented,
        "`TOO_SMALL_CARD`; no OCR. (Guess) No idvResult.", unread("TOO_SMALL_CARD", None) }
    IdvError { "idv-error", "The check breaks down", Documented,
        "idvCode `ERROR`; no OCR. (Guess) No idvResult.", unread("ERROR", None) }
    OcrEmpty { "ocr-empty", "Nothing can be read", Documented,
        "`SUCCESS`, but ocrCode `OCR_NO_RESULT`. (Guess) ocrResult has all its members, each null.",
        Findings { ocr_code: Some("OCR_NO_RESULT"), ocr: Ocr::Nulls, ..READ } }
    OcrError { "ocr-error", "Reading breaks down", Documented,
        "`SUCCESS`, but ocrCode `ERROR`. (Guess) ocrResult is null.",
        Findings { ocr_code: Some("ERROR"), ocr: Ocr::Null, ..READ } }
    Sample { "sample", "The documented example", Documented,
        "The data of the documented example, which contradicts itself: idvCode `SUCCESS` with two labels of no list. The links to images are the sandbox's own.",
        Findings {
            idv_result: Some(IdvResult {
                forgery_labels: &["screenshot", "scan"],
                is_low_quality: true,
                quality_labels: &["blur", "dim"],
            }),
            ocr: Ocr::Documented,
            ..READ
        } }
    Masked { "masked", "Masked values", Documented,
        "As `ok`, with values masked as in the documented example: `R**A M**H A**H,`.",
        Findings { ocr: Ocr::Documented, ..READ } }
    NullStrings { "null-strings", "The text \"null\" for what was not read", Sibling,
        "As `ok`, but bloodType, placeOfBirth and birthday are the string `\"null\"`, as the vendor's own OCR page prints them.",
        Findings { ocr: Ocr::NullStrings, ..READ } }
    AbsentFields { "absent-fields", "Fields that are not there", Sibling,
        "As `ok`, without croppedImage, qualityLabels, bloodType and occupation: absent, not null.",
        Findings { cropped: false, absent: true, ..READ } }
    NullData { "null-data", "No data at all", Sibling,
        "get-result answers `SUCCESS` with `data` null, as sibling products do at times.",
        Findings { null_data: true, cropped: false, ..READ } }
    UnknownCode { "unknown-code", "A code of the future", Guess,
        "idvCode `CARD_EXPIRED` and ocrCode `OCR_PARTIAL`, which are in no list.",
        Findings { idv_code: Some("CARD_EXPIRED"), ocr_code: Some("OCR_PARTIAL"), ..READ } }
    UnknownLabel { "unknown-label", "Labels of the future", Guess,
        "`FORGERY_DETECTED` with `hologramMissing` and quality label `glare`, which are in no list.",
        Findings {
            idv_result: Some(IdvResult {
                forgery_labels: &["hologramMissing"],
                is_low_quality: true,
                quality_labels: &["glare"],
            }),
            ..forged(&[])
        } }
}

impl Outcome {
    /// Its name in control calls and, after `sbx-`, in a `userId`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// What a person chooses on the page.
    #[must_use]
    pub const fn label(self) -> &'static str {
        self.row().label
    }

    /// One or two sentences in Markdown that say what get-result answers.
    #[must_use]
    pub const fn help(self) -> &'static str {
        self.row().help
    }

    /// Where it is known from.
    #[must_use]
    pub const fn source(self) -> Source {
        self.row().source
    }

    /// What was found on the card.
    pub(crate) const fn findings(self) -> Findings {
        self.row().findings
    }

    /// The outcome of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|outcome| outcome.name() == name)
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Outcome {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|outcome| outcome.name()).collect();
            let name: String = name.chars().take(64).collect();
            D::Error::custom(format!("no outcome `{name}`; there are {}", names.join(", ")))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_documented_code_and_label_can_be_had_and_no_name_comes_twice() {
        let mut names = BTreeSet::new();
        let (mut idv, mut ocr, mut labels) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::<&str>::new());
        for outcome in Outcome::ALL {
            assert!(names.insert(outcome.name()), "{outcome:?}");
            assert_eq!(Outcome::named(outcome.name()), Some(*outcome));
            assert!(
                !outcome.label().is_empty() && outcome.help().ends_with('.'),
                "{outcome:?}"
            );
            let found = outcome.findings();
            idv.extend(found.idv_code);
            ocr.extend(found.ocr_code);
            if let Some(result) = found.idv_result {
                labels.extend(result.forgery_labels.iter().chain(result.quality_labels));
            }
        }
        for code in [
            "SUCCESS",
            "LOW_QUALITY_IMAGE",
            "FORGERY_DETECTED",
            "CARD_NOT_FOUND",
            "TOO_MANY_CARDS",
            "NO_SUPPORTED_CARD",
            "INCOMPLETED_CARD",
            "TOO_SMALL_CARD",
            "ERROR",
        ] {
            assert!(idv.contains(code), "{code}");
        }
        for code in ["SUCCESS", "OCR_NO_RESULT", "ERROR"] {
            assert!(ocr.contains(code), "{code}");
        }
        for label in [
            "retake",
            "colorPhotocopied",
            "cutoffCorner",
            "pastedPhoto",
            "b&wPhotocopied",
            "modifiedNIK",
            "oldKTP",
            "screenshot",
            "scan",
            "blur",
            "dim",
        ] {
            assert!(labels.contains(label), "{label}");
        }
    }

    #[test]
    fn ocr_has_a_code_only_where_the_document_allows_it() {
        for outcome in Outcome::ALL {
            if *outcome == Outcome::UnknownCode {
                continue;
            }
            let found = outcome.findings();
            let allowed = matches!(found.idv_code, Some("SUCCESS" | "FORGERY_DETECTED"));
            assert_eq!(found.ocr_code.is_some(), allowed, "{outcome:?}");
        }
    }
}

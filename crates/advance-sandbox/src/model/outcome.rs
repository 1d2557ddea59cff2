//! How a verification ends, and the data that get-result then has.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::person::{self, OcrResult};

/// How a verification ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Outcome {
    /// A good picture of a good card: both codes `SUCCESS`, nothing to complain about.
    Ok,
    /// `FORGERY_DETECTED` with two documented labels. The text was read all the same.
    Forged,
    /// `LOW_QUALITY_IMAGE`, which leaves `ocrCode` null.
    LowQuality,
    /// `CARD_NOT_FOUND`, which leaves `ocrCode` null. (Guess) There is no `idvResult` and no cropped image.
    NoCard,
    /// `SUCCESS` on a card from which nothing could be read: `OCR_NO_RESULT`. (Guess) `ocrResult` has all its members,
    /// each null.
    OcrEmpty,
    /// The data of the documented example, which contradicts itself. The links to images are the sandbox's own.
    Sample,
}

impl Outcome {
    /// What a `userId` asks for, and how many polls it takes to get there.
    pub(super) fn scripted(user_id: &str) -> Option<(Self, u32)> {
        Some(match user_id.strip_prefix("sbx-")? {
            "ok" => (Self::Ok, 1),
            "forged" => (Self::Forged, 1),
            "low-quality" => (Self::LowQuality, 1),
            "no-card" => (Self::NoCard, 1),
            "ocr-empty" => (Self::OcrEmpty, 1),
            other => (Self::Ok, other.strip_prefix("pending-")?.parse().ok()?),
        })
    }

    /// The result without its images.
    pub(super) fn result(self) -> ResultData {
        let idv_result = IdvResult::default();
        let read = ResultData {
            image_type: Some("SCAN"),
            idv_code: Some("SUCCESS"),
            idv_result: Some(idv_result),
            ocr_code: Some("SUCCESS"),
            ocr_result: Some(person::SYNTHETIC),
            ..ResultData::default()
        };
        let unread = ResultData {
            ocr_code: None,
            ocr_result: None,
            ..read.clone()
        };
        match self {
            Self::Ok => read,
            Self::Forged => ResultData {
                idv_code: Some("FORGERY_DETECTED"),
                idv_result: Some(IdvResult {
                    forgery_labels: &["modifiedNIK", "b&wPhotocopied"],
                    ..idv_result
                }),
                ..read
            },
            Self::LowQuality => ResultData {
                idv_code: Some("LOW_QUALITY_IMAGE"),
                idv_result: Some(IdvResult {
                    is_low_quality: true,
                    quality_labels: &["blur", "dim"],
                    ..idv_result
                }),
                ..unread
            },
            Self::NoCard => ResultData {
                idv_code: Some("CARD_NOT_FOUND"),
                idv_result: None,
                ..unread
            },
            Self::OcrEmpty => ResultData {
                ocr_code: Some("OCR_NO_RESULT"),
                ocr_result: Some(OcrResult::default()),
                ..read
            },
            Self::Sample => ResultData {
                idv_result: Some(IdvResult {
                    forgery_labels: &["screenshot", "scan"],
                    is_low_quality: true,
                    quality_labels: &["blur", "dim"],
                }),
                ocr_result: Some(person::DOCUMENTED),
                ..read
            },
        }
    }
}

/// `data` of get-result, in the order of the documented example.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResultData {
    pub(super) image: Option<String>,
    pub(super) cropped_image: Option<String>,
    pub(super) image_type: Option<&'static str>,
    pub(super) idv_code: Option<&'static str>,
    pub(super) idv_result: Option<IdvResult>,
    pub(super) ocr_code: Option<&'static str>,
    pub(super) ocr_result: Option<OcrResult>,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IdvResult {
    forgery_labels: &'static [&'static str],
    is_low_quality: bool,
    quality_labels: &'static [&'static str],
}

/// What a verification came to.
#[derive(Clone)]
pub(super) enum Ending {
    Outcome(Outcome),
    /// Data that a test wrote, delivered as it is.
    Custom(Value),
}

impl Ending {
    /// Why there is no OCR result, if there is none: then the page goes to `failReturnUrl` (documented) and says this
    /// as `errorCode` (a guess).
    pub(super) fn failure(&self) -> Option<String> {
        match self {
            Self::Outcome(outcome) => {
                let data = outcome.result();
                failure(data.idv_code, data.ocr_code)
            }
            Self::Custom(data) => failure(data["idvCode"].as_str(), data["ocrCode"].as_str()),
        }
    }
}

fn failure(idv_code: Option<&str>, ocr_code: Option<&str>) -> Option<String> {
    match ocr_code {
        Some("SUCCESS") => None,
        Some(code) => Some(code.to_owned()),
        None => Some(idv_code.unwrap_or("ERROR").to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn user_ids_ask_for_outcomes() {
        assert_eq!(Outcome::scripted("sbx-ok"), Some((Outcome::Ok, 1)));
        assert_eq!(Outcome::scripted("sbx-pending-3"), Some((Outcome::Ok, 3)));
        for other in [
            "",
            "ok",
            "sbx-",
            "sbx-OK",
            "sbx-ok ",
            "sbx-pending-",
            "sbx-pending-x",
            "a-sbx-ok",
        ] {
            assert_eq!(Outcome::scripted(other), None, "{other}");
        }
    }

    #[test]
    fn the_sample_is_the_documented_example() {
        let documented: Value =
            serde_json::from_str(include_str!("../../fixtures/get-result.success.json")).unwrap();
        let mut data = Outcome::Sample.result();
        data.image = documented["data"]["image"].as_str().map(str::to_owned);
        data.cropped_image = documented["data"]["croppedImage"].as_str().map(str::to_owned);
        assert_eq!(serde_json::to_value(data).unwrap(), documented["data"]);
    }

    #[test]
    fn ocr_has_a_code_only_where_the_document_allows_it() {
        use Outcome::{Forged, LowQuality, NoCard, OcrEmpty, Ok, Sample};
        for outcome in [Ok, Forged, LowQuality, NoCard, OcrEmpty, Sample] {
            let data = outcome.result();
            let allowed = matches!(data.idv_code, Some("SUCCESS" | "FORGERY_DETECTED"));
            assert_eq!(data.ocr_code.is_some(), allowed, "{outcome:?}");
            assert_eq!(data.ocr_result.is_some(), allowed, "{outcome:?}");
        }
    }

    #[test]
    fn a_redirect_is_not_a_verdict() {
        let failure = |outcome| Ending::Outcome(outcome).failure();
        assert_eq!(failure(Outcome::Ok), None);
        assert_eq!(failure(Outcome::Forged), None);
        assert_eq!(failure(Outcome::NoCard).as_deref(), Some("CARD_NOT_FOUND"));
        assert_eq!(failure(Outcome::OcrEmpty).as_deref(), Some("OCR_NO_RESULT"));
        assert_eq!(Ending::Custom(json!({"ocrCode": "SUCCESS"})).failure(), None);
        assert_eq!(Ending::Custom(json!(5)).failure().as_deref(), Some("ERROR"));
    }
}

//! How a verification ended: `data` of get-result.

use std::fmt;

use serde::{Deserialize, Deserializer};

use super::ktp::Fields;
use super::{ImageLink, Ktp};
use crate::escape::Few;
use crate::wire::{DecodeError, decode_result, names_of, optional_object, optional_text, text_enum};

text_enum! {
    /// How the document verification ended (`idvCode`).
    pub enum IdvCode {
        all: "Every documented value.";
        explanation: "In the document's words.";
        /// Not by itself a pass: the document's own sample has it together with forgery labels ([Q14]).
        ///
        /// [Q14]: crate::quirks
        Success = "SUCCESS": "Document Verification is successful.",
        /// The reasons are in [`IdvResult::quality_labels`].
        LowQualityImage = "LOW_QUALITY_IMAGE":
            "Lower quality images, please make sure that the content of the shot is visible and readable.",
        /// The reasons are in [`IdvResult::forgery_labels`].
        ForgeryDetected = "FORGERY_DETECTED":
            "The id card is considered forged, check idvResult.forgeryLabels for reason.",
        /// See the explanation.
        CardNotFound = "CARD_NOT_FOUND": "No documents detected.",
        /// See the explanation.
        TooManyCards = "TOO_MANY_CARDS": "Multiple documents detected, use a single one.",
        /// See the explanation.
        NoSupportedCard = "NO_SUPPORTED_CARD": "Please use KTP documents.",
        /// See the explanation.
        IncompletedCard = "INCOMPLETED_CARD": "Please take a full photo of your documents.",
        /// See the explanation.
        TooSmallCard = "TOO_SMALL_CARD": "Please shoot close to the documents.",
        /// Not the envelope's `ERROR`, and not that of `ocrCode`.
        Error = "ERROR": "Document Verification Server error.",
    }
}

text_enum! {
    /// How reading the card ended (`ocrCode`).
    pub enum OcrCode {
        all: "Every documented value.";
        explanation: "In the document's words.";
        /// See the explanation.
        Success = "SUCCESS": "OCR is successful.",
        /// See the explanation.
        OcrNoResult = "OCR_NO_RESULT": "OCR is completed but there is no result.",
        /// See the explanation.
        Error = "ERROR": "OCR Server error.",
    }
}

text_enum! {
    /// Where the picture came from (`imageType`).
    pub enum ImageType {
        all: "Every documented value.";
        explanation: "In this crate's words: the document explains only the member.";
        /// Documented.
        Scan = "SCAN": "The image is scanned.",
        /// Documented.
        Manual = "MANUAL": "The image is manually uploaded.",
    }
}

text_enum! {
    /// Why a card is considered forged (`idvResult.forgeryLabels`).
    pub enum ForgeryLabel {
        all: "Every value that the document lists, and the two that are only in its sample.";
        explanation: "In this crate's words: the document lists the names without a word on each.";
        /// Documented.
        Retake = "retake": "A picture of a picture or screen.",
        /// Documented.
        ColorPhotocopied = "colorPhotocopied": "A colour photocopy.",
        /// Documented.
        CutoffCorner = "cutoffCorner": "A corner of the card is cut off.",
        /// Documented.
        PastedPhoto = "pastedPhoto": "The portrait is pasted on.",
        /// Documented, ampersand included.
        BwPhotocopied = "b&wPhotocopied": "A black-and-white photocopy.",
        /// Documented.
        ModifiedNik = "modifiedNIK": "The NIK was changed.",
        /// Documented.
        OldKtp = "oldKTP": "An old kind of KTP.",
        /// In the document's sample and in no list of it.
        Screenshot = "screenshot": "A screenshot.",
        /// In the document's sample and in no list of it.
        Scan = "scan": "A scan.",
    }
}

text_enum! {
    /// Why a picture is considered low in quality (`idvResult.qualityLabels`). The document has no list of these:
    /// only a note that names the member, and a sample.
    pub enum QualityLabel {
        all: "Every value in the document's sample.";
        explanation: "In this crate's words: the document has the names without a word on each.";
        /// In the document's sample.
        Blur = "blur": "The picture is blurred.",
        /// In the document's sample.
        Dim = "dim": "The picture is too dark.",
    }
}

/// What the forgery and quality checks found (`idvResult`). Any part of it may be missing ([Q17]).
///
/// [Q17]: crate::quirks
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(
    feature = "serialize",
    derive(serde::Serialize),
    serde(rename_all = "camelCase")
)]
struct Checks {
    #[serde(default, rename = "isLowQuality")]
    is_low_quality: Option<bool>,
    #[serde(default, rename = "forgeryLabels", deserialize_with = "labels")]
    forgery_labels: Option<Vec<ForgeryLabel>>,
    #[serde(default, rename = "qualityLabels", deserialize_with = "labels")]
    quality_labels: Option<Vec<QualityLabel>>,
}

/// What the forgery and quality checks found (`idvResult`). Any part of it may be missing ([Q17]).
///
/// [Q17]: crate::quirks
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
pub struct IdvResult(Checks);

impl fmt::Debug for IdvResult {
    /// The first few labels of each list.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdvResult")
            .field("is_low_quality", &self.0.is_low_quality)
            .field("forgery_labels", &self.forgery_labels().map(Few))
            .field("quality_labels", &self.quality_labels().map(Few))
            .finish()
    }
}

impl IdvResult {
    /// "Indicates if the image is considered low quality."
    pub const fn is_low_quality(&self) -> Option<bool> {
        self.0.is_low_quality
    }

    /// Why the card is considered forged. "If empty, the id card is not forged"; `None` if the reply had no list.
    pub fn forgery_labels(&self) -> Option<&[ForgeryLabel]> {
        self.0.forgery_labels.as_deref()
    }

    /// Why the picture is low in quality; `None` if the reply had no list.
    pub fn quality_labels(&self) -> Option<&[QualityLabel]> {
        self.0.quality_labels.as_deref()
    }
}

/// Everything get-result tells of one verification. All of it may be missing: before the person has finished, for
/// one thing, which the document does not describe ([Q29]).
///
/// [Q29]: crate::quirks
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serialize",
    derive(serde::Serialize),
    serde(rename_all = "camelCase")
)]
pub struct Verification {
    image: Option<ImageLink>,
    cropped_image: Option<ImageLink>,
    image_type: Option<ImageType>,
    idv_code: Option<IdvCode>,
    idv_result: Option<IdvResult>,
    ocr_code: Option<OcrCode>,
    ocr_result: Option<Ktp>,
}

impl Verification {
    /// Reads a result that was stored: `data` of get-result as it came, or what the feature `serialize` writes. It is also
    /// how a unit test has one. Of a whole reply, as [`Response::raw`](crate::Response::raw) has it, take
    /// [`parse`](crate::wire::parse) with [`GetResult`](crate::GetResult).
    ///
    /// ```
    /// use advance_core::{Outcome, Verification};
    ///
    /// let stored = r#"{"idvCode": "SUCCESS", "idvResult": {"isLowQuality": false, "forgeryLabels": ["retake"]}}"#;
    /// let result = Verification::from_json(stored)?;
    /// assert_eq!(result.verdict().outcome, Outcome::NeedsReview);
    /// # Ok::<(), advance_core::wire::DecodeError>(())
    /// ```
    ///
    /// # Errors
    /// A [`DecodeError`] that names the place and never quotes a value.
    pub fn from_json(data: &str) -> Result<Self, DecodeError> {
        decode_result(data)
    }

    /// The full picture. The link lives 24 h by the document; ask again for a new one.
    pub fn image(&self) -> Option<&ImageLink> {
        self.image.as_ref().filter(|link| !link.expose_url().is_empty())
    }

    /// The picture cropped to the card's edges. Older deployments do not have it ([Q21]).
    ///
    /// [Q21]: crate::quirks
    pub fn cropped_image(&self) -> Option<&ImageLink> {
        self.cropped_image
            .as_ref()
            .filter(|link| !link.expose_url().is_empty())
    }

    /// Whether the picture was scanned or uploaded.
    pub const fn image_type(&self) -> Option<&ImageType> {
        self.image_type.as_ref()
    }

    /// How the document verification ended; `None` as long as it has not.
    pub const fn idv_code(&self) -> Option<&IdvCode> {
        self.idv_code.as_ref()
    }

    /// What the forgery and quality checks found.
    pub const fn idv_result(&self) -> Option<&IdvResult> {
        self.idv_result.as_ref()
    }

    /// How reading the card ended. By the document it has a value only if `idvCode` is `SUCCESS` or
    /// `FORGERY_DETECTED`.
    pub const fn ocr_code(&self) -> Option<&OcrCode> {
        self.ocr_code.as_ref()
    }

    /// What was read off the card.
    pub const fn ocr_result(&self) -> Option<&Ktp> {
        self.ocr_result.as_ref()
    }
}

impl Verification {
    /// Whether every member is null or missing.
    pub(crate) fn says_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Debug for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verification")
            .field("image", &self.image)
            .field("cropped_image", &self.cropped_image)
            .field("image_type", &self.image_type)
            .field("idv_code", &self.idv_code)
            .field("idv_result", &self.idv_result)
            .field("ocr_code", &self.ocr_code)
            .field("ocr_result", &self.ocr_result)
            .finish()
    }
}

/// The same as it stands on the wire.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Data {
    #[serde(default, deserialize_with = "optional_text")]
    image: Option<ImageLink>,
    #[serde(default, deserialize_with = "optional_text")]
    cropped_image: Option<ImageLink>,
    #[serde(default, deserialize_with = "optional_text")]
    image_type: Option<ImageType>,
    #[serde(default, deserialize_with = "optional_text")]
    idv_code: Option<IdvCode>,
    #[serde(default, deserialize_with = "optional_object")]
    idv_result: Option<Checks>,
    #[serde(default, deserialize_with = "optional_text")]
    ocr_code: Option<OcrCode>,
    #[serde(default, deserialize_with = "optional_object")]
    ocr_result: Option<Box<Fields>>,
}

/// The members of `data`.
pub(crate) fn own_members() -> &'static [&'static str] {
    names_of::<Data>()
}

/// Those of the objects in it as well.
pub(crate) fn members() -> Vec<&'static str> {
    [own_members(), names_of::<Checks>(), names_of::<Fields>()].concat()
}

impl From<Data> for Verification {
    fn from(data: Data) -> Self {
        Self {
            image: data.image,
            cropped_image: data.cropped_image,
            image_type: data.image_type,
            idv_code: data.idv_code,
            idv_result: data.idv_result.map(IdvResult),
            ocr_code: data.ocr_code,
            ocr_result: data.ocr_result.map(Ktp::from),
        }
    }
}

/// Reads a list of words, or nothing from null.
fn labels<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: for<'a> From<&'a str>,
{
    struct Word<T>(T);

    impl<'de, T: for<'a> From<&'a str>> Deserialize<'de> for Word<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            crate::wire::open_text(deserializer).map(Self)
        }
    }

    let words = Option::<Vec<Word<T>>>::deserialize(deserializer)?;
    Ok(words.map(|words| words.into_iter().map(|Word(word)| word).collect()))
}

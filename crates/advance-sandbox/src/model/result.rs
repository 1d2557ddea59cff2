//! `data` of get-result.

use serde::Serialize;
use serde_json::{Map, Value};

use super::person::{self, OcrResult};

/// What was found on a card, apart from who is on it and where its pictures are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Findings {
    pub(crate) image_type: Option<&'static str>,
    pub(crate) idv_code: Option<&'static str>,
    pub(crate) idv_result: Option<IdvResult>,
    pub(crate) ocr_code: Option<&'static str>,
    pub(crate) ocr: Ocr,
    /// Whether there is a cropped image.
    pub(crate) cropped: bool,
    /// Whether members are absent that could be.
    pub(crate) absent: bool,
    /// Whether there is no `data`.
    pub(crate) null_data: bool,
}

impl Findings {
    pub(super) const NONE: Self = Self {
        image_type: None,
        idv_code: None,
        idv_result: None,
        ocr_code: None,
        ocr: Ocr::Null,
        cropped: true,
        absent: false,
        null_data: false,
    };
}

/// What could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ocr {
    /// `ocrResult` is null.
    Null,
    /// Eighteen nulls.
    Nulls,
    /// All there is about the person on the card.
    Person,
    /// The same, but three values are the text `null`.
    NullStrings,
    /// The masked person of the documented example.
    Documented,
}

/// `idvResult`, in the order of the documented example.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IdvResult {
    pub(crate) forgery_labels: &'static [&'static str],
    pub(crate) is_low_quality: bool,
    pub(crate) quality_labels: &'static [&'static str],
}

impl IdvResult {
    /// Nothing to complain about.
    pub(super) const FINE: Self = Self {
        forgery_labels: &[],
        is_low_quality: false,
        quality_labels: &[],
    };
}

/// `data` of get-result, in the order of the documented example.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResultData {
    image: Option<String>,
    cropped_image: Option<String>,
    image_type: Option<&'static str>,
    idv_code: Option<&'static str>,
    idv_result: Option<IdvResult>,
    ocr_code: Option<&'static str>,
    ocr_result: Option<OcrResult>,
}

impl ResultData {
    pub(super) fn new(found: Findings, person: &OcrResult, links: (Option<String>, Option<String>)) -> Self {
        Self {
            image: links.0,
            cropped_image: links.1,
            image_type: found.image_type,
            idv_code: found.idv_code,
            idv_result: found.idv_result,
            ocr_code: found.ocr_code,
            ocr_result: match found.ocr {
                Ocr::Null => None,
                Ocr::Nulls => Some(OcrResult::default()),
                Ocr::Person => Some(*person),
                Ocr::NullStrings => Some(person.with_null_strings()),
                Ocr::Documented => Some(person::DOCUMENTED),
            },
        }
    }

    /// The data without what a reply may leave out.
    pub(super) fn with_absent_members(&self) -> Value {
        let mut data = serde_json::to_value(self).unwrap_or_default();
        let mut remove = |pointer: &str, name: &str| {
            if let Some(Value::Object(members)) = data.pointer_mut(pointer) {
                members.remove(name);
            }
        };
        remove("", "croppedImage");
        remove("/idvResult", "qualityLabels");
        remove("/ocrResult", "bloodType");
        remove("/ocrResult", "occupation");
        data
    }
}

/// Puts `changes` into `data`, object into object; everything else replaces what was there.
pub(super) fn merge(data: &mut Value, changes: &Map<String, Value>) {
    if !data.is_object() {
        *data = Value::Object(Map::new());
    }
    let Value::Object(members) = data else { return };
    for (name, change) in changes {
        match (members.get_mut(name), change) {
            (Some(member @ Value::Object(_)), Value::Object(inner)) => merge(member, inner),
            _ => {
                members.insert(name.clone(), change.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Outcome;

    #[test]
    fn the_sample_is_the_documented_example() {
        let documented: Value =
            serde_json::from_str(include_str!("../../fixtures/get-result.success.json")).unwrap();
        let link = |name: &str| documented["data"][name].as_str().map(str::to_owned);
        let links = (link("image"), link("croppedImage"));
        let data = ResultData::new(Outcome::Sample.findings(), &person::SYNTHETIC, links);
        assert_eq!(serde_json::to_value(data).unwrap(), documented["data"]);
    }

    #[test]
    fn changes_go_into_objects_and_replace_the_rest() {
        let mut data = json!({"a": {"b": 1, "c": 2}, "d": [1], "e": 5});
        let changes = json!({"a": {"b": null}, "d": {"x": 1}, "f": 6});
        merge(&mut data, changes.as_object().unwrap());
        assert_eq!(
            data,
            json!({"a": {"b": null, "c": 2}, "d": {"x": 1}, "e": 5, "f": 6})
        );
        let mut null = Value::Null;
        merge(&mut null, json!({"a": 1}).as_object().unwrap());
        assert_eq!(null, json!({"a": 1}));
    }
}

//! What a tester chose: how it ends, who is on the card, and how long checking takes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::card::{FORGERY_LABELS, QUALITY_LABELS};
use crate::model::person::FIELDS;
use crate::model::{Ending, Outcome, form, people};

pub(crate) const IDV_CODES: [&str; 9] = [
    "SUCCESS",
    "LOW_QUALITY_IMAGE",
    "FORGERY_DETECTED",
    "CARD_NOT_FOUND",
    "TOO_MANY_CARDS",
    "NO_SUPPORTED_CARD",
    "INCOMPLETED_CARD",
    "TOO_SMALL_CARD",
    "ERROR",
];
pub(crate) const OCR_CODES: [&str; 3] = ["SUCCESS", "OCR_NO_RESULT", "ERROR"];
pub(crate) const IMAGE_TYPES: [&str; 2] = ["SCAN", "MANUAL"];
/// Characters of a field that are kept; a card has room for fewer.
const LONGEST: usize = 256;

/// How long the person waits at the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checking {
    Takes(Duration),
    Never,
}

impl Checking {
    /// Those that the page offers, by their names.
    pub(crate) const OFFERED: [&str; 5] = ["0", "2", "10", "60", "never"];

    fn named(name: &str) -> Option<Self> {
        match name {
            "" => Some(Self::Takes(Duration::ZERO)),
            "never" => Some(Self::Never),
            // A day is longer than anybody waits.
            seconds => seconds
                .parse()
                .ok()
                .filter(|seconds| *seconds <= 86_400)
                .map(|seconds| Self::Takes(Duration::from_secs(seconds))),
        }
    }
}

/// What a tester chose. What was not chosen is as the outcome says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choices {
    pub(crate) outcome: Outcome,
    pub(crate) checking: Checking,
    pub(crate) person: u64,
    idv_code: Option<&'static str>,
    ocr_code: Option<&'static str>,
    image_type: Option<&'static str>,
    forgery: BTreeSet<&'static str>,
    quality: BTreeSet<&'static str>,
    fields: BTreeMap<&'static str, String>,
}

impl Choices {
    /// The choices in a query or form; none if one of them is no choice. An outcome that is not named is `ok`.
    pub(crate) fn parse(encoded: &str) -> Option<Self> {
        let value = |name: &str| form::value(encoded, name).filter(|value| !value.is_empty());
        let outcome = value("outcome").map_or(Some(Outcome::Ok), |name| Outcome::named(&name))?;
        let person = value("person").map_or(Some(0), |number| number.parse().ok())?;
        let one_of = |name: &str, list: &[&'static str]| match value(name) {
            None => Some(None),
            Some(value) => known(&value, list).map(Some),
        };
        let fields = FIELDS.iter().filter_map(|name| {
            let text = value(&format!("ocr.{name}"))?;
            Some((*name, text.chars().take(LONGEST).collect()))
        });
        // An upload is no scan.
        let uploaded = (form::value(encoded, "via").as_deref() == Some("upload")).then_some("MANUAL");
        Some(Self {
            outcome,
            checking: Checking::named(&value("checking").unwrap_or_default())?,
            person,
            idv_code: one_of("idvCode", &IDV_CODES)?,
            ocr_code: one_of("ocrCode", &OCR_CODES)?,
            image_type: one_of("imageType", &IMAGE_TYPES)?.or(uploaded),
            forgery: many(encoded, "forgery", &FORGERY_LABELS)?,
            quality: many(encoded, "quality", &QUALITY_LABELS)?,
            fields: fields.collect(),
        })
    }

    /// Whether something other than an outcome, a person and a time was chosen.
    pub(crate) fn has_details(&self) -> bool {
        let codes = [self.idv_code, self.ocr_code, self.image_type];
        codes.iter().any(Option::is_some)
            || !(self.forgery.is_empty() && self.quality.is_empty() && self.fields.is_empty())
    }

    pub(crate) fn has(&self, name: &str, value: &str) -> bool {
        match name {
            "idvCode" => self.idv_code == Some(value),
            "ocrCode" => self.ocr_code == Some(value),
            "imageType" => self.image_type == Some(value),
            "forgery" => self.forgery.contains(value),
            _ => self.quality.contains(value),
        }
    }

    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// The fields as the card has them.
    pub(crate) fn printed(&self) -> Value {
        let mut person = people::made_up(self.person);
        for (name, text) in self.fields.iter().filter(|(_, text)| *text != "null") {
            person[name] = json!(text);
        }
        person
    }

    /// What get-result is to say.
    pub(crate) fn ending(&self) -> Ending {
        let found = self.outcome.findings();
        let mut changes = Map::new();
        let mut change = |name: &str, value: Value| changes.insert(name.to_owned(), value);
        if let Some(code) = self.image_type {
            change("imageType", json!(code));
        }
        if let Some(code) = self.idv_code {
            change("idvCode", json!(code));
            if code == "CARD_NOT_FOUND" {
                change("croppedImage", Value::Null);
            }
        }
        let low = self.idv_code == Some("LOW_QUALITY_IMAGE");
        if low || !self.forgery.is_empty() || !self.quality.is_empty() {
            let chosen = |labels: &BTreeSet<_>, outcome: &'static [&'static str]| {
                if labels.is_empty() {
                    json!(outcome)
                } else {
                    json!(labels)
                }
            };
            let base = found.idv_result;
            let idv_result = json!({
                "forgeryLabels": chosen(&self.forgery, base.map_or(&[], |base| base.forgery_labels)),
                "isLowQuality": low || !self.quality.is_empty() || base.is_some_and(|base| base.is_low_quality),
                "qualityLabels": chosen(&self.quality, base.map_or(&[], |base| base.quality_labels)),
            });
            change("idvResult", idv_result);
        }
        // Only these two codes have an ocrCode (documented), unless the tester wants to see what a client does then.
        let unread = self
            .idv_code
            .is_some_and(|code| !["SUCCESS", "FORGERY_DETECTED"].contains(&code));
        let ocr_code = match self.ocr_code {
            Some(code) => Some(code),
            None if unread => None,
            None => found.ocr_code,
        };
        if ocr_code != found.ocr_code {
            change("ocrCode", json!(ocr_code));
        }
        let mut fields = Map::new();
        match ocr_code {
            Some("OCR_NO_RESULT") if self.ocr_code.is_some() => {
                fields.extend(FIELDS.map(|name| (name.to_owned(), Value::Null)));
            }
            Some("SUCCESS") if self.person != 0 || found.ocr_code != Some("SUCCESS") => {
                if let Value::Object(person) = people::made_up(self.person) {
                    fields = person;
                }
            }
            _ => {}
        }
        for (name, text) in &self.fields {
            let value = if text == "null" { Value::Null } else { json!(text) };
            fields.insert((*name).to_owned(), value);
        }
        if ocr_code.is_none() || ocr_code == Some("ERROR") {
            if self.ocr_code.is_some() || unread {
                change("ocrResult", Value::Null);
            }
        } else if !fields.is_empty() {
            change("ocrResult", Value::Object(fields));
        }
        Ending::changed(self.outcome, changes)
    }
}

fn known(value: &str, list: &[&'static str]) -> Option<&'static str> {
    list.iter().copied().find(|known| *known == value)
}

/// Every value of `name`; none if one of them is in no list.
fn many(encoded: &str, name: &str, list: &[&'static str]) -> Option<BTreeSet<&'static str>> {
    form::values(encoded, name)
        .filter(|value| !value.is_empty())
        .map(|value| known(&value, list))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(encoded: &str) -> Value {
        let ending = Choices::parse(encoded).unwrap().ending();
        ending
            .changes()
            .map_or(Value::Null, |changes| Value::Object(changes.clone()))
    }

    #[test]
    fn nothing_chosen_is_the_outcome_as_it_is() {
        let choices = Choices::parse("outcome=forged&token=x&step=use&via=card&ocr.name=&idvCode=").unwrap();
        assert_eq!(choices.ending().outcome(), Some(Outcome::Forged));
        assert!(choices.ending().changes().is_none() && !choices.has_details());
        assert_eq!(choices.checking, Checking::Takes(Duration::ZERO));
        assert_eq!(Choices::parse(""), Choices::parse("outcome=ok"));
    }

    #[test]
    fn what_is_no_choice_is_refused() {
        for encoded in [
            "outcome=perfect",
            "person=-1",
            "person=x",
            "idvCode=success",
            "ocrCode=NO",
            "imageType=JPEG",
            "forgery=retake&forgery=x",
            "quality=glare",
            "checking=x",
            "checking=86401",
        ] {
            assert_eq!(Choices::parse(encoded), None, "{encoded}");
        }
    }

    #[test]
    fn a_code_without_ocr_takes_the_text_with_it() {
        assert_eq!(
            changes("idvCode=TOO_SMALL_CARD&ocr.name=X&person=3"),
            json!({"idvCode": "TOO_SMALL_CARD", "ocrCode": null, "ocrResult": null})
        );
        let all = changes("idvCode=CARD_NOT_FOUND&ocrCode=SUCCESS");
        assert_eq!(
            (&all["ocrCode"], &all["croppedImage"]),
            (&Value::Null, &Value::Null)
        );
        assert_eq!(all["idvCode"], "CARD_NOT_FOUND");
    }

    #[test]
    fn labels_fields_and_kind_go_into_the_answer() {
        let all = changes(
            "outcome=ok&forgery=oldKTP&forgery=b%26wPhotocopied&quality=dim&imageType=MANUAL&ocr.name=SITI+%22X%22&ocr.rtrw=null",
        );
        assert_eq!(
            all,
            json!({
                "imageType": "MANUAL",
                "idvResult": {"forgeryLabels": ["b&wPhotocopied", "oldKTP"], "isLowQuality": true, "qualityLabels": ["dim"]},
                "ocrResult": {"name": "SITI \"X\"", "rtrw": null},
            })
        );
        assert_eq!(changes("via=upload"), json!({"imageType": "MANUAL"}));
        assert_eq!(changes("via=upload&imageType=SCAN"), json!({"imageType": "SCAN"}));
    }

    #[test]
    fn every_ocr_code_has_its_text() {
        assert_eq!(
            changes("ocrCode=ERROR"),
            json!({"ocrCode": "ERROR", "ocrResult": null})
        );
        let empty = changes("ocrCode=OCR_NO_RESULT");
        assert!(
            empty["ocrResult"]
                .as_object()
                .unwrap()
                .values()
                .all(Value::is_null)
        );
        assert_eq!(empty["ocrResult"].as_object().unwrap().len(), FIELDS.len());
        let read = changes("outcome=no-card&ocrCode=SUCCESS&idvCode=SUCCESS&person=5");
        assert_eq!(read["ocrResult"], people::made_up(5));
    }

    #[test]
    fn the_card_has_what_was_typed_but_for_what_was_not_read() {
        let printed = Choices::parse("ocr.name=A+B&ocr.religion=null")
            .unwrap()
            .printed();
        assert_eq!(printed["name"], "A B");
        assert_eq!(printed["religion"], "ISLAM");
    }
}

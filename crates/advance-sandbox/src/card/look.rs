//! How a card looks, from what get-result says of it.

use serde_json::Value;

/// The documented reasons for which a card counts as forged.
pub(crate) const FORGERY_LABELS: [&str; 7] = [
    "retake",
    "colorPhotocopied",
    "cutoffCorner",
    "pastedPhoto",
    "b&wPhotocopied",
    "modifiedNIK",
    "oldKTP",
];

/// The labels of the documented example. The document has no list of them.
pub(crate) const QUALITY_LABELS: [&str; 2] = ["blur", "dim"];

/// What lies before the camera.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Subject {
    #[default]
    Card,
    Nothing,
    TwoCards,
    OtherCard,
    CutOff,
    TooSmall,
}

/// The codes that speak of what lies before the camera.
pub(super) const SUBJECTS: [(&str, Subject); 5] = [
    ("CARD_NOT_FOUND", Subject::Nothing),
    ("TOO_MANY_CARDS", Subject::TwoCards),
    ("NO_SUPPORTED_CARD", Subject::OtherCard),
    ("INCOMPLETED_CARD", Subject::CutOff),
    ("TOO_SMALL_CARD", Subject::TooSmall),
];

/// How a card looks. The default is a good picture of a good card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Look {
    pub(crate) subject: Subject,
    labels: Vec<String>,
}

impl Look {
    /// The look of `data` of get-result.
    pub(crate) fn of(data: &Value) -> Self {
        let code = data["idvCode"].as_str().unwrap_or_default();
        let subject = SUBJECTS.iter().find(|(name, _)| *name == code);
        let idv = &data["idvResult"];
        let mut labels: Vec<String> = [&idv["forgeryLabels"], &idv["qualityLabels"]]
            .into_iter()
            .filter_map(Value::as_array)
            .flatten()
            .filter_map(|label| label.as_str().map(str::to_owned))
            .collect();
        // Without a word on what is wrong, something has to be.
        let unsaid = match code {
            "FORGERY_DETECTED" if labels.is_empty() => Some("retake"),
            "LOW_QUALITY_IMAGE" if labels.is_empty() => Some("blur"),
            _ => None,
        };
        labels.extend(unsaid.map(str::to_owned));
        Self {
            subject: subject.map_or(Subject::Card, |(_, subject)| *subject),
            labels,
        }
    }

    pub(crate) fn has(&self, label: &str) -> bool {
        self.labels.iter().any(|other| other == label)
    }
}

//! What a verification came to, and when that can be heard.

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::outcome::Outcome;
use super::time::UnixMs;

/// What a verification came to: an outcome, an outcome with changes, or data that is delivered byte by byte.
#[derive(Clone, Debug)]
pub struct Ending(pub(super) Kind);

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Outcome(Outcome),
    Changed(Outcome, Box<Map<String, Value>>),
    Exact(Box<RawValue>),
}

impl From<Outcome> for Ending {
    fn from(outcome: Outcome) -> Self {
        Self(Kind::Outcome(outcome))
    }
}

impl Ending {
    /// The data of `outcome` with these members put into it, object into object: `{"ocrResult":{"name":null}}`.
    #[must_use]
    pub fn changed(outcome: Outcome, changes: Map<String, Value>) -> Self {
        if changes.is_empty() {
            return outcome.into();
        }
        Self(Kind::Changed(outcome, Box::new(changes)))
    }

    /// This JSON as `data`, delivered byte by byte: order, spelling and doubled members stay.
    #[must_use]
    pub fn exactly(data: Box<RawValue>) -> Self {
        Self(Kind::Exact(data))
    }

    /// The outcome, unless the data was given as such.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        match &self.0 {
            Kind::Outcome(outcome) | Kind::Changed(outcome, _) => Some(*outcome),
            Kind::Exact(_) => None,
        }
    }

    /// What was put into the outcome's data.
    #[must_use]
    pub fn changes(&self) -> Option<&Map<String, Value>> {
        match &self.0 {
            Kind::Changed(_, changes) => Some(changes),
            Kind::Outcome(_) | Kind::Exact(_) => None,
        }
    }

    /// About how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        match &self.0 {
            Kind::Outcome(_) => 0,
            Kind::Changed(_, changes) => serde_json::to_string(changes).map_or(0, |text| 4 * text.len()),
            Kind::Exact(data) => data.get().len(),
        }
    }

    /// Why there is no OCR result, if there is none: then the page goes to `failReturnUrl` (documented) and says this
    /// as `errorCode` (a guess).
    pub(super) fn failure(&self) -> Option<String> {
        let exact: Value = match &self.0 {
            Kind::Exact(data) => serde_json::from_str(data.get()).unwrap_or_default(),
            _ => Value::Null,
        };
        let found = self.outcome().map(Outcome::findings);
        let code = |name: &str, of_outcome: Option<&str>| -> Option<String> {
            let changed = self.changes().and_then(|changes| changes.get(name));
            let value = changed.or_else(|| exact.get(name));
            match value {
                Some(value) => value.as_str().map(str::to_owned),
                None => of_outcome.map(str::to_owned),
            }
        };
        match code("ocrCode", found.and_then(|found| found.ocr_code)).as_deref() {
            Some("SUCCESS") => None,
            Some(code) => Some(code.to_owned()),
            None => Some(
                code("idvCode", found.and_then(|found| found.idv_code)).unwrap_or_else(|| "ERROR".to_owned()),
            ),
        }
    }
}

/// When get-result tells how a verification ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ready {
    /// At once.
    #[default]
    Now,
    /// From the poll of this number on; 0 and 1 are at once.
    Poll(u32),
    /// From this time on, by the [vendor's clock](crate::model::Clock).
    At(UnixMs),
    /// Never.
    Never,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn exactly(data: &str) -> Ending {
        Ending::exactly(RawValue::from_string(data.to_owned()).unwrap())
    }

    #[test]
    fn a_redirect_is_not_a_verdict() {
        let failure = |outcome: Outcome| Ending::from(outcome).failure();
        assert_eq!(failure(Outcome::Ok), None);
        assert_eq!(failure(Outcome::Forged), None);
        assert_eq!(failure(Outcome::NoCard).as_deref(), Some("CARD_NOT_FOUND"));
        assert_eq!(failure(Outcome::OcrEmpty).as_deref(), Some("OCR_NO_RESULT"));
        assert_eq!(exactly(r#"{"ocrCode":"SUCCESS"}"#).failure(), None);
        assert_eq!(exactly("5").failure().as_deref(), Some("ERROR"));
        let changes = |value: Value| match value {
            Value::Object(changes) => changes,
            other => panic!("{other}"),
        };
        let ending = Ending::changed(Outcome::Ok, changes(json!({"ocrCode": "ERROR"})));
        assert_eq!(ending.failure().as_deref(), Some("ERROR"));
        let ending = Ending::changed(Outcome::Ok, changes(json!({"ocrCode": null, "idvCode": "X"})));
        assert_eq!(ending.failure().as_deref(), Some("X"));
    }
}

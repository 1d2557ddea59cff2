//! What there is to see of a result: for drawing its card.

use serde_json::{Value, json};

use super::ending::{Ending, Kind};
use super::people;
use super::person;
use super::result::{self, ResultData};

/// `data` of get-result without its links.
pub(super) fn data(ending: &Ending) -> Value {
    let outcome = match &ending.0 {
        Kind::Exact(data) => return serde_json::from_str(data.get()).unwrap_or_default(),
        Kind::Outcome(outcome) | Kind::Changed(outcome, _) => *outcome,
    };
    let found = outcome.findings();
    let mut data = json!(ResultData::new(found, &person::SYNTHETIC, (None, None)));
    if let Some(changes) = ending.changes() {
        result::merge(&mut data, changes);
    }
    data
}

/// Who is on the card: whom the page printed on it, else the usual person with what was read. What is masked, the text
/// `null` and what was not read stay as they are on the card.
pub(super) fn person(printed: Option<&Value>, data: &Value) -> Value {
    let mut person = printed.cloned().unwrap_or_else(|| people::made_up(0));
    let readable = |text: &&str| !text.contains('*') && *text != "null";
    for (name, value) in data["ocrResult"].as_object().into_iter().flatten() {
        if let Some(text) = value.as_str().filter(readable) {
            person[name] = json!(text);
        }
    }
    person
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Outcome;

    #[test]
    fn the_card_shows_what_was_read_and_hides_no_mask() {
        let sample = data(&Outcome::Sample.into());
        assert_eq!(person(None, &sample)["name"], "CONTOH SANDBOX");
        assert_eq!(person(None, &sample)["bloodType"], "O");
        let unread = data(&Outcome::Blur.into());
        assert_eq!(person(Some(&json!({"name": "A"})), &unread)["name"], "A");
        let read = json!({"ocrResult": {"name": "B", "religion": "null"}});
        assert_eq!(person(None, &read)["name"], "B");
        assert_eq!(person(None, &read)["religion"], "ISLAM");
    }
}

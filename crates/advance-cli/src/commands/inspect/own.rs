//! What the other commands print with `--json`, and data without its envelope.

use serde_json::{Map, Value, json};

use super::find::Found;
use super::{Explained, detect};
use crate::out::Out;
use crate::style::{BAD, styled};
use crate::text::{Rows, cut};

/// Whether it says why a command failed.
pub(super) fn is_failure(object: &Map<String, Value>) -> bool {
    object.get("results").is_none()
        && object.get("documents").is_none()
        && object
            .get("error")
            .is_some_and(|error| error.get("kind").is_some() && error.get("message").is_some())
}

/// Data put back into an envelope.
pub(super) fn as_reply(object: &Map<String, Value>) -> Option<String> {
    detect::data(object)?;
    let mut data = object.clone();
    let mut take = |name: &str| data.remove(name).unwrap_or(Value::Null);
    let (id, pricing) = (take("transactionId"), take("pricingStrategy"));
    let envelope = json!({ "code": "SUCCESS", "message": null, "data": data, "transactionId": id, "pricingStrategy": pricing });
    Some(envelope.to_string())
}

/// A failure as it was told.
pub(super) fn failure(found: &Found, out: &Out) -> Explained {
    let mut object: Value = serde_json::from_str(&found.body).unwrap_or_default();
    let error = object.get_mut("error").map(Value::take).unwrap_or_default();
    let mut rows = Rows::default();
    for (name, member) in [
        ("vendor", "vendorMessage"),
        ("cause", "cause"),
        ("try", "hint"),
        ("host", "baseUrl"),
        ("transactionId", "transactionId"),
    ] {
        if let Some(text) = error.get(member).and_then(Value::as_str) {
            rows.add([name, &cut(text)]);
        }
    }
    let message = error.get("message").and_then(Value::as_str).unwrap_or_default();
    let message = crate::text::clean(message);
    let text = format!(
        "a command of this program failed: {}\n{}",
        styled(BAD, &message),
        out.lines(&rows, 2)
    );
    let mut printed = Map::new();
    printed.insert("what".to_owned(), "failure".into());
    printed.insert("failure".to_owned(), error);
    Explained {
        object: printed,
        text,
        problem: None,
    }
}

//! The letter about an outcome.

use advance_collector::Event;
use advance_collector::outbox::{Letter, NewLetter};
use advance_core::{Outcome, UnixMillis};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The letter about this outcome, written now. It holds ids, the verdict, the kinds of its reasons and the cost: no word of
/// the person's. Its id is the `webhook-id`, the same for the same event.
pub fn letter(event: &Event, now: UnixMillis) -> NewLetter {
    let body = body(event, now).to_string();
    NewLetter::new(
        name(&event.id()),
        event.signature_id.clone(),
        event.revision,
        body,
    )
}

/// The body with what the caller adds to its data.
pub(super) fn enclosing(letter: &Letter, result: Value) -> String {
    let mut body: Value = serde_json::from_str(&letter.body).unwrap_or_default();
    if let Some(data) = body.get_mut("data").and_then(Value::as_object_mut) {
        data.insert("result".to_owned(), result);
    }
    body.to_string()
}

/// An event's id may hold anything that the vendor gave out; in a header, and before a full stop, only this may stand.
fn name(event: &str) -> String {
    let hash = hex::encode(Sha256::digest(event.as_bytes()));
    format!("evt_{}", hash.get(..32).unwrap_or(&hash))
}

fn body(event: &Event, now: UnixMillis) -> Value {
    let conclusion = &event.conclusion;
    json!({
        "type": "verification.ended",
        "timestamp": rfc3339(now),
        "data": {
            "signatureId": event.signature_id.as_str(),
            "revision": event.revision,
            "ending": conclusion.ending.as_str(),
            "outcome": conclusion.verdict.map(Outcome::as_str),
            "reasons": conclusion.reasons,
            "code": conclusion.code,
            "transactionId": conclusion.transaction_id,
            "charges": event.charges,
        }
    })
}

fn rfc3339(time: UnixMillis) -> String {
    let millis = i64::try_from(time.get()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(millis)
        .unwrap_or(jiff::Timestamp::MAX)
        .to_string()
}

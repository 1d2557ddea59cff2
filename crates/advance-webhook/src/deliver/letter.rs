//! One outcome on its way to the receiver.

use std::fmt;
use std::str::FromStr;

use advance_collector::{Event, UnknownWord};
use advance_core::{Outcome, UnixMillis};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// An outcome, as it is sent. It holds ids, the verdict, the kinds of its reasons and the cost: no word of the person's.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Letter {
    /// The `webhook-id`: the same each time that it is sent.
    pub id: String,
    /// Of which verification.
    pub signature_id: String,
    /// 1, and one more if the verification was resolved after it had ended as unsure.
    pub revision: u32,
    /// The body, as JSON.
    pub body: String,
    /// Where it stands.
    pub state: LetterState,
    /// How many times it was sent in vain.
    pub failures: u32,
    /// When it was written.
    pub written: UnixMillis,
    /// When it is sent next, or was last.
    pub due: UnixMillis,
    /// How the latest attempt ended, if it failed.
    pub trouble: Option<String>,
}

/// Where a letter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LetterState {
    /// To be sent when it is due.
    Waiting,
    /// The receiver took it.
    Delivered,
    /// It was sent as often as the schedule says, and never taken.
    Dead,
}

impl LetterState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Delivered, Self::Dead];

    /// One word that does not change: `waiting`, `delivered`, `dead`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}

impl fmt::Display for LetterState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for LetterState {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let known = Self::ALL.into_iter().find(|value| value.as_str() == text);
        known.ok_or(UnknownWord)
    }
}

impl Letter {
    /// The letter about this outcome, written now.
    pub fn of(event: &Event, now: UnixMillis) -> Self {
        let signature_id = event.signature_id.as_str().to_owned();
        Self {
            id: name(&event.id()),
            body: body(event, now).to_string(),
            signature_id,
            revision: event.revision,
            state: LetterState::Waiting,
            failures: 0,
            written: now,
            due: now,
            trouble: None,
        }
    }

    /// The body with what the caller adds to its data.
    pub(super) fn enclosing(&self, result: Value) -> String {
        let mut body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        if let Some(data) = body.get_mut("data").and_then(Value::as_object_mut) {
            data.insert("result".to_owned(), result);
        }
        body.to_string()
    }
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

//! Verifications over HTTP.

use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::{Done, Refused, json_reply, malformed, number, ok};
use crate::model::Vendor;
use crate::model::ending::{Ending, Ready};
use crate::model::outcome::Outcome;
use crate::model::time::UnixMs;
use crate::model::verification::Verification;

/// How a verification is to end: an outcome, an outcome with changes, or data to deliver byte by byte.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Ended {
    outcome: Option<Outcome>,
    r#override: Option<Map<String, Value>>,
    #[serde(default, deserialize_with = "present")]
    data: Option<Box<RawValue>>,
    after_ms: Option<u64>,
    #[serde(default)]
    never: bool,
    /// Whether one that has ended is to end anew.
    #[serde(default)]
    again: bool,
}

/// A member that is null is there all the same.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::<RawValue>::deserialize(deserializer).map(Some)
}

impl Ended {
    fn ending(self) -> Result<Ending, Refused> {
        match (self.outcome, self.data) {
            (Some(outcome), None) => Ok(Ending::changed(outcome, self.r#override.unwrap_or_default())),
            (None, Some(data)) if self.r#override.is_none() => Ok(Ending::exactly(data)),
            _ => Err(malformed("either an outcome, with or without override, or data")),
        }
    }

    fn ready(&self, now: UnixMs) -> Ready {
        match self.after_ms {
            _ if self.never => Ready::Never,
            Some(after) => Ready::At(now.after(Duration::from_millis(after))),
            None => Ready::Now,
        }
    }
}

impl Vendor {
    pub(super) fn end_by_control(&mut self, signature_id: &str, ended: Ended, now: UnixMs) -> Done {
        let (ready, again) = (ended.ready(now), ended.again);
        let ending = ended.ending()?;
        let known = self.verifications.get(signature_id).ok_or_else(unknown)?;
        if let Some(before) = known
            .ended(now)
            .filter(|before| !again && !before.is_same_as(&ending))
        {
            return Err(over(before));
        }
        self.finish_when(signature_id, ending, ready);
        ok()
    }

    /// The newest first, 100 unless `count` says otherwise.
    pub(super) fn list_verifications(&self, query: &str, now: UnixMs) -> Done {
        let count = number(query, "count")?.unwrap_or(100);
        let newest = self.verifications.newest();
        let shown = newest.map(|(id, verification)| state(id, verification, now));
        json_reply(
            &shown
                .take(usize::try_from(count).unwrap_or(usize::MAX))
                .collect::<Vec<_>>(),
        )
    }

    pub(super) fn show_verification(&self, signature_id: &str, now: UnixMs) -> Done {
        let verification = self.verifications.get(signature_id).ok_or_else(unknown)?;
        json_reply(&state(signature_id, verification, now))
    }
}

/// What is known of a verification, without the account, the addresses and the data.
fn state(signature_id: &str, verification: &Verification, now: UnixMs) -> Value {
    let ending = verification.ending();
    let state = match (ending, verification.ended(now)) {
        (_, Some(_)) if verification.delivered => "delivered",
        (_, Some(_)) => "finished",
        (Some(_), None) => "checking",
        (None, _) if now >= verification.link_expires => "expired",
        (None, _) => "waiting",
    };
    json!({
        "signatureId": signature_id,
        "userId": verification.user_id,
        "state": state,
        "outcome": ending.and_then(Ending::outcome),
        "beganMs": verification.began.as_millis(),
        "linkExpiresMs": verification.link_expires.as_millis(),
        "polls": verification.polls,
        "page": format!("/s/{signature_id}"),
    })
}

/// The client may have been told, and a person cannot go back either.
fn over(before: &Ending) -> Refused {
    let how = before
        .outcome()
        .map_or("data of a test", |outcome| outcome.name());
    let text = format!(
        "this verification has ended already: {how}. Begin another one, or send \"again\":true to end it anew"
    );
    (StatusCode::CONFLICT, text)
}

fn unknown() -> Refused {
    (StatusCode::NOT_FOUND, "no such signatureId".to_owned())
}

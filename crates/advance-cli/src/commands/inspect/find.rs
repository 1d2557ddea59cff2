//! The bodies in a file, wherever in it they are.

use serde::de::Deserialize as _;
use serde_json::value::RawValue;
use serde_json::{Deserializer, Map, Value};

use super::detect::{self, Call};
use super::head::{self, Head};
use super::{embedded, har, own};

/// A body and what surrounds it.
pub(super) struct Found {
    /// Where in the file.
    pub(super) place: String,
    /// The head of the message that it came with.
    pub(super) head: Head,
    /// As it stands in the file.
    pub(super) body: String,
    pub(super) what: What,
}

/// What a body is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Reply,
    Request(Call),
    /// This command's own report of a failure.
    Failure,
}

/// All bodies in a text.
pub(super) fn all(text: &str) -> Vec<Found> {
    if let Some(found) = json(text, &Head::default()) {
        return found;
    }
    let found = head::split(text)
        .into_iter()
        .flat_map(|(head, body)| json(&body, &head).unwrap_or_else(|| embedded::all(&body, &head)))
        .collect::<Vec<_>>();
    if found.is_empty() {
        embedded::all(text, &Head::default())
    } else {
        found
    }
}

/// The bodies in a text that is JSON from beginning to end: one value, or one after the other.
fn json(text: &str, head: &Head) -> Option<Vec<Found>> {
    let text = text.trim();
    if !text.starts_with(['{', '[', '"']) {
        return None;
    }
    let values: Vec<&RawValue> = Deserializer::from_str(text)
        .into_iter()
        .collect::<Result<_, _>>()
        .ok()?;
    let several = values.len() > 1;
    let mut found = Vec::new();
    for (index, value) in values.iter().enumerate() {
        let place = if several {
            format!("value {}", index + 1)
        } else {
            "the whole".to_owned()
        };
        in_value(value.get(), &place, head, 0, &mut found);
    }
    (!found.is_empty()).then_some(found)
}

/// How deep a body may hide in others.
const DEEPEST: usize = 8;

/// The bodies in a JSON value.
pub(super) fn in_value(raw: &str, place: &str, head: &Head, depth: usize, found: &mut Vec<Found>) {
    if depth > DEEPEST {
        return;
    }
    let one = |what| Found {
        place: place.to_owned(),
        head: head.clone(),
        body: raw.to_owned(),
        what,
    };
    match Value::deserialize(&mut Deserializer::from_str(raw)) {
        Ok(Value::Object(object)) => {
            if detect::is_envelope(&object) {
                found.push(one(What::Reply));
            } else if let Some(call) = detect::request(&object) {
                found.push(one(What::Request(call)));
            } else if har::is_one(&object) {
                found.extend(har::entries(&object));
            } else if own::is_failure(&object) {
                found.push(one(What::Failure));
            } else if let Some(body) = own::as_reply(&object) {
                found.push(Found {
                    body,
                    ..one(What::Reply)
                });
            } else {
                in_members(raw, place, head, depth, &object, found);
            }
        }
        Ok(Value::Array(_)) => {
            let items: Vec<&RawValue> = serde_json::from_str(raw).unwrap_or_default();
            for (index, item) in items.iter().enumerate() {
                in_value(
                    item.get(),
                    &format!("{place}, item {}", index + 1),
                    head,
                    depth + 1,
                    found,
                );
            }
        }
        Ok(Value::String(text)) => in_string(&text, place, head, depth, found),
        _ => {}
    }
}

fn in_members(
    raw: &str,
    place: &str,
    head: &Head,
    depth: usize,
    object: &Map<String, Value>,
    found: &mut Vec<Found>,
) {
    let members: std::collections::BTreeMap<String, &RawValue> =
        serde_json::from_str(raw).unwrap_or_default();
    // In the order of the file.
    for name in object.keys() {
        if let Some(value) = members.get(name) {
            in_value(value.get(), &format!("{place}, {name}"), head, depth + 1, found);
        }
    }
}

/// JSON in a string, as logs have it.
pub(super) fn in_string(text: &str, place: &str, head: &Head, depth: usize, found: &mut Vec<Found>) {
    if !text.contains('{') {
        return;
    }
    match serde_json::from_str::<&RawValue>(text.trim()) {
        Ok(value) => in_value(value.get(), place, head, depth + 1, found),
        Err(_) => found.extend(embedded::all(text, head).into_iter().map(|one| Found {
            place: format!("{place}, {}", one.place),
            ..one
        })),
    }
}

//! A value of a wrong type, in each place.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use super::runner::{fault, for_each_ask};
use super::{Ask, EXAMPLES, Parser};
use crate::strategies::hostile;

/// The types a documented place takes.
pub(super) fn takes(pointer: &str, value: &Value) -> bool {
    let name = pointer.rsplit('/').next().unwrap_or_default();
    match name {
        "extra" => true,
        "code" | "token" | "signatureId" | "url" => value.is_string(),
        // Digits in quotes are taken for what they are.
        "expiredTime" => value.is_u64() || value.as_str().is_some_and(|text| text.parse::<u64>().is_ok()),
        "isLowQuality" => value.is_boolean() || value.is_null(),
        "data" | "idvResult" | "ocrResult" => value.is_object() || value.is_null(),
        "forgeryLabels" | "qualityLabels" => value.is_null() || value.as_array().is_some_and(Vec::is_empty),
        // An element of a list of labels.
        _ if name.bytes().all(|b| b.is_ascii_digit()) => value.is_string(),
        _ => value.is_string() || value.is_null(),
    }
}

/// The place as an error names it: `data.idvResult.forgeryLabels[1]`.
fn path_of(pointer: &str) -> String {
    pointer.split('/').skip(1).fold(String::new(), |path, name| {
        if name.bytes().all(|b| b.is_ascii_digit()) {
            format!("{path}[{name}]")
        } else if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    })
}

/// In each place of the documented successes, a value of a type that is not documented there is refused, and the
/// error names that very place (if the way of parsing tells places at all).
///
/// # Panics
/// If the property does not hold.
pub fn a_wrong_type_is_refused_by_its_place(parser: &impl Parser) {
    let wrong = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        // A half is lost in a large number, and a whole one is a time.
        any::<f64>().prop_map(|number| Value::from((number % 1e9).trunc() + 0.5)),
        "\\PC{0,20}".prop_map(Value::from),
        Just(json!([])),
        Just(json!(["x", 1, null])),
        Just(json!({})),
        Just(json!({ "x": 1 })),
    ];
    let success = |ask: Ask| {
        let example = EXAMPLES
            .iter()
            .find(|example| example.ask == ask && example.name.ends_with(".success"));
        example.map_or_else(
            || Value::Null,
            |example| serde_json::from_str(example.body).unwrap_or_default(),
        )
    };
    for_each_ask(
        parser,
        "a wrong type is refused by its place",
        |_| (any::<Index>(), wrong.clone()),
        |ask, (at, value)| {
            let mut document = success(ask);
            let places = hostile::places(&document);
            let place = at.get(&places);
            if takes(place, &value) {
                return Ok(());
            }
            if let Some(there) = document.pointer_mut(place) {
                *there = value;
            }
            let body = document.to_string();
            let parsed = parser.parse(ask, body.as_bytes());
            if parsed.is_reply || parsed.data.is_some() {
                return Err(fault("took a wrong type", &body, &parsed));
            }
            // In a list that holds several wrong things, the first of them is named.
            let named = parsed
                .path
                .as_ref()
                .map(|path| path.strip_prefix(&path_of(place)));
            match named {
                None => Ok(()),
                Some(Some(rest)) if rest.is_empty() || rest.starts_with('[') => Ok(()),
                Some(_) => Err(fault("names another place", &body, &parsed)),
            }
        },
    );
}

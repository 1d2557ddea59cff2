//! Members that are not documented, and members that stand there twice.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

use super::runner::{fault, for_each_ask, same};
use super::{Ask, Parser};
use crate::strategies::documents::{any_json, document, success_document};
use crate::strategies::{any_text, hostile};

/// The objects of the documented format, as pointers.
fn objects(ask: Ask) -> &'static [&'static str] {
    match ask {
        Ask::GenerateToken | Ask::GenerateUrl => &["", "/data"],
        Ask::GetResult => &["", "/data", "/data/idvResult", "/data/ocrResult"],
    }
}

/// Members that are not documented, of any name and value, at any level, change nothing.
///
/// # Panics
/// If the property does not hold.
pub fn unknown_members_change_nothing(parser: &impl Parser) {
    for_each_ask(
        parser,
        "unknown members change nothing",
        |ask| {
            (
                document(ask),
                prop::collection::vec((any::<Index>(), any_text(), any_json()), 1..5),
            )
        },
        |ask, (document, members)| {
            // Not finished if nothing is in it, and another endpoint's if all that is in it is a stranger.
            let data = document.pointer("/data").and_then(Value::as_object);
            if ask == Ask::GetResult && data.is_some_and(serde_json::Map::is_empty) {
                return Ok(());
            }
            let plain = parser.parse(ask, document.to_string().as_bytes());
            let mut stuffed = document;
            for (level, name, value) in members {
                let object = stuffed.pointer_mut(level.get::<&str>(objects(ask)));
                if let Some(object) = object.and_then(Value::as_object_mut) {
                    // A name of the format is never random text by chance, but `_` in front makes sure.
                    object.insert(format!("_{name}"), value);
                }
            }
            let body = stuffed.to_string();
            let parsed = parser.parse(ask, body.as_bytes());
            if same(&plain, &parsed) {
                Ok(())
            } else {
                Err(fault("is not the same", &body, &parsed))
            }
        },
    );
}

/// A documented member that stands there twice, even with the same value, is refused: which of the two another
/// reader would believe is anybody's guess.
///
/// # Panics
/// If the property does not hold.
pub fn a_doubled_member_is_refused(parser: &impl Parser) {
    for_each_ask(
        parser,
        "a doubled member is refused",
        |ask| (success_document(ask), any::<Index>()),
        |ask, (document, at)| {
            let members: Vec<String> = hostile::places(&document)
                .into_iter()
                .filter(|place| {
                    objects(ask).contains(&place.rsplit_once('/').map_or("", |(parent, _)| parent))
                })
                .collect();
            let place = at.get(&members);
            let (parent, name) = place.rsplit_once('/').unwrap_or_default();
            let mut doubled = document;
            let member = format!(
                "{}:{}",
                Value::from(name),
                doubled.pointer(place).unwrap_or(&Value::Null)
            );
            if let Some(Value::Object(object)) = doubled.pointer_mut(parent) {
                object.insert("@@twice@@".to_owned(), Value::Null);
            }
            let body = doubled.to_string().replacen("\"@@twice@@\":null", &member, 1);
            let parsed = parser.parse(ask, body.as_bytes());
            if !parsed.is_reply && parsed.data.is_none() {
                Ok(())
            } else {
                Err(fault("believed one of the two", &body, &parsed))
            }
        },
    );
}

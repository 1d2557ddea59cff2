//! The JSON of a request: a flat object of strings and numbers, written into one buffer. One that grows leaves pieces
//! behind.

use std::io::Write as _;

use crate::scan;

/// A value in it.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    Text(&'a str),
    Number(u64),
}

/// The digits of the largest number.
const DIGITS: usize = 20;

/// An object of these members, whose names need no escapes.
pub(super) fn object<'a>(members: impl Iterator<Item = (&'static str, Value<'a>)> + Clone) -> Vec<u8> {
    let room = members.clone().map(|(name, value)| {
        // Two quotes, a colon, and a comma or a brace.
        name.len() + 4 + room(value)
    });
    let mut json = Vec::with_capacity(room.sum::<usize>() + 2);
    for (name, value) in members {
        json.push(if json.is_empty() { b'{' } else { b',' });
        json.push(b'"');
        json.extend_from_slice(name.as_bytes());
        json.extend_from_slice(b"\":");
        write(&mut json, value);
    }
    json.push(b'}');
    json
}

/// The most that a value takes.
fn room(value: Value<'_>) -> usize {
    match value {
        Value::Text(text) if is_plain(text) => text.len() + 2,
        Value::Text(text) => {
            let mut length = Length(0);
            // Neither a string nor this writer fails.
            let _written = serde_json::to_writer(&mut length, text);
            length.0
        }
        Value::Number(_) => DIGITS,
    }
}

fn write(json: &mut Vec<u8>, value: Value<'_>) {
    // A vector takes all that is written, and a string can always be written.
    let _written = match value {
        Value::Text(text) if is_plain(text) => {
            json.push(b'"');
            json.extend_from_slice(text.as_bytes());
            json.push(b'"');
            Ok(())
        }
        Value::Text(text) => serde_json::to_writer(&mut *json, text).map_err(Into::into),
        Value::Number(number) => write!(json, "{number}"),
    };
}

/// Whether nothing in it needs an escape.
fn is_plain(text: &str) -> bool {
    scan::all(text.as_bytes(), |b| b >= b' ') && !scan::any_of(text.as_bytes(), b"\"\\")
}

/// Counts what is written.
struct Length(usize);

impl std::io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_is_what_serde_json_makes_of_it_and_its_buffer_never_grows() {
        let text = || prop_oneof!["\\PC{0,20}", "[\\x00-\\x7f]{0,40}", any::<String>()];
        proptest!(|(first in text(), second in text(), number: u64)| {
            let members = [
                ("first", Value::Text(&first)),
                ("second", Value::Text(&second)),
                ("third", Value::Number(number)),
            ];
            let written = object(members.into_iter());
            let read: serde_json::Value = serde_json::from_slice(&written).unwrap();
            prop_assert_eq!(read, json!({ "first": first, "second": second, "third": number }));
            let value = serde_json::to_string(&first).unwrap();
            let start = format!("{{\"first\":{value},");
            prop_assert!(written.starts_with(start.as_bytes()));
            let most: usize = members.into_iter().map(|(name, value)| name.len() + 4 + room(value)).sum();
            prop_assert!(written.len() <= most + 2);
        });
    }

    #[test]
    fn a_body_is_written_into_a_buffer_that_never_grows() {
        let text = "\u{1}\"x".repeat(1_000);
        let body = object([("a", Value::Text(&text))].into_iter());
        assert_eq!(body, serde_json::to_vec(&json!({ "a": text })).unwrap());
        // It had room for one byte more from the beginning.
        assert_eq!(body.capacity(), body.len() + 1);
    }
}

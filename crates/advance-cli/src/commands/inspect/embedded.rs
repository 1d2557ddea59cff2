//! Bodies in the middle of other text: a line of a log, the output of a tool.

use serde_json::Deserializer;
use serde_json::value::RawValue;

use super::find::{self, Found};
use super::head::Head;

/// How many beginnings are tried, so that a hostile file ends in time.
const TRIES: usize = 100_000;
/// How many of them may go on to the end of the text without an end of their own.
const ENDLESS: usize = 50;

/// All bodies that begin somewhere in the text.
pub(super) fn all(text: &str, head: &Head) -> Vec<Found> {
    let mut found = Vec::new();
    let (mut at, mut line, mut counted, mut endless) = (0, 1, 0, 0);
    for _ in 0..TRIES {
        let Some(next) = text[at..].find(['{', '"']) else {
            break;
        };
        at += next;
        line += text[counted..at].matches('\n').count();
        counted = at;
        let before = found.len();
        let length = value(&text[at..], &mut endless);
        if endless > ENDLESS {
            break;
        }
        if let Some(length) = length {
            let place = format!("line {line}");
            find::in_value(&text[at..at + length], &place, head, 1, &mut found);
        }
        // What held nothing may still have something inside it that is cut differently.
        at += match length {
            Some(length) if found.len() > before => length,
            _ => 1,
        };
    }
    found
}

/// How long the JSON value is that begins here.
fn value(text: &str, endless: &mut usize) -> Option<usize> {
    let likely = if let Some(object) = text.strip_prefix('{') {
        object.trim_start().starts_with(['"', '}'])
    } else {
        text[1..].trim_start_matches(['\\', ' ', '\n']).starts_with('{')
    };
    if !likely {
        return None;
    }
    let mut values = Deserializer::from_str(text).into_iter::<&RawValue>();
    match values.next() {
        Some(Ok(_)) => Some(values.byte_offset()),
        Some(Err(error)) => {
            *endless += usize::from(error.is_eof());
            None
        }
        None => None,
    }
}

//! What in a reply does not fit, named by its place and never by its value.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use serde::de::DeserializeOwned;

/// A reply, or its `data`, that does not fit: where, and which rule.
///
/// Its text holds member names of the documented format and words of this crate, nothing else of the reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    path: Cow<'static, str>,
    fault: DecodeFault,
    expected: Cow<'static, str>,
}

/// What kind of misfit it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DecodeFault {
    /// The bytes are no UTF-8.
    Utf8,
    /// The text is no JSON, or goes on after its end.
    Syntax,
    /// The text ends too early.
    Truncated,
    /// The JSON has another shape than documented.
    Shape,
}

const NOT_JSON: &str = "is not valid JSON";
/// What `serde_json` says of a number past a float's range.
const OUT_OF_RANGE: &str = "number out of range";

impl DecodeError {
    /// What an [`Endpoint`](super::Endpoint) says of `data` that does not fit. `path` is the place below `data`,
    /// members joined with dots, empty for `data` itself; `expected` is the rule. Neither may repeat the value.
    pub fn new(path: impl Into<Cow<'static, str>>, expected: impl Into<Cow<'static, str>>) -> Self {
        Self {
            path: path.into(),
            fault: DecodeFault::Shape,
            expected: expected.into(),
        }
    }

    pub(crate) fn utf8() -> Self {
        Self {
            path: "".into(),
            fault: DecodeFault::Utf8,
            expected: "is not valid UTF-8".into(),
        }
    }

    /// The same error, found below `data` instead of at the top.
    pub(crate) fn below_data(mut self) -> Self {
        if self.fault == DecodeFault::Syntax {
            // Line and column would count from where `data` begins, which is no help.
            self.expected = NOT_JSON.into();
        }
        self.path = match &*self.path {
            "" => "data".into(),
            path => format!("data.{path}").into(),
        };
        self
    }

    /// Where: member names joined with dots, as in `data.ocrResult.idNumber`; empty for the whole reply.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What kind of misfit it is.
    pub const fn fault(&self) -> DecodeFault {
        self.fault
    }

    /// From serde's error, whose own text quotes values.
    fn from_json(mut path: String, error: &serde_json::Error, members: &[&str]) -> Self {
        let fault = match error.classify() {
            serde_json::error::Category::Eof => DecodeFault::Truncated,
            // JSON's numbers have no limits, so such a one is a misfit and no broken text.
            serde_json::error::Category::Syntax if error.to_string().starts_with(OUT_OF_RANGE) => {
                DecodeFault::Shape
            }
            serde_json::error::Category::Syntax | serde_json::error::Category::Io => DecodeFault::Syntax,
            serde_json::error::Category::Data => DecodeFault::Shape,
        };
        let expected: Cow<'static, str> = match fault {
            DecodeFault::Truncated => format!("ends too early, at line {}", error.line()).into(),
            DecodeFault::Shape => rule(&error.to_string(), &mut path, members),
            _ => format!("{NOT_JSON} at line {}, column {}", error.line(), error.column()).into(),
        };
        Self {
            path: path.into(),
            fault,
            expected,
        }
    }
}

/// The part of serde's message that this crate wrote. A member that is missing or double is added to the path.
fn rule(message: &str, path: &mut String, members: &[&str]) -> Cow<'static, str> {
    let message = message
        .rsplit_once(" at line ")
        .map_or(message, |(message, _)| message);
    for (lead, rule) in [
        ("missing field `", "is missing"),
        ("duplicate field `", "stands there twice"),
    ] {
        let name = message.strip_prefix(lead).and_then(|rest| rest.strip_suffix('`'));
        if let Some(name) = name.filter(|name| members.contains(name)) {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(name);
            return rule.into();
        }
    }
    if message == OUT_OF_RANGE {
        return "holds a number out of range".into();
    }
    // What stands before it quotes the value; what follows the last one is a visitor's fixed text.
    match message.rsplit_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}").into(),
        None => "does not have the documented shape".into(),
    }
}

/// The path in words of the documented format. It ends in front of a name that is not documented.
fn known_path(path: &serde_path_to_error::Path, members: &[&str]) -> String {
    use serde_path_to_error::Segment;
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Map { key } if members.contains(&&**key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(key);
            }
            Segment::Seq { index } => {
                let _cannot_fail = write!(text, "[{index}]");
            }
            _ => break,
        }
    }
    text
}

/// Reads a type from JSON text. After a failure, and only then, it looks again to name the place, in names that are
/// `members`; other names are the sender's text and are not repeated.
pub(crate) fn from_json<T: DeserializeOwned>(
    text: &str,
    members: fn() -> Vec<&'static str>,
) -> Result<T, DecodeError> {
    serde_json::from_str(text).map_err(|_| explain::<T>(text, &members()))
}

/// The second, cold look at text that did not fit.
#[cold]
pub(crate) fn explain<'de, T: serde::Deserialize<'de>>(text: &'de str, members: &[&str]) -> DecodeError {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
        Err(error) => DecodeError::from_json(known_path(error.path(), members), error.inner(), members),
        Ok(_) => match deserializer.end() {
            Err(error) => DecodeError::from_json(String::new(), &error, members),
            Ok(()) => DecodeError::new("", "does not have the documented shape"),
        },
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.path {
            "" => f.write_str("the reply: ")?,
            path => write!(f, "{path}: ")?,
        }
        f.write_str(&self.expected)
    }
}

impl std::error::Error for DecodeError {}

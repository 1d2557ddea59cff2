//! Bodies that no server should send.

use std::fmt;
use std::ops::Deref;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;

use super::documents::{any_json, document};
use super::text::any_text;
use crate::suites::parser::{Ask, EXAMPLES};

/// A body as bytes. `Debug` shows it as text, escaped where it is none, and the middle of a long one by its length, so that
/// a failure of a property is one to read.
#[derive(Clone, PartialEq, Eq)]
pub struct Body(Vec<u8>);

impl Body {
    /// The bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl Deref for Body {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const END: usize = 1_000;
        match self.0.len().checked_sub(2 * END) {
            None | Some(0) => write!(f, "b\"{}\"", self.0.escape_ascii()),
            Some(between) => {
                let (begin, end) = (&self.0[..END], &self.0[END + between..]);
                write!(
                    f,
                    "b\"{}\"… {between} bytes …b\"{}\"",
                    begin.escape_ascii(),
                    end.escape_ascii()
                )
            }
        }
    }
}

/// A body in the way of a reply to this question: random bytes, a documented example or another reply with bytes or
/// members changed, or nesting without end.
pub fn body(ask: Ask) -> impl Strategy<Value = Body> {
    prop_oneof![
        1 => vec(any::<u8>(), 0..300),
        1 => any_json().prop_map(|json| json.to_string().into_bytes()),
        4 => mangled(example(ask).boxed()),
        2 => mangled(document(ask).prop_map(|json| json.to_string()).boxed()),
        4 => rearranged(ask),
        1 => nested(ask).prop_map(Body::into_bytes),
    ]
    .prop_map(Body)
    .boxed()
}

/// One of the documented replies to this question.
pub fn example(ask: Ask) -> impl Strategy<Value = String> {
    let bodies = EXAMPLES.iter().filter(move |example| example.ask == ask);
    select(bodies.map(|example| example.body.to_owned()).collect::<Vec<_>>())
}

/// One change of a text's bytes.
#[derive(Clone, Debug)]
enum Slip {
    Cut(Index),
    Flip(Index, u8),
    Insert(Index, Vec<u8>),
    Delete(Index, usize),
    Repeat(Index, usize),
    Swap(Index, Index),
}

fn slip() -> impl Strategy<Value = Slip> {
    let pieces: Vec<&[u8]> = vec![
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\"",
        b"\\",
        b"\\u",
        b"\\ud800",
        b"null",
        b"true",
        b"0",
        b"-",
        b"1e999",
        b"\xff",
        b"\xc0\x80",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
        b"\0",
        b" ",
        b"\n",
        b"\"code\":\"SUCCESS\",",
        b"\"data\":{},",
        b"\"data\":null,",
    ];
    prop_oneof![
        2 => any::<Index>().prop_map(Slip::Cut),
        3 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Slip::Flip(at, byte)),
        4 => (any::<Index>(), select(pieces)).prop_map(|(at, piece)| Slip::Insert(at, piece.to_vec())),
        2 => (any::<Index>(), 1..40_usize).prop_map(|(at, length)| Slip::Delete(at, length)),
        2 => (any::<Index>(), 1..80_usize).prop_map(|(at, length)| Slip::Repeat(at, length)),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(a, b)| Slip::Swap(a, b)),
    ]
    .boxed()
}

impl Slip {
    fn apply(self, body: &mut Vec<u8>) {
        if body.is_empty() {
            return;
        }
        let length = body.len();
        match self {
            Self::Cut(at) => body.truncate(at.index(length)),
            Self::Flip(at, byte) => body[at.index(length)] ^= byte,
            Self::Insert(at, piece) => {
                let at = at.index(length);
                body.splice(at..at, piece);
            }
            Self::Delete(at, count) => {
                let at = at.index(length);
                body.drain(at..length.min(at + count));
            }
            Self::Repeat(at, count) => {
                let at = at.index(length);
                let piece = body[at..length.min(at + count)].to_vec();
                body.splice(at..at, piece);
            }
            Self::Swap(a, b) => body.swap(a.index(length), b.index(length)),
        }
    }
}

/// A text with a few of its bytes changed.
fn mangled(text: BoxedStrategy<String>) -> impl Strategy<Value = Vec<u8>> {
    (text, vec(slip(), 1..5))
        .prop_map(|(text, slips)| {
            let mut body = text.into_bytes();
            for slip in slips {
                slip.apply(&mut body);
            }
            body
        })
        .boxed()
}

/// A reply that is still JSON, with members of a wrong type, missing, unknown, at their limits, or doubled.
fn rearranged(ask: Ask) -> impl Strategy<Value = Vec<u8>> {
    let change = prop_oneof![
        3 => any_json().prop_map(Change::Set),
        3 => extreme_number().prop_map(|number| Change::Raw(number.to_owned())),
        1 => Just(Change::Remove),
        2 => (any_text(), any_json()).prop_map(|(name, value)| Change::Add(name, value)),
        1 => any_json().prop_map(Change::Double),
    ];
    (document(ask), vec((any::<Index>(), change), 1..4))
        .prop_map(|(mut json, changes)| {
            let mut raw = Vec::new();
            for (at, change) in changes {
                let places = places(&json);
                change.apply(&mut json, at.get::<String>(&places), &mut raw);
            }
            finish(&json, &raw).into_bytes()
        })
        .boxed()
}

/// Numbers at the limits of what parsers take for a number.
pub fn extreme_number() -> impl Strategy<Value = &'static str> + Clone {
    select(vec![
        "0",
        "-0",
        "0.0",
        "-1",
        "1.5",
        "9007199254740993",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775809",
        "1e15",
        "1E+2",
        "1e-2",
        "1e19",
        "1e20",
        "1.8446744073709552e19",
        "1e308",
        "1e309",
        "1e999999",
        "-1e999999",
        "1e-999999",
        "5e-324",
        "1642580192430.0000000000000000001",
        "123456789012345678901234567890123456789012345678901234567890",
        "0.1e1",
        "1642580192430.0",
        "10e-1",
    ])
}

#[derive(Clone, Debug)]
enum Change {
    Set(Value),
    Raw(String),
    Remove,
    Add(String, Value),
    Double(Value),
}

/// Stands in a document for text that a `Value` cannot hold.
fn mark(index: usize) -> String {
    format!("@@{index}@@")
}

impl Change {
    fn apply(self, json: &mut Value, pointer: &str, raw: &mut Vec<(String, String)>) {
        let (parent, name) = pointer.rsplit_once('/').unwrap_or(("", ""));
        let name = name.replace("~1", "/").replace("~0", "~");
        match self {
            Self::Set(value) => set(json, pointer, value),
            Self::Raw(text) => {
                let mark = mark(raw.len());
                raw.push((format!("\"{mark}\""), text));
                set(json, pointer, Value::from(mark));
            }
            Self::Remove => match json.pointer_mut(parent) {
                Some(Value::Object(members)) => drop(members.remove(&name)),
                Some(Value::Array(items)) => drop(items.pop()),
                _ => {}
            },
            Self::Add(name, value) => {
                if let Some(Value::Object(members)) = json.pointer_mut(parent) {
                    members.entry(name).or_insert(value);
                }
            }
            Self::Double(value) => {
                if let Some(Value::Object(members)) = json.pointer_mut(parent) {
                    let mark = mark(raw.len());
                    raw.push((
                        format!("\"{mark}\":null"),
                        format!("{}:{value}", Value::from(name)),
                    ));
                    members.insert(mark, Value::Null);
                }
            }
        }
    }
}

fn set(json: &mut Value, pointer: &str, value: Value) {
    if let Some(place) = json.pointer_mut(pointer) {
        *place = value;
    }
}

fn finish(json: &Value, raw: &[(String, String)]) -> String {
    let text = json.to_string();
    raw.iter()
        .fold(text, |text, (mark, raw)| text.replacen(mark, raw, 1))
}

/// Every place in a JSON value but the root, as pointers; the root if there is no other.
pub(crate) fn places(json: &Value) -> Vec<String> {
    fn collect(json: &Value, at: &str, found: &mut Vec<String>) {
        let mut place = |name: &str, value: &Value| {
            let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
            collect(value, &at, found);
            found.push(at);
        };
        match json {
            Value::Object(members) => members.iter().for_each(|(name, value)| place(name, value)),
            Value::Array(items) => (0..)
                .zip(items)
                .for_each(|(index, value): (usize, _)| place(&index.to_string(), value)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    collect(json, "", &mut found);
    if found.is_empty() {
        found.push(String::new());
    }
    found
}

/// A reply with nesting far past any parser's limit in one place, closed or not.
pub fn nested(ask: Ask) -> impl Strategy<Value = Body> {
    nesting(ask).prop_map(|nested| nested.body)
}

/// The same, with what was done to it.
#[derive(Clone, Debug)]
pub(crate) struct Nested {
    /// Where, as a pointer.
    pub(crate) place: String,
    /// Whether the reply was one with `SUCCESS`.
    pub(crate) success: bool,
    /// Whether arrays are nested, or objects.
    pub(crate) array: bool,
    /// Whether what is opened is closed.
    pub(crate) closed: bool,
    /// What came of it.
    pub(crate) body: Body,
}

pub(crate) fn nesting(ask: Ask) -> impl Strategy<Value = Nested> {
    let depth = prop_oneof![8 => 100..400_usize, 1 => 10_000..100_000_usize];
    (document(ask), any::<Index>(), depth, any::<bool>(), any::<bool>())
        .prop_map(|(mut json, at, depth, array, closed)| {
            let (open, close) = if array { ("[", "]") } else { ("{\"a\":", "}") };
            let bomb = format!(
                "{}0{}",
                open.repeat(depth),
                if closed {
                    close.repeat(depth)
                } else {
                    String::new()
                }
            );
            let mut raw = Vec::new();
            let place = at.get::<String>(&places(&json)).clone();
            let success = json["code"] == "SUCCESS";
            Change::Raw(bomb).apply(&mut json, &place, &mut raw);
            Nested {
                place,
                success,
                array,
                closed,
                body: finish(&json, &raw).into_bytes().into(),
            }
        })
        .boxed()
}

//! What a reply repeats of its request: words of the server's, made safe to show.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::domain::TransactionId;
use crate::escape::{Shown, readable};
use crate::redact::Redaction;
use crate::wipe::Wiped;
use crate::wire::{Code, Endpoint, is_documented_message, names_a_member};

/// How much of a body that is no envelope an error repeats.
const EXCERPT: usize = 200;
/// How much of it is looked at for that: many times as much, because secrets are taken out of it first.
const LOOKED_AT: usize = 64 * 1024;

/// The vendor's message. A documented one has nothing of anybody's in it.
pub(super) fn message(message: String, redaction: &Redaction<'_>) -> String {
    if is_documented_message(&message) {
        message
    } else {
        redaction.apply(message)
    }
}

/// The words of an envelope are repeated by events as well.
pub(super) fn code(code: Code, redaction: &Redaction<'_>) -> Code {
    match code {
        Code::Unknown(text) => Code::from(redaction.apply(text.as_str().to_owned()).as_str()),
        documented => documented,
    }
}

pub(super) fn transaction_id(id: Option<TransactionId>, redaction: &Redaction<'_>) -> Option<TransactionId> {
    // Nearly every one.
    if id.as_ref().is_none_or(|id| redaction.is_free(id.as_str())) {
        return id;
    }
    id.map(|id| TransactionId::from(redaction.apply(id.as_str().to_owned()).as_str()))
}

/// The beginning of a body that is no envelope, for a person to recognise the page. What could be a piece of a reply,
/// however damaged, may hold personal data and is not repeated.
pub(super) fn excerpt<E: Endpoint>(body: &[u8], redaction: &Redaction<'_>) -> String {
    if names_a_member(&readable(body), &E::members()) {
        return String::new();
    }
    let beginning = readable(body.get(..LOOKED_AT).unwrap_or(body));
    let text = Wiped::new(redaction.apply((*beginning).clone()));
    let text = text.split(['{', '[']).next().unwrap_or_default().trim();
    if text.is_empty() || text.starts_with('"') {
        return String::new();
    }
    format!(": {}", Shown::new(text, EXCERPT))
}

/// Every string of a request's body, names of members aside. One without escapes is lent by the body.
pub(super) fn strings_of(body: &[u8]) -> Vec<Text<'_>> {
    let mut found = Vec::new();
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    // What is no JSON has no strings that could be told from the rest.
    let _no_json = Strings(&mut found).deserialize(&mut deserializer);
    found
}

/// A string of a body.
pub(super) enum Text<'a> {
    Lent(&'a str),
    /// It had escapes.
    Own(Wiped<String>),
}

impl Text<'_> {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Lent(text) => text,
            Self::Own(text) => text,
        }
    }
}

struct Strings<'a, 'de>(&'a mut Vec<Text<'de>>);

impl<'de> DeserializeSeed<'de> for Strings<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strings<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.0.push(Text::Own(Wiped::new(text.to_owned())));
        Ok(())
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<(), E> {
        self.0.push(Text::Lent(text));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Strings(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while members.next_key::<IgnoredAny>()?.is_some() {
            members.next_value_seed(Strings(self.0))?;
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strings_of_a_body_are_found_at_every_depth() {
        let body = br#"{"a":"one","b":[1,2.5,-1,true,null,{"c":"two\n","d":["three"]}],"e":""}"#;
        let found: Vec<_> = strings_of(body)
            .iter()
            .map(|text| text.as_str().to_owned())
            .collect();
        assert_eq!(found, ["one", "two\n", "three", ""]);
        assert!(strings_of(b"grant_type=x").is_empty());
    }
}

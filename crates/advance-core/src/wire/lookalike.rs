//! A reply of another endpoint, taken for what it is.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::{Endpoint, GenerateToken, GenerateUrl, envelope};

/// What an object of JSON is a reply to, if it has members and none of them is `expected`: in words for an error.
pub(super) fn lookalike(data: &str, expected: &[&str]) -> Option<&'static str> {
    let mut names = Names(BTreeSet::new());
    let mut deserializer = serde_json::Deserializer::from_str(data);
    DeserializeSeed::deserialize(&mut names, &mut deserializer).ok()?;
    let has = |of: &[&str]| of.iter().any(|name| names.0.contains(*name));
    if names.0.is_empty() || has(expected) {
        return None;
    }
    Some(if names.0.contains("token") {
        "has none of the documented members; it looks like a reply to generate-token"
    } else if has(&GenerateUrl::members()) || has(&GenerateToken::members()) {
        "has none of the documented members; it looks like a reply to generate-url"
    } else if has(&envelope::members()) {
        "has none of the documented members; it looks like a whole reply inside another"
    } else {
        "has none of the documented members; it looks like the reply of another endpoint"
    })
}

/// The names of an object's own members.
struct Names(BTreeSet<String>);

impl<'de> DeserializeSeed<'de> for &mut Names {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Names {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            members.next_value::<IgnoredAny>()?;
            self.0.insert(name);
        }
        Ok(())
    }
}

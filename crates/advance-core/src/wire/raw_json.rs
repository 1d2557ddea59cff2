//! JSON of no documented shape, kept as text.

use std::fmt;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::wipe::Wiped;

/// One JSON value as it came, such as the envelope's `extra`. It may hold anything, so `Debug` does not show it
/// and it is wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct RawJson(Wiped<String>);

impl RawJson {
    /// The JSON text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawJson({} bytes)", self.0.len())
    }
}

/// Reads any value; null is nothing.
pub(crate) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<RawJson>, D::Error> {
    let value = Option::<&RawValue>::deserialize(deserializer)?;
    Ok(value.map(|value| RawJson(Wiped::new(value.get().to_owned()))))
}

#[cfg(feature = "serialize")]
impl serde::Serialize for RawJson {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value: &RawValue = serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        value.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_a_length_and_no_content() {
        let raw = RawJson(Wiped::new(r#"{"name":"SARI"}"#.to_owned()));
        assert_eq!(format!("{raw:?}"), "RawJson(15 bytes)");
    }
}

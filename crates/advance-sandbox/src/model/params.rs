//! The members of a request's JSON object.

use serde_json::{Map, Value};

use super::refusal::{self, Refusal};

/// A request's body, known to be an object.
pub(super) struct Params(Map<String, Value>);

impl Params {
    pub(super) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        serde_json::from_slice(body)
            .map(Self)
            .map_err(|_| refusal::BAD_REQUEST)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The value of `name`, unless it is missing, null or an empty string.
    fn present(&self, name: &str) -> Option<&Value> {
        self.0
            .get(name)
            .filter(|value| !value.is_null() && value.as_str() != Some(""))
    }

    /// A string that has to be there.
    pub(super) fn text(&self, name: &str) -> Result<&str, Refusal> {
        self.present(name)
            .ok_or(refusal::EMPTY)?
            .as_str()
            .ok_or(refusal::WRONG_TYPE)
    }

    /// A string that may be missing; an empty one counts as missing (a guess).
    pub(super) fn optional_text(&self, name: &str) -> Result<Option<&str>, Refusal> {
        self.present(name)
            .map(|value| value.as_str().ok_or(refusal::WRONG_TYPE))
            .transpose()
    }

    /// What stands for a number, as it was sent: the documents' table says string, their sample sends a number.
    pub(super) fn digits(&self, name: &str) -> Result<Option<String>, Refusal> {
        match self.present(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(refusal::WRONG_TYPE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(text: &str) -> Params {
        Params::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn only_an_object_is_a_request() {
        for text in ["", "[]", "null", "1", "\"x\"", "{", "{} {}", "{\"a\":}"] {
            assert_eq!(
                Params::parse(text.as_bytes()).err(),
                Some(refusal::BAD_REQUEST),
                "{text}"
            );
        }
        assert_eq!(
            Params::parse(b"{\"a\":\"\xff\"}").err(),
            Some(refusal::BAD_REQUEST)
        );
    }

    #[test]
    fn missing_null_and_empty_are_the_same() {
        for text in ["{}", r#"{"a":null}"#, r#"{"a":""}"#] {
            assert_eq!(params(text).text("a"), Err(refusal::EMPTY), "{text}");
            assert_eq!(params(text).optional_text("a"), Ok(None), "{text}");
            assert_eq!(params(text).digits("a"), Ok(None), "{text}");
        }
    }

    #[test]
    fn a_wrong_type_is_not_a_missing_value() {
        for text in [r#"{"a":5}"#, r#"{"a":[]}"#, r#"{"a":{}}"#, r#"{"a":true}"#] {
            assert_eq!(params(text).text("a"), Err(refusal::WRONG_TYPE), "{text}");
            assert_eq!(
                params(text).optional_text("a"),
                Err(refusal::WRONG_TYPE),
                "{text}"
            );
        }
        assert_eq!(params(r#"{"a":true}"#).digits("a"), Err(refusal::WRONG_TYPE));
    }

    #[test]
    fn digits_are_what_was_sent() {
        assert_eq!(
            params(r#"{"a":1665993522952}"#).digits("a").unwrap().unwrap(),
            "1665993522952"
        );
        assert_eq!(params(r#"{"a":"0060"}"#).digits("a").unwrap().unwrap(), "0060");
    }
}

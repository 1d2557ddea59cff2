//! Scalars, read as wide as the documents contradict each other and no wider.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserializer, Visitor};

use crate::time::UnixMillis;

struct MillisVisitor;

const MILLIS: &str = "a whole, non-negative number of milliseconds";

impl Visitor<'_> for MillisVisitor {
    type Value = UnixMillis;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MILLIS)
    }

    fn visit_u64<E>(self, millis: u64) -> Result<UnixMillis, E> {
        Ok(UnixMillis::new(millis))
    }

    fn visit_f64<E: de::Error>(self, millis: f64) -> Result<UnixMillis, E> {
        // 2^64, the first float past the range; everything below it that is whole converts exactly.
        const END: f64 = 18_446_744_073_709_551_616.0;
        if millis.fract() == 0.0 && (0.0..END).contains(&millis) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "whole and in range"
            )]
            return Ok(UnixMillis::new(millis as u64));
        }
        Err(E::invalid_type(de::Unexpected::Other("number"), &MILLIS))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<UnixMillis, E> {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        match text.parse() {
            Ok(millis) if digits => Ok(UnixMillis::new(millis)),
            _ => Err(E::invalid_type(de::Unexpected::Other("text"), &MILLIS)),
        }
    }
}

/// Reads milliseconds: a whole number, also written as a float or as a string of digits.
pub(crate) fn millis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UnixMillis, D::Error> {
    deserializer.deserialize_any(MillisVisitor)
}

struct TextVisitor<T> {
    expected: &'static str,
    made: PhantomData<T>,
}

impl<T: for<'a> From<&'a str>> Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::from(text))
    }
}

/// Reads a string into a type that takes any text.
pub(crate) fn open_text<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: for<'a> From<&'a str>,
{
    deserializer.deserialize_str(TextVisitor {
        expected: "a string",
        made: PhantomData,
    })
}

struct OptionalTextVisitor<T>(PhantomData<T>);

const TEXT_OR_NULL: &str = "a string or null";

impl<'de, T: for<'a> From<&'a str>> Visitor<'de> for OptionalTextVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(TEXT_OR_NULL)
    }

    fn visit_none<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        let text = deserializer.deserialize_str(TextVisitor {
            expected: TEXT_OR_NULL,
            made: PhantomData,
        });
        text.map(Some)
    }
}

/// Reads a string or null.
pub(crate) fn optional_text<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: for<'a> From<&'a str>,
{
    deserializer.deserialize_option(OptionalTextVisitor(PhantomData))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<u64> {
        millis(&mut serde_json::Deserializer::from_str(json))
            .ok()
            .map(UnixMillis::get)
    }

    #[test]
    fn whole_numbers_in_any_notation_are_milliseconds() {
        for (json, millis) in [
            ("1642580192430", Some(1_642_580_192_430)),
            ("1642580192430.0", Some(1_642_580_192_430)),
            ("1.642580192430e12", Some(1_642_580_192_430)),
            ("\"1642580192430\"", Some(1_642_580_192_430)),
            ("0", Some(0)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("\"18446744073709551616\"", None),
            ("-1", None),
            ("-1.0", None),
            ("1.5", None),
            ("1e300", None),
            ("\"\"", None),
            ("\"+5\"", None),
            ("\" 5\"", None),
            ("\"abc\"", None),
            ("true", None),
            ("[]", None),
        ] {
            assert_eq!(read(json), millis, "{json}");
        }
    }
}

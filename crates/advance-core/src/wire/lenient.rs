//! Scalars, read as wide as the documents contradict each other and no wider.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{self, Deserializer, Error as _, Visitor};
use serde_json::value::RawValue;

use crate::time::UnixMillis;
use crate::wipe::Wiped;

const MILLIS: &str = "a whole, non-negative number of milliseconds";

/// Milliseconds as nearly every server writes them, in digits alone. Where a reply has others, it is read again.
pub(super) struct PlainMillis(UnixMillis);

impl From<PlainMillis> for UnixMillis {
    fn from(millis: PlainMillis) -> Self {
        millis.0
    }
}

impl<'de> Deserialize<'de> for PlainMillis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer).map(|millis| Self(UnixMillis::new(millis)))
    }
}

/// Milliseconds: a whole number in any notation of JSON's, or a string of digits.
pub(super) struct Millis(UnixMillis);

impl From<Millis> for UnixMillis {
    fn from(millis: Millis) -> Self {
        millis.0
    }
}

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        millis(deserializer).map(Self)
    }
}

/// It goes by the text: serde would hand over a float, in which `1642580192430.0000000001` is a whole number and
/// times past 2^53 are other times.
fn millis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UnixMillis, D::Error> {
    let value = <&RawValue>::deserialize(deserializer)?.get();
    let millis = if value.starts_with('"') {
        // A digit may stand there as an escape, so what counts is the text that the JSON means.
        let text: Option<String> = serde_json::from_str(value).ok();
        text.filter(|text| text.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok())
    } else {
        whole(value)
    };
    millis
        .map(UnixMillis::new)
        .ok_or_else(|| D::Error::invalid_value(de::Unexpected::Other("value"), &MILLIS))
}

/// A JSON number as a whole one, if that is what it is: `15`, `15.0`, `1.5e1`, `150e-1`.
fn whole(number: &str) -> Option<u64> {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let (whole, negative) = whole
        .strip_prefix('-')
        .map_or((whole, false), |rest| (rest, true));
    let digits = [whole, fraction].concat();
    let significant = digits.trim_matches('0');
    if significant.is_empty() {
        return Some(0);
    }
    // The number is `significant` followed by this many zeros; past 19 it is out of range.
    let trailing = digits.len() - digits.trim_end_matches('0').len();
    let zeros = exponent
        .parse::<i64>()
        .ok()?
        .checked_add(i64::try_from(trailing).ok()?)?
        .checked_sub(i64::try_from(fraction.len()).ok()?)?;
    let zeros = u32::try_from(zeros).ok().filter(|_| !negative)?;
    significant
        .parse::<u64>()
        .ok()?
        .checked_mul(10_u64.checked_pow(zeros)?)
}

/// A string that is wiped when it is dropped, also if what stands beside it does not fit and no caller gets it.
pub(super) struct SecretText(pub(super) Wiped<String>);

impl From<&str> for SecretText {
    fn from(text: &str) -> Self {
        Self(Wiped::new(text.to_owned()))
    }
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
        let mut deserializer = serde_json::Deserializer::from_str(json);
        millis(&mut deserializer).ok().map(UnixMillis::get)
    }

    #[test]
    fn whole_numbers_in_any_notation_are_milliseconds() {
        for (json, millis) in [
            ("1642580192430", Some(1_642_580_192_430)),
            ("1642580192430.0", Some(1_642_580_192_430)),
            ("1.642580192430e12", Some(1_642_580_192_430)),
            ("\"1642580192430\"", Some(1_642_580_192_430)),
            ("0", Some(0)),
            ("-0", Some(0)),
            ("-0.0e5", Some(0)),
            ("0e999999999999999999999", Some(0)),
            ("150e-1", Some(15)),
            ("1.5E+1", Some(15)),
            ("0.0015e4", Some(15)),
            ("9007199254740993.0", Some(9_007_199_254_740_993)),
            ("18446744073709551615.00", Some(u64::MAX)),
            ("1e19", Some(10_000_000_000_000_000_000)),
            ("1e20", None),
            ("1e-1", None),
            ("1642580192430.0000000000000000001", None),
            ("1e99999999999999999999", None),
            ("1e-99999999999999999999", None),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("\"18446744073709551616\"", None),
            ("-1", None),
            ("-1.0", None),
            ("1.5", None),
            ("1e300", None),
            (r#""\u0031642580192430""#, Some(1_642_580_192_430)),
            (r#""164258019243\u0030""#, Some(1_642_580_192_430)),
            (r#""1642580192430\u0000""#, None),
            (r#""\u0661642580192430""#, None),
            (r#""\ud800""#, None),
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

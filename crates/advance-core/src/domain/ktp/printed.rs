//! One field of the card, as printed.

use std::fmt;

use serde::Deserializer;

use super::print::{is_blank, is_comma};
use super::reading::is_masked;
use crate::wipe::Wiped;

/// One field as the vendor's OCR gave it: the text as printed on the card, or nothing.
///
/// Null, `"null"`, the empty string and an absent member all mean "not read"; which of them came is kept.
/// It is personal data: `Debug` shows its shape only, and the text is wiped when dropped. What
/// [`text`](Self::text) lends and a caller copies is the caller's to wipe.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Printed(Came);

#[derive(Clone, Default, PartialEq, Eq)]
enum Came {
    #[default]
    Absent,
    Null,
    Text(Wiped<String>),
}

impl Printed {
    /// The printed text, if the field was read. Stray commas and blanks are left as they came.
    pub fn text(&self) -> Option<&str> {
        self.raw().filter(|text| !text.is_empty() && *text != "null")
    }

    /// The string as it came, even if it is empty or says `null`.
    pub fn raw(&self) -> Option<&str> {
        match &self.0 {
            Came::Text(text) => Some(text),
            Came::Absent | Came::Null => None,
        }
    }

    /// Whether the vendor masked it, in whole or in part, as in `R**A`.
    pub fn is_masked(&self) -> bool {
        self.text().is_some_and(is_masked)
    }

    /// Whether anything was read: blanks, commas and the `-` of an empty field are on any card, and a `null` may
    /// stand for any part of a field that is put together of several.
    pub(in crate::domain) fn says_something(&self) -> bool {
        let parts = |c: char| is_blank(c) || is_comma(c) || c == '/';
        self.text().is_some_and(|text| {
            text.split(parts)
                .filter(|part| *part != "null")
                .any(|part| is_masked(part) || part.contains(char::is_alphanumeric))
        })
    }

    /// The text without the blanks and commas at its ends that the document's own sample has ("R**A M**H A**H,").
    pub(super) fn trimmed(&self) -> Option<&str> {
        self.text()
            .map(|text| text.trim_matches(|c| is_blank(c) || is_comma(c)))
    }

    /// Whether the reply had no such member, not even a null.
    #[cfg_attr(
        not(feature = "serialize"),
        expect(dead_code, reason = "only serialising tells it from null")
    )]
    pub(super) fn is_absent(&self) -> bool {
        self.0 == Came::Absent
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text: Option<String> = crate::wire::optional_text(deserializer)?;
        Ok(Self(text.map_or(Came::Null, |text| Came::Text(Wiped::new(text)))))
    }
}

#[cfg(test)]
impl From<&str> for Printed {
    fn from(text: &str) -> Self {
        Self(Came::Text(Wiped::new(text.to_owned())))
    }
}

impl fmt::Debug for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.text() {
            None => "not read",
            Some(text) if is_masked(text) => "masked",
            Some(_) => "read",
        })
    }
}

#[cfg(feature = "serialize")]
impl serde::Serialize for Printed {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.raw().serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_a_digit_or_a_mask_says_something() {
        for text in [
            "SITI",
            "7",
            "***",
            "R**A",
            "-, O",
            "null,, 01-06-1989",
            "null/002",
            "nullah",
        ] {
            assert!(Printed::from(text).says_something(), "{text}");
        }
        for text in [
            "",
            "null",
            " ",
            "-",
            ",",
            " , -",
            "\u{a0}",
            "null,",
            "null,, null",
            "null/null",
            "null -",
        ] {
            assert!(!Printed::from(text).says_something(), "{text}");
        }
    }
}

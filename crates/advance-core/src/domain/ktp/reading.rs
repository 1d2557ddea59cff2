//! What could be made of a printed text.

use std::fmt;

/// What a printed field says, or why it says nothing. Nothing is ever guessed: a text that does not have the
/// documented form is [`Unreadable`](Self::Unreadable), however close it comes. Blanks, kinds of dashes, case and full
/// widths are print and make no difference.
///
/// With feature `serialize` it is an object whose `reading` is [`as_str`](Self::as_str), with the `value` if there is
/// one.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "serialize",
    derive(serde::Serialize),
    serde(tag = "reading", content = "value", rename_all = "snake_case")
)]
pub enum Reading<T> {
    /// The card's field was not read, or not this part of it: null, `"null"`, empty or absent.
    NotRead,
    /// The vendor masked it with asterisks.
    Masked,
    /// There is text, and it does not have the documented form.
    Unreadable,
    /// What it says.
    Read(T),
}

impl<T> Reading<T> {
    /// What it says, if it says anything.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Read(value) => Some(value),
            Self::NotRead | Self::Masked | Self::Unreadable => None,
        }
    }

    /// The same reading, with what `make` makes of the value if there is one.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Reading<U> {
        match self {
            Self::Read(value) => Reading::Read(make(value)),
            Self::NotRead => Reading::NotRead,
            Self::Masked => Reading::Masked,
            Self::Unreadable => Reading::Unreadable,
        }
    }

    /// The same, borrowed.
    pub const fn as_ref(&self) -> Reading<&T> {
        match self {
            Self::Read(value) => Reading::Read(value),
            Self::NotRead => Reading::NotRead,
            Self::Masked => Reading::Masked,
            Self::Unreadable => Reading::Unreadable,
        }
    }

    /// In one word: `read`, `not_read`, `masked` or `unreadable`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NotRead => "not_read",
            Self::Masked => "masked",
            Self::Unreadable => "unreadable",
            Self::Read(_) => "read",
        }
    }

    /// Reads a text that was trimmed, if there is one and it is not masked. A `null` is none, for a part of a field
    /// as for a whole one.
    pub(super) fn of<'a>(text: Option<&'a str>, read: impl FnOnce(&'a str) -> Option<T>) -> Self {
        match text {
            None | Some("null") => Self::NotRead,
            Some(text) if is_masked(text) => Self::Masked,
            Some(text) => read(text).map_or(Self::Unreadable, Self::Read),
        }
    }
}

/// The vendor masks with asterisks, of either width; no printed value has one of its own.
pub(super) fn is_masked(text: &str) -> bool {
    text.contains(['*', '\u{ff0a}'])
}

impl<T> fmt::Debug for Reading<T> {
    /// In one word, never the value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

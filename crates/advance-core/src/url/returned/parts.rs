//! A URL taken apart, and its parts decoded without a copy that is not wiped.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::url::origin;
use crate::wipe::Wiped;

/// Decoded bytes: not every text that is decoded is UTF-8, and two that are not need not be the same.
type Decoded = Wiped<Vec<u8>>;

/// A URL, or path and query, taken apart without decoding.
pub(super) struct Parts<'a> {
    pub(super) origin: Option<String>,
    path: &'a str,
    query: &'a str,
    /// Single-page apps keep their route in the fragment, and a query may have been appended to that.
    fragment_query: &'a str,
}

impl<'a> Parts<'a> {
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let (address, fragment) = text.split_once('#').unwrap_or((text, ""));
        let (place, query) = address.split_once('?').unwrap_or((address, ""));
        let (origin, path) = if place.starts_with('/') {
            (None, place)
        } else {
            let (scheme, rest) = place.split_once("://")?;
            let path = rest.find('/').map_or("/", |at| &rest[at..]);
            let host = rest.split('/').next()?;
            (Some(origin(&format!("{scheme}://{host}"))?), path)
        };
        Some(Self {
            origin,
            path,
            query,
            fragment_query: fragment.split_once('?').map_or("", |(_, query)| query),
        })
    }

    pub(super) fn path(&self) -> Path {
        Path(
            self.path
                .split('/')
                .map(|segment| decoded(segment, false))
                .collect(),
        )
    }

    /// Those of the query and of the fragment's, in one list.
    pub(super) fn parameters(&self) -> Parameters {
        let pairs = [self.query, self.fragment_query]
            .into_iter()
            .flat_map(|query| query.split('&'))
            .filter(|pair| !pair.is_empty());
        Parameters(
            pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decoded(name, true), decoded(value, true))
                })
                .collect(),
        )
    }
}

/// The segments of a path, decoded: browsers encode what a caller may have left as it is. One by one, since a slash
/// that is encoded parts nothing.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Path(Vec<Decoded>);

/// Names and values in the notation of forms.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Parameters(Vec<(Decoded, Decoded)>);

/// A parameter that stands there more than once, with different values.
pub(super) struct Ambiguous;

impl Parameters {
    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    /// The value of this name; what is no UTF-8 in it is replaced.
    pub(super) fn only(&self, name: &str) -> Result<Option<Wiped<String>>, Ambiguous> {
        let mut values = self.values(name.as_bytes());
        let first = values.next();
        if values.any(|other| Some(other) != first) {
            return Err(Ambiguous);
        }
        Ok(first.map(text))
    }

    /// The value of this name, if all of that name are the same; what is no UTF-8 in it is replaced.
    pub(super) fn one(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut named = self
            .0
            .iter()
            .filter(|(known, _)| known.as_slice() == name.as_bytes());
        let (_, first) = named.next()?;
        let alike = named.all(|(_, other)| other == first);
        alike.then(|| String::from_utf8_lossy(first))
    }

    /// Whether each name of the others has the same values here, one after the other, and no more.
    pub(super) fn keep(&self, others: &Self) -> bool {
        let mut names = others.0.iter().map(|(name, _)| name.as_slice());
        names.all(|name| self.values(name).eq(others.values(name)))
    }

    fn values<'a>(&'a self, name: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        let named = self.0.iter().filter(move |(known, _)| known.as_slice() == name);
        named.map(|(_, value)| value.as_slice())
    }
}

/// Percent-decoded, and a plus is a blank in a form. Nothing gets longer by that, so the buffer never moves.
fn decoded(text: &str, form: bool) -> Decoded {
    let mut bytes = Wiped::new(Vec::with_capacity(text.len()));
    for (index, part) in text.split('+').enumerate() {
        if index > 0 {
            bytes.push(if form { b' ' } else { b'+' });
        }
        bytes.extend(percent_decode_str(part));
    }
    bytes
}

/// As [`String::from_utf8_lossy`] has it, in a buffer that never moves.
fn text(bytes: &[u8]) -> Wiped<String> {
    // A replacement character has three bytes, and may stand for a single one.
    let mut text = Wiped::new(String::with_capacity(bytes.len() * 3));
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_decoded_is_what_forms_and_paths_mean() {
        for (came, in_a_form, in_a_path) in [
            ("a+b%20c", &b"a b c"[..], &b"a+b c"[..]),
            ("%2B%2b", b"++", b"++"),
            ("%C3%BC%FF", b"\xc3\xbc\xff", b"\xc3\xbc\xff"),
            ("100%&%g1%", b"100%&%g1%", b"100%&%g1%"),
            ("%+20", b"% 20", b"%+20"),
            ("+", b" ", b"+"),
            ("", b"", b""),
        ] {
            assert_eq!(decoded(came, true).as_slice(), in_a_form, "{came}");
            assert_eq!(decoded(came, false).as_slice(), in_a_path, "{came}");
        }
    }

    #[test]
    fn no_buffer_grows_while_it_is_filled() {
        for came in ["%FF%FF%FF", "+++%20", "ü%C3%BC"] {
            let bytes = decoded(came, true);
            assert_eq!(bytes.capacity(), came.len());
            let text = text(&bytes);
            assert_eq!(text.capacity(), bytes.len() * 3);
            assert_eq!(*text, String::from_utf8_lossy(&bytes));
        }
    }
}

//! A text in small letters, as it is or with its escapes undone, which knows where each piece of it came from.

use std::collections::BTreeSet;

use crate::wipe::Wiped;

/// How many bytes of a secret in a row are taken for the secret.
pub(super) const WINDOW: usize = 8;
/// How many layers of escapes are undone: what was escaped, put into a query and then into a page.
const LAYERS: usize = 3;

pub(super) struct View {
    pub(super) text: Wiped<String>,
    /// Where in the original each byte stands: the beginning and the end of what it was written as.
    origin: Vec<(usize, usize)>,
}

impl View {
    /// The text in small letters.
    pub(super) fn of(original: &str) -> Self {
        let mut view = Self::with_room_for(original.len());
        for (at, c) in original.char_indices() {
            for small in c.to_lowercase() {
                view.push(small, (at, at + c.len_utf8()));
            }
        }
        view
    }

    /// The same with its escapes undone, if it has any: those of URLs, JSON and HTML.
    pub(super) fn decoded(&self) -> Option<Self> {
        let mut decoded = self.undo_once()?;
        for _ in 1..LAYERS {
            match decoded.undo_once() {
                Some(again) => decoded = again,
                None => break,
            }
        }
        Some(decoded)
    }

    fn with_room_for(bytes: usize) -> Self {
        Self {
            text: Wiped::new(String::with_capacity(bytes)),
            origin: Vec::with_capacity(bytes),
        }
    }

    fn push(&mut self, c: char, origin: (usize, usize)) {
        for small in c.to_lowercase() {
            if self.text.capacity() - self.text.len() < small.len_utf8() {
                // Growing in place would leave a copy behind.
                let mut roomier = Wiped::new(String::with_capacity(2 * self.text.len() + 4));
                roomier.push_str(&self.text);
                self.text = roomier;
            }
            self.text.push(small);
            self.origin.extend(std::iter::repeat_n(origin, small.len_utf8()));
        }
    }

    /// One layer less, or nothing if there is none.
    fn undo_once(&self) -> Option<Self> {
        if !self.text.contains(['%', '+', '\\', '&']) {
            return None;
        }
        let mut undone = Self::with_room_for(self.text.len());
        let mut changed = false;
        let mut at = 0;
        while let Some(rest) = self.text.get(at..).filter(|rest| !rest.is_empty()) {
            let (c, length) = escaped(rest).map_or_else(
                || {
                    let c = rest.chars().next().unwrap_or_default();
                    (c, c.len_utf8())
                },
                |found| {
                    changed = true;
                    found
                },
            );
            let origin = (self.origin[at].0, self.origin[at + length - 1].1);
            undone.push(c, origin);
            at += length;
        }
        changed.then_some(undone)
    }

    pub(super) fn search(&self) -> Search<'_> {
        let bytes = self.text.as_bytes();
        let mut pieces: Vec<u64> = bytes.windows(WINDOW).map(number).collect();
        pieces.sort_unstable();
        pieces.dedup();
        Search {
            view: self,
            hits: vec![false; pieces.len()],
            pieces: Wiped::new(pieces),
            whole: BTreeSet::new(),
        }
    }
}

/// The character that the text begins with an escape of, and how many bytes the escape has. The text is in small letters.
fn escaped(text: &str) -> Option<(char, usize)> {
    let bytes = text.as_bytes();
    match bytes.first()? {
        b'+' => Some((' ', 1)),
        // As old scripts escape.
        b'%' if bytes.get(1) == Some(&b'u') => {
            let digits = std::str::from_utf8(bytes.get(2..6)?).ok()?;
            Some((char::from_u32(u32::from_str_radix(digits, 16).ok()?)?, 6))
        }
        b'%' => percent(bytes),
        b'\\' => match bytes.get(1)? {
            b'u' => unicode(text),
            b'x' => Some((char::from(byte(bytes.get(2..4)?)?), 4)),
            b'n' => Some(('\n', 2)),
            b'r' => Some(('\r', 2)),
            b't' => Some(('\t', 2)),
            c @ (b'"' | b'\\' | b'/' | b'\'') => Some((char::from(*c), 2)),
            _ => None,
        },
        b'&' => entity(text),
        _ => None,
    }
}

/// Two hexadecimal digits.
fn byte(digits: &[u8]) -> Option<u8> {
    let [high, low] = digits else { return None };
    let digit = |digit: u8| char::from(digit).to_digit(16);
    u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
}

/// `%C3%9C`: one byte each, of one character.
fn percent(bytes: &[u8]) -> Option<(char, usize)> {
    let byte = |index: usize| byte(bytes.get(3 * index..3 * index + 3)?.strip_prefix(b"%")?);
    let first = byte(0)?;
    let length = match first {
        0..=0x7f => 1,
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf7 => 4,
        _ => return None,
    };
    let encoded: Option<Vec<u8>> = (0..length).map(byte).collect();
    let encoded = encoded?;
    let c = std::str::from_utf8(&encoded).ok()?.chars().next()?;
    Some((c, 3 * length))
}

/// `\u00dc`, or two of them for a character that needs a pair.
fn unicode(text: &str) -> Option<(char, usize)> {
    let unit = |from: usize| {
        let digits = text.get(from..from + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let first = unit(0)?;
    let units = [first, unit(6).unwrap_or_default()];
    let c = char::decode_utf16(units).next()?.ok()?;
    Some((c, 6 * c.len_utf16()))
}

/// `&amp;`, `&commat;`, `&#64;` and `&#x40;`. What of an address or a URL has a name is known.
fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(16).position(|b| b == b';')?;
    let name = text.get(1..end)?;
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "commat" => '@',
        "period" => '.',
        "lowbar" => '_',
        "plus" => '+',
        "sol" => '/',
        "colon" => ':',
        "quest" => '?',
        "equals" => '=',
        "num" => '#',
        "percnt" => '%',
        _ => {
            let number = name.strip_prefix('#')?;
            let number = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(number.ok()?)?
        }
    };
    Some((c, end + 1))
}

/// What was found in one view.
pub(super) struct Search<'a> {
    view: &'a View,
    /// The pieces of eight bytes that the text has, in order, and whether a secret has them too. So the time is linear
    /// in the text and in each secret, however often either repeats itself.
    pieces: Wiped<Vec<u64>>,
    hits: Vec<bool>,
    whole: BTreeSet<(usize, usize)>,
}

impl Search<'_> {
    /// Looks for the whole form, anywhere or as a word: what begins or ends with a letter is no piece of a longer one.
    pub(super) fn whole(&mut self, form: &str, as_a_word: bool) {
        if form.is_empty() {
            return;
        }
        let text = self.view.text.as_str();
        for (start, _) in text.match_indices(form) {
            let end = start + form.len();
            let begins = apart(text[..start].chars().next_back(), form.chars().next());
            let ends = apart(form.chars().next_back(), text[end..].chars().next());
            if !as_a_word || (begins && ends) {
                self.whole.insert((start, end));
            }
        }
    }

    /// Looks for each piece of the form that counts.
    pub(super) fn pieces(&mut self, form: &str, counts: impl Fn(&[u8]) -> bool) {
        for piece in form.as_bytes().windows(WINDOW).filter(|piece| counts(piece)) {
            if let Ok(index) = self.pieces.binary_search(&number(piece)) {
                self.hits[index] = true;
            }
        }
    }

    /// Where in the original text what was found stands.
    pub(super) fn found(self) -> Vec<(usize, usize)> {
        let bytes = self.view.text.as_bytes();
        let pieces = bytes.windows(WINDOW).enumerate().filter_map(|(at, piece)| {
            let index = self.pieces.binary_search(&number(piece)).ok()?;
            self.hits[index].then_some((at, at + WINDOW))
        });
        let found = pieces.chain(self.whole.iter().copied());
        // A form is never empty, so its last byte is there.
        found
            .map(|(start, end)| (self.view.origin[start].0, self.view.origin[end - 1].1))
            .collect()
    }
}

/// Whether these two neighbours are not of one word.
fn apart(left: Option<char>, right: Option<char>) -> bool {
    ![left, right].iter().all(|c| c.is_some_and(char::is_alphanumeric))
}

fn number(piece: &[u8]) -> u64 {
    piece
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

//! A quick answer for what is in every reply: an id made of hexadecimal digits, in which nothing of a secret stands.
//!
//! It may err to one side only: what it calls free of a secret is free of it. Of base64 it knows that eight characters
//! of it are hardly ever hexadecimal digits alone, and an id that repeats a secret in base64 has more of them.

use crate::scan;

/// The longest id that the vendor documents.
const LONGEST: usize = 64;
/// The shortest piece that is looked for as it is.
const PLAIN: usize = super::SHORTEST;
/// Eight digits in a row hold three whole bytes, wherever they begin.
const BYTES: usize = 3;
/// No entity has more characters behind its ampersand.
const LONGEST_ENTITY: usize = 16;

/// No digit of hexadecimal and no dash.
const OTHER: u8 = 0xff;
const DASH: u8 = 16;

/// What an id is made of, as numbers: digits of hexadecimal in small and in capital letters, and the dash.
const DIGITS: [u8; 256] = {
    let mut digits = [OTHER; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        digits[byte as usize] = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            b'-' => DASH,
            _ => OTHER,
        };
        byte += 1;
    }
    digits
};

/// The pieces of an id, as it is and read as hexadecimal.
pub(super) struct Pieces {
    plain: Set,
    bytes: Set,
    /// Which bytes stand in a piece that is read as hexadecimal, a bit each.
    of_bytes: [u64; 4],
    /// Whether one of those pieces is visible text.
    visible: bool,
}

impl Pieces {
    /// Nothing if the text is no such id.
    pub(super) fn of(text: &str) -> Option<Self> {
        if text.len() > LONGEST || !text.bytes().all(is_digit) {
            return None;
        }
        let mut pieces = Self {
            plain: Set::new(),
            bytes: Set::new(),
            of_bytes: [0; 4],
            visible: false,
        };
        // The last four characters in small letters, the last digits as a number, and how many stand in a row.
        let (mut last, mut number, mut digits) = (0_u32, 0_u32, 0);
        for (at, byte) in text.bytes().enumerate() {
            last = with_next(last, byte);
            if at + 1 >= PLAIN {
                pieces.plain.add(last);
            }
            let digit = DIGITS[usize::from(byte)];
            digits = if digit == DASH { 0 } else { digits + 1 };
            number = number << 4 | u32::from(digit & 0xf);
            if digits >= 2 * BYTES {
                pieces.add_bytes(number & 0xff_ffff);
            }
        }
        Some(pieces)
    }

    fn add_bytes(&mut self, number: u32) {
        self.bytes.add(number);
        let bytes = &number.to_be_bytes()[1..];
        self.visible |= are_visible(bytes);
        for byte in bytes {
            self.of_bytes[usize::from(byte >> 6)] |= 1 << (byte & 63);
        }
    }

    /// Whether a piece of this secret may be among them. This is asked of every token and link, about every reply.
    pub(super) fn may_hold(&self, secret: &str) -> bool {
        let secret = secret.as_bytes();
        self.hold_digits_of(secret)
            || self.hold_bytes_of(secret)
            // With its escapes undone it may be another text.
            || hides_digits(secret)
    }

    /// Whether a piece of it stands in the id as it is.
    fn hold_digits_of(&self, secret: &[u8]) -> bool {
        // A piece of four reaches over one of every four places. Few of a token have digits all around it.
        let mut at = PLAIN - 1;
        while let Some(byte) = secret.get(at) {
            if is_digit(*byte) {
                let (start, end) = digits_around(secret, at);
                if end - start >= PLAIN && self.hold_a_piece(&secret[start..end]) {
                    return true;
                }
                at = end;
            }
            at += PLAIN;
        }
        false
    }

    fn hold_a_piece(&self, digits: &[u8]) -> bool {
        let mut last = 0;
        digits.iter().enumerate().any(|(at, digit)| {
            last = with_next(last, *digit);
            at + 1 >= PLAIN && self.plain.has(last)
        })
    }

    /// Whether a piece of it stands in the id in hexadecimal. Most ids have no piece that is visible text.
    fn hold_bytes_of(&self, secret: &[u8]) -> bool {
        if self.bytes.len == 0 || (!self.visible && are_visible(secret)) {
            return false;
        }
        // One of the bytes of a piece stands at a place that three divides.
        let has = |piece: &[u8]| self.bytes.has(number(piece));
        secret
            .chunks_exact(BYTES)
            .enumerate()
            .filter(|(_, piece)| self.has_byte(piece[BYTES - 1]))
            .any(|(before, _)| {
                let at = before * BYTES;
                secret[at..secret.len().min(at + 2 * BYTES - 1)]
                    .windows(BYTES)
                    .any(has)
            })
    }

    fn has_byte(&self, byte: u8) -> bool {
        self.of_bytes[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }
}

/// Whether it may stand in an id.
fn is_digit(byte: u8) -> bool {
    DIGITS[usize::from(byte)] != OTHER
}

/// Where those in a row begin of which one stands here, as far back as a piece reaches, and where they end.
fn digits_around(text: &[u8], at: usize) -> (usize, usize) {
    let is_digit = |byte: &&u8| is_digit(**byte);
    let before = text[at + 1 - PLAIN..at].iter().rev().take_while(is_digit);
    let after = text[at..].iter().take_while(is_digit);
    (at - before.count(), at + after.count())
}

/// The last four characters as a number, with one more.
fn with_next(last: u32, byte: u8) -> u32 {
    last << 8 | u32::from(byte | 0x20)
}

/// Whether all of it is visible text of ASCII.
fn are_visible(bytes: &[u8]) -> bool {
    scan::all(bytes, |b| matches!(b, b' '..=b'~'))
}

/// Whether there is an escape in the text that may stand for a character of an id.
fn hides_digits(text: &[u8]) -> bool {
    // Most pieces of a text have none.
    const PIECE: usize = 16;
    text.chunks(PIECE).enumerate().any(|(before, piece)| {
        scan::any_of(piece, b"\\%&")
            && (piece.iter().enumerate())
                .filter(|(_, byte)| matches!(byte, b'\\' | b'%' | b'&'))
                .any(|(at, _)| hides_a_digit(&text[before * PIECE + at..]))
    })
}

/// Whether the text begins with an escape that may stand for a character of an id, or for a piece of another escape.
fn hides_a_digit(text: &[u8]) -> bool {
    // In every link: they stand for what is in no id and in no escape.
    const HARMLESS: [&[u8]; 8] = [b"2F", b"3D", b"2B", b"20", b"3A", b"3F", b"40", b"2C"];
    match text {
        [b'\\', ..] => true,
        [b'%', rest @ ..] => !rest.get(..2).is_some_and(|digits| {
            HARMLESS
                .iter()
                .any(|harmless| harmless.eq_ignore_ascii_case(digits))
        }),
        [b'&', rest @ ..] => rest.iter().take(LONGEST_ENTITY).any(|b| *b == b';'),
        _ => false,
    }
}

/// A few short pieces as numbers, and a bit for the hash of each: most that are looked for are not among them.
struct Set {
    bits: [u64; 8],
    pieces: [u32; LONGEST],
    len: usize,
}

impl Set {
    const fn new() -> Self {
        Self {
            bits: [0; 8],
            pieces: [0; LONGEST],
            len: 0,
        }
    }

    const fn add(&mut self, piece: u32) {
        let (word, bit) = place(piece);
        self.bits[word] |= bit;
        self.pieces[self.len] = piece;
        self.len += 1;
    }

    fn has(&self, piece: u32) -> bool {
        let (word, bit) = place(piece);
        self.bits[word] & bit != 0 && self.pieces[..self.len].contains(&piece)
    }
}

/// One of 512 places.
const fn place(piece: u32) -> (usize, u64) {
    let place = piece.wrapping_mul(0x9e37_79b1) >> 23;
    ((place >> 6) as usize, 1 << (place & 63))
}

fn number(piece: &[u8]) -> u32 {
    piece
        .iter()
        .fold(0, |number, byte| number << 8 | u32::from(*byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Redaction;
    use super::super::view::View;
    use super::*;

    /// An id with something of a secret in it, or not: the two ways to redact it agree.
    #[test]
    fn an_id_is_redacted_with_it_as_without() {
        let secret = || {
            prop_oneof![
                "[0-9a-fA-F-]{4,40}",
                "[ -~]{4,40}",
                "https://[a-z]{3,8}/[0-9a-f?=&%+]{4,20}",
                "(%(25)?(3[0-9]|[46][1-6]|2[dD])){6,12}",
                "(&(amp;)?#x3[0-9];|&#5[0-7];){6,12}",
                "(\\\\u003[0-9]){6,12}",
                "\\PC{4,12}"
            ]
        };
        proptest!(|(secret in secret(), before in "[0-9a-fA-F-]{0,20}", after in "[0-9a-f-]{0,20}", from in 0_usize..40, length in 3_usize..20, form in 0..3, own: bool)| {
            let source = match form {
                0 => hex::encode(&secret),
                1 => View::of(&secret).decoded().map_or(String::new(), |view| view.text.to_string()),
                _ => secret.clone(),
            };
            let piece: String = source.chars().skip(from % source.chars().count().max(1)).take(length).collect();
            let text = format!("{before}{piece}{after}");
            let mut redaction = Redaction::new();
            if own { redaction.own([secret.as_str()]) } else { redaction.secrets([secret.as_str()]) }
            prop_assert_eq!(redaction.apply(text.clone()), redaction.search(text));
        });
    }

    #[test]
    fn most_ids_have_nothing_of_a_secret() {
        let token =
            "eyJhbGciOiJIUzUxMiJ9.eyJzdWIiOiJzYW5kYm94IiwiZXhwIjoxNzAwMDAwMDAwfQ.c2lnbmF0dXJlb2Z0aGV0b2tlbg";
        let pieces = Pieces::of("8beebd5a17ba5c1b").expect("an id");
        assert!(!pieces.may_hold(token));
        assert!(pieces.may_hold("an old id: 8BEEbd"));
        assert!(pieces.may_hold("n\u{17}\u{ba}\u{5c}"));
        assert!(Pieces::of("").is_some_and(|pieces| !pieces.may_hold(token)));
        assert!(Pieces::of("not an id").is_none());
    }
}

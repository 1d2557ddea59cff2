//! A quick answer for what is in every reply: an id made of hexadecimal digits, in which nothing of a secret stands.
//!
//! It may err to one side only: what it calls free of a secret is free of it. Of base64 it knows that eight characters
//! of it are hardly ever hexadecimal digits alone, and an id that repeats a secret in base64 has more of them.

/// The longest id that the vendor documents.
const LONGEST: usize = 64;
/// The shortest piece that is looked for as it is.
const PLAIN: usize = super::SHORTEST;
/// Eight digits in a row hold three whole bytes, wherever they begin.
const BYTES: usize = 3;
/// No entity has more characters behind its ampersand.
const LONGEST_ENTITY: usize = 16;

/// A digit of hexadecimal, or a dash: what an id is made of.
const DIGIT: u8 = 1;
/// Stands in a piece of the id that is read as hexadecimal.
const BYTE: u8 = 2;

/// What each byte of a secret may be.
const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        kinds[byte] = match byte as u8 {
            b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' | b'-' => DIGIT,
            _ => 0,
        };
        byte += 1;
    }
    kinds
};

/// The pieces of an id, as it is and read as hexadecimal.
pub(super) struct Pieces {
    plain: Set,
    bytes: Set,
    /// Most bytes of a secret are nothing, and need no further look.
    kinds: [u8; 256],
}

impl Pieces {
    /// Nothing if the text is no such id.
    pub(super) fn of(text: &str) -> Option<Self> {
        let digits_alone = text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
        if text.len() > LONGEST || !digits_alone {
            return None;
        }
        let mut small = [0; LONGEST];
        let mut digits = [None; LONGEST];
        for ((byte, small), digit) in text.bytes().zip(&mut small).zip(&mut digits) {
            *small = byte.to_ascii_lowercase();
            *digit = char::from(byte)
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok());
        }
        let mut pieces = Self {
            plain: Set::new(),
            bytes: Set::new(),
            kinds: KINDS,
        };
        for piece in small[..text.len()].windows(PLAIN) {
            pieces.plain.add(number(piece));
        }
        for run in digits[..text.len()].windows(2 * BYTES) {
            let mut bytes = [0; BYTES];
            let whole = run.chunks_exact(2).zip(&mut bytes).all(|(pair, byte)| {
                let [Some(high), Some(low)] = pair else {
                    return false;
                };
                *byte = high << 4 | low;
                true
            });
            if whole {
                pieces.bytes.add(number(&bytes));
                for byte in bytes {
                    pieces.kinds[usize::from(byte)] |= BYTE;
                }
            }
        }
        Some(pieces)
    }

    /// Whether a piece of this secret may be among them. This is asked of every token and link, about every reply.
    pub(super) fn may_hold(&self, secret: &str) -> bool {
        let secret = secret.as_bytes();
        self.touches::<PLAIN>(secret, DIGIT, |piece| self.plain.has(small_number(piece)))
            || self.touches::<BYTES>(secret, BYTE, |piece| self.bytes.has(number(piece)))
            // With its escapes undone it may be another text.
            || hides_digits(secret)
    }

    /// Whether any piece of so many bytes is one. All of its bytes are of this kind then, and one of them stands at a place
    /// that the length divides: most others need not be looked at.
    fn touches<const LENGTH: usize>(
        &self,
        secret: &[u8],
        kind: u8,
        is_piece: impl Fn(&[u8]) -> bool,
    ) -> bool {
        let is_of_it = |byte: &u8| self.kinds[usize::from(*byte)] & kind != 0;
        (LENGTH - 1..secret.len())
            .step_by(LENGTH)
            .filter(|at| is_of_it(&secret[*at]))
            .any(|at| {
                let around = &secret[at + 1 - LENGTH..secret.len().min(at + LENGTH)];
                around
                    .windows(LENGTH)
                    .any(|piece| piece.iter().all(is_of_it) && is_piece(piece))
            })
    }
}

/// Whether there is an escape in the text that may stand for a character of an id.
fn hides_digits(text: &[u8]) -> bool {
    const BLOCK: usize = 32;
    let begins = |byte: &u8| matches!(byte, b'\\' | b'%' | b'&');
    text.chunks(BLOCK).enumerate().any(|(block, bytes)| {
        // All of a block is looked at, which a processor does at once.
        bytes.iter().fold(false, |found, byte| found | begins(byte))
            && (0..bytes.len())
                .filter(|at| begins(&bytes[*at]))
                .any(|at| hides_a_digit(&text[block * BLOCK + at..]))
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

/// A few short pieces, as numbers.
struct Set {
    pieces: [u32; LONGEST],
    len: usize,
}

impl Set {
    const fn new() -> Self {
        Self {
            pieces: [0; LONGEST],
            len: 0,
        }
    }

    const fn add(&mut self, piece: u32) {
        self.pieces[self.len] = piece;
        self.len += 1;
    }

    fn has(&self, piece: u32) -> bool {
        self.pieces[..self.len].contains(&piece)
    }
}

fn number(piece: &[u8]) -> u32 {
    piece
        .iter()
        .fold(0, |number, byte| number << 8 | u32::from(*byte))
}

/// The same of the piece in small letters.
fn small_number(piece: &[u8]) -> u32 {
    piece.iter().fold(0, |number, byte| {
        number << 8 | u32::from(byte.to_ascii_lowercase())
    })
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
            let mut redaction = Redaction::default();
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

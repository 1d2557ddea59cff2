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

/// No digit of hexadecimal and no dash.
const OTHER: u8 = 0xff;

/// What an id is made of, as numbers: digits of hexadecimal in small and in capital letters, and the dash.
const DIGITS: [u8; 256] = {
    let mut digits = [OTHER; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        digits[byte as usize] = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            b'-' => 16,
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
    /// Which pairs of digits stand in the id, a bit each.
    pairs: [u32; 17],
    /// Which bytes stand in a piece that is read as hexadecimal, a bit each.
    of_bytes: [u64; 4],
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
            pairs: [0; 17],
            of_bytes: [0; 4],
        };
        for pair in small[..text.len()].windows(2) {
            if let Some((first, second)) = digits_of(pair[0], pair[1]) {
                pieces.pairs[first] |= 1 << second;
            }
        }
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
                    pieces.of_bytes[usize::from(byte >> 6)] |= 1 << (byte & 63);
                }
            }
        }
        Some(pieces)
    }

    /// Whether a piece of this secret may be among them. This is asked of every token and link, about every reply.
    pub(super) fn may_hold(&self, secret: &str) -> bool {
        let secret = secret.as_bytes();
        // A piece of four has three pairs, and one of them begins at a place that three divides. One of three has a byte at
        // such a place. Most others need not be looked at.
        let pair = |at: &usize| {
            digits_of(secret[*at], secret[at + 1])
                .is_some_and(|(first, second)| self.pairs[first] >> second & 1 == 1)
        };
        let byte = |at: &usize| {
            let byte = secret[*at];
            self.of_bytes[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
        };
        let around = |at: usize, before: usize, after: usize| {
            &secret[at.saturating_sub(before)..secret.len().min(at + after)]
        };
        let has = |piece: &[u8]| self.plain.has(small_number(piece));
        let has_bytes = |piece: &[u8]| self.bytes.has(number(piece));
        let last = secret.len().saturating_sub(1);
        (0..last)
            .step_by(3)
            .filter(pair)
            .any(|at| around(at, 2, PLAIN).windows(PLAIN).any(has))
            || (0..secret.len())
                .step_by(3)
                .filter(byte)
                .any(|at| around(at, 2, BYTES).windows(BYTES).any(has_bytes))
            // With its escapes undone it may be another text.
            || hides_digits(secret)
    }
}

/// Two bytes as digits, if they are.
fn digits_of(first: u8, second: u8) -> Option<(usize, usize)> {
    let pair = [first, second].map(|byte| DIGITS[usize::from(byte)]);
    (!pair.contains(&OTHER)).then(|| (usize::from(pair[0]), usize::from(pair[1])))
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

//! What is print and no content: blanks, the kind of a dash, the case and the width of a letter or digit.
//!
//! These are evened out before a field is read, for they depend on the printer and the OCR. A letter is never taken for
//! a digit, nor a digit for a letter: that would be a guess.

use crate::wipe::Wiped;

/// The text in capitals of ASCII, every dash as `-` and every slash as `/`, without blanks.
pub(super) fn evened(text: &str) -> Wiped<String> {
    // Evening out never lengthens a text, so nothing is left behind by growing.
    let mut evened = Wiped::new(String::with_capacity(text.len()));
    evened.extend(
        text.chars()
            .filter(|c| !is_blank(*c))
            .map(|c| even(c).to_ascii_uppercase()),
    );
    evened
}

/// The same without dashes, for words and numbers in which none has a meaning.
pub(super) fn without_dashes(text: &str) -> Wiped<String> {
    let mut evened = evened(text);
    evened.retain(|c| c != '-');
    evened
}

/// A blank of any width, and the characters that take up no room.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// A comma of either width.
pub(super) const fn is_comma(c: char) -> bool {
    matches!(c, ',' | '\u{ff0c}')
}

/// The narrow form of a full-width character, and the plain form of a dash or slash.
const fn even(c: char) -> char {
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => '-',
        '\u{2044}' | '\u{2215}' => '/',
        // The full-width forms stand in ASCII's order.
        '\u{ff01}'..='\u{ff5e}' => match char::from_u32(c as u32 - 0xfee0) {
            Some(narrow) => narrow,
            None => c,
        },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_dashes_case_and_widths_are_print_and_letters_are_not() {
        for (text, even) in [
            ("３１７４\u{3000}0961 0689\u{a0}0002", "3174096106890002"),
            ("laki – laki", "LAKI-LAKI"),
            ("ＬＡＫＩ－ＬＡＫＩ", "LAKI-LAKI"),
            ("007 ／ 008", "007/008"),
            ("01 — 06 − 1989", "01-06-1989"),
            ("\u{feff}1\u{200b}2\t3\n", "123"),
            ("3174O961", "3174O961"),
            ("١٩٨٩", "١٩٨٩"),
            ("é", "é"),
        ] {
            assert_eq!(*evened(text), even, "{text}");
        }
        assert_eq!(*without_dashes("Laki – Laki"), "LAKILAKI");
    }
}

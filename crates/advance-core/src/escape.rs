//! Text from outside, made safe to show.

use std::fmt::{self, Write as _};

use crate::wipe::Wiped;

/// Shows text that came from a server: control and invisible characters escaped, cut after `limit` characters.
///
/// Quotes and backslashes stay as they are, so ordinary messages read as they were sent.
pub(crate) struct Shown<'a> {
    text: &'a str,
    limit: usize,
}

impl<'a> Shown<'a> {
    pub(crate) const fn new(text: &'a str, limit: usize) -> Self {
        Self { text, limit }
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (shown, c) in self.text.chars().enumerate() {
            if shown == self.limit {
                return f.write_str("…");
            }
            match c {
                '"' | '\'' | '\\' => f.write_char(c)?,
                _ if is_format(c) => write!(f, "{}", c.escape_unicode())?,
                _ => write!(f, "{}", c.escape_debug())?,
            }
        }
        Ok(())
    }
}

/// Shows the first few of a list that a server wrote, and how many more there are.
pub(crate) struct Few<'a, T>(pub(crate) &'a [T]);

impl<T> Few<'_, T> {
    const SHOWN: usize = 16;

    fn split(&self) -> (&[T], usize) {
        let shown = &self.0[..self.0.len().min(Self::SHOWN)];
        (shown, self.0.len() - shown.len())
    }
}

impl<T: fmt::Debug> fmt::Debug for Few<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shown, more) = self.split();
        let mut list = f.debug_list();
        list.entries(shown);
        if more > 0 {
            list.entry(&format_args!("and {more} more"));
        }
        list.finish()
    }
}

impl<T: fmt::Display> fmt::Display for Few<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shown, more) = self.split();
        for (index, one) in shown.iter().enumerate() {
            write!(f, "{}{one}", if index == 0 { "" } else { ", " })?;
        }
        if more > 0 {
            write!(f, " and {more} more")?;
        }
        Ok(())
    }
}

/// Characters that print nothing and can change how the text around them is read: marks and overrides of writing
/// direction, joiners, separators of lines, tags, variation selectors. `escape_debug` lets many of them pass.
const fn is_format(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{890}'..='\u{891}'
            | '\u{8e2}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{110bd}'
            | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Bytes as text, with a mark in the place of what is none. The copy is wiped, and made in one piece so that growing
/// leaves none behind.
pub(crate) fn readable(bytes: &[u8]) -> Wiped<String> {
    let marks: usize = bytes
        .utf8_chunks()
        .filter(|chunk| !chunk.invalid().is_empty())
        .count();
    let mut text = Wiped::new(String::with_capacity(bytes.len() + 3 * marks));
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
    use super::{Shown, readable};

    #[test]
    fn bytes_are_read_as_the_standard_library_reads_them_and_in_one_piece() {
        for bytes in [
            &b""[..],
            b"abc",
            b"\xff\xfe",
            b"a\xe2\x82b\xf0\x9f",
            "é🙂".as_bytes(),
        ] {
            let text = readable(bytes);
            assert_eq!(*text, String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn what_is_invisible_is_escaped_whatever_it_is() {
        for c in "\u{61c}\u{200b}\u{200e}\u{200f}\u{2028}\u{202e}\u{2066}\u{2069}\u{feff}\u{ad}\u{180e}\u{fe0f}\u{e0041}\u{0}\u{9b}\u{7f}".chars() {
            let shown = Shown::new(&c.to_string(), 64).to_string();
            assert!(shown.starts_with('\\') && shown.is_ascii(), "{:x}: {shown}", u32::from(c));
        }
    }

    #[test]
    fn what_could_forge_a_log_line_is_escaped() {
        let hostile = "ok\r\n\u{1b}[31mFAKE\0\u{202e}";
        assert_eq!(
            Shown::new(hostile, 64).to_string(),
            "ok\\r\\n\\u{1b}[31mFAKE\\0\\u{202e}"
        );
    }

    #[test]
    fn ordinary_text_is_shown_as_it_is_and_long_text_is_cut() {
        assert_eq!(
            Shown::new("it's \"fine\" \\ ü", 64).to_string(),
            "it's \"fine\" \\ ü"
        );
        assert_eq!(Shown::new("abcdef", 3).to_string(), "abc…");
        assert_eq!(Shown::new("abc", 3).to_string(), "abc");
    }
}

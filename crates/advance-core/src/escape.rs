//! Text from outside, made safe to show.

use std::fmt::{self, Write as _};

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
                // Overrides of writing direction pass as printable but can reorder a log line.
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => write!(f, "{}", c.escape_unicode())?,
                _ => write!(f, "{}", c.escape_debug())?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Shown;

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

//! Text for a terminal: aligned rows, and nothing in them that a terminal would obey.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a terminal would act on it instead of showing it, or show the rest in another order.
pub(crate) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The text with whatever a terminal would obey written out.
pub(crate) fn clean(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unsafe(c) {
            safe.extend(c.escape_default());
        } else {
            safe.push(c);
        }
    }
    safe
}

/// The beginning of a text that has no end by right, as long as an error shows of it.
pub(crate) fn cut(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// Rows of columns, each as wide as its widest cell. What goes in is made safe.
#[derive(Default)]
pub(crate) struct Rows(Vec<Vec<String>>);

impl Rows {
    /// Adds a row.
    pub(crate) fn add<const N: usize>(&mut self, cells: [&str; N]) {
        self.0.push(cells.into_iter().map(clean).collect());
    }

    /// The rows as lines, each after `indent` spaces.
    pub(crate) fn lines(&self, indent: usize) -> String {
        let columns = self.0.iter().map(Vec::len).max().unwrap_or_default();
        let width = |column: usize| {
            // The last cell of a row is as long as it likes.
            let inner = self.0.iter().filter(|row| row.len() > column + 1);
            inner
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or_default()
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut text = String::new();
        for row in &self.0 {
            let mut line = " ".repeat(indent);
            for (cell, width) in row.iter().zip(&widths) {
                // Writing to a string cannot fail.
                let _ = write!(line, "{cell:width$}  ");
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_written_out() {
        assert_eq!(
            clean("a\u{1b}[2Jb\r\n\u{202e}c\u{9b}"),
            "a\\u{1b}[2Jb\\r\\n\\u{202e}c\\u{9b}"
        );
        assert_eq!(clean("JL. \"X\" \\ ü"), "JL. \"X\" \\ ü");
    }

    #[test]
    fn what_is_too_long_is_cut_between_characters() {
        assert_eq!(cut(&"ü".repeat(200)), "ü".repeat(200));
        assert_eq!(cut(&"ü".repeat(201)), format!("{}…", "ü".repeat(200)));
    }

    #[test]
    fn columns_are_aligned_and_lines_end_without_blanks() {
        let mut rows = Rows::default();
        rows.add(["a", "b"]);
        rows.add(["long", "c", "d"]);
        rows.add(["x", ""]);
        assert_eq!(rows.lines(2), "  a     b\n  long  c  d\n  x\n");
    }
}

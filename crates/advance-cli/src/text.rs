//! Text for a terminal: aligned rows, and nothing in them that a terminal would obey.

use std::borrow::Cow;

use anstream::adapter::strip_str;
use unicode_width::UnicodeWidthStr as _;

/// Whether a terminal would act on it instead of showing it, or show the rest in another order.
pub(crate) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The text with all that a terminal would obey written out.
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

/// The beginning of a text that may have no end, as long as an error shows of it.
pub(crate) fn cut(text: &str) -> Cow<'_, str> {
    cut_to(text, 200)
}

/// The beginning of a text.
pub(crate) fn cut_to(text: &str, chars: usize) -> Cow<'_, str> {
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// `1 request`, `2 requests`.
pub(crate) fn counted(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// The text in lines of at most this width, broken at blanks; the lines after the first begin with this many.
pub(crate) fn wrapped(text: &str, width: usize, indent: usize) -> String {
    let mut lines = String::new();
    let mut used = 0;
    for word in text.split(' ') {
        // Colours take no room.
        let next = strip_str(word).to_string().width();
        if used > 0 && used + 1 + next > width.saturating_sub(indent) {
            lines.push('\n');
            lines.push_str(&" ".repeat(indent));
            used = 0;
        } else if used > 0 {
            lines.push(' ');
            used += 1;
        }
        lines.push_str(word);
        used += next;
    }
    lines
}

/// Rows of columns, each as wide as its widest cell. What goes in is made safe.
#[derive(Default)]
pub(crate) struct Rows(Vec<Vec<String>>);

impl Rows {
    /// Adds a row.
    pub(crate) fn add<const N: usize>(&mut self, cells: [&str; N]) {
        self.0.push(cells.into_iter().map(clean).collect());
    }

    /// The rows as lines, each after `indent` spaces. The last cell of a row is wrapped if a line is to end by `width`.
    pub(crate) fn lines(&self, indent: usize, width: Option<usize>) -> String {
        let columns = self.0.iter().map(Vec::len).max().unwrap_or_default();
        let column_width = |column: usize| {
            // The last cell of a row is as long as it likes.
            let inner = self.0.iter().filter(|row| row.len() > column + 1);
            inner.map(|row| row[column].width()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..columns).map(column_width).collect();
        let mut text = String::new();
        for row in &self.0 {
            text.push_str(&line(row, &widths, indent, width));
        }
        text
    }
}

/// As much of a URL as is shown on the narrowest terminal: its scheme and the beginning of its host.
const LEAST: usize = 16;

/// A URL fills lines of a terminal and tells nothing beyond its beginning; JSON and pipes have it whole.
fn is_url(cell: &str) -> bool {
    (cell.starts_with("https://") || cell.starts_with("http://")) && !cell.contains(' ')
}

fn line(row: &[String], widths: &[usize], indent: usize, width: Option<usize>) -> String {
    let mut line = " ".repeat(indent);
    let mut at = indent;
    for (index, (cell, column)) in row.iter().zip(widths).enumerate() {
        if index + 1 < row.len() {
            let blanks = column.saturating_sub(cell.width()) + 2;
            line.push_str(cell);
            line.push_str(&" ".repeat(blanks));
            at += column + 2;
        } else if let Some(width) = width.filter(|width| at + cell.width() > *width && is_url(cell)) {
            line.push_str(&cut_to(cell, width.saturating_sub(at + 1).max(LEAST)));
        } else if let Some(width) = width.filter(|width| at + cell.width() > *width && !cell.is_empty()) {
            // On a narrow terminal, what is left beside the names is too little.
            let deep = if at * 2 > width { indent + 2 } else { at };
            if deep < at {
                line.push('\n');
                line.push_str(&" ".repeat(deep));
            }
            line.push_str(&wrapped(cell, width, deep));
        } else {
            line.push_str(cell);
        }
    }
    let mut lines: String = line.lines().flat_map(|line| [line.trim_end(), "\n"]).collect();
    if lines.is_empty() {
        lines.push('\n');
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_written_out() {
        assert_eq!(
            clean("a\u{1b}[2Jb\r\n\u{202e}c\u{9b}\u{61c}"),
            "a\\u{1b}[2Jb\\r\\n\\u{202e}c\\u{9b}\\u{61c}"
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
        assert_eq!(rows.lines(2, None), "  a     b\n  long  c  d\n  x\n");
    }

    #[test]
    fn wide_characters_take_two_columns() {
        let mut rows = Rows::default();
        rows.add(["名前", "b"]);
        rows.add(["long", "c"]);
        assert_eq!(rows.lines(0, None), "名前  b\nlong  c\n");
    }

    #[test]
    fn a_url_is_cut_on_a_terminal_alone() {
        let mut rows = Rows::default();
        rows.add(["image", "https://host.example/a/picture.png?with=a-query"]);
        assert_eq!(rows.lines(0, Some(32)), "image  https://host.example/a/p…\n");
        assert!(rows.lines(0, None).ends_with("a-query\n"));
    }

    #[test]
    fn what_does_not_fit_goes_on_below() {
        let mut rows = Rows::default();
        rows.add(["name", "one two three four"]);
        assert_eq!(rows.lines(0, Some(16)), "name  one two\n      three four\n");
        assert_eq!(rows.lines(0, Some(11)), "name\n  one two\n  three\n  four\n");
        rows = Rows::default();
        rows.add(["name", "no-blank-in-it-to-break-at"]);
        assert_eq!(rows.lines(0, Some(16)), "name  no-blank-in-it-to-break-at\n");
    }
}

//! Pieces of SVG. Colours and sizes are presentation attributes, which a content security policy lets pass.

use crate::model::form;

/// Text that is squeezed if it would be wider than `room`.
pub(super) struct Text<'a> {
    pub(super) at: (u32, u32),
    pub(super) size: u32,
    pub(super) room: u32,
    pub(super) content: &'a str,
}

impl Text<'_> {
    /// With further attributes, such as ` font-weight="700"`.
    pub(super) fn with(&self, attributes: &str) -> String {
        let Self {
            at: (x, y),
            size,
            room,
            content,
        } = self;
        let squeezed = if width(content) * size / 1000 > *room {
            format!(" textLength=\"{room}\" lengthAdjust=\"spacingAndGlyphs\"")
        } else {
            String::new()
        };
        let text = form::markup(content);
        format!("<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\"{attributes}{squeezed}>{text}</text>")
    }

    pub(super) fn plain(&self) -> String {
        self.with("")
    }
}

/// How wide a text is in Arial's bold face, in thousandths of the font's height. A guess that is too large would stretch
/// the text to its room; one that is too small, let it leave its room.
fn width(content: &str) -> u32 {
    let wide = |c: char| match c {
        'i' | 'j' | 'l' | 'I' | 't' | 'f' | '.' | ',' | ':' | '/' | '\'' | ' ' => 290,
        'r' | '-' | '(' | ')' | '"' => 370,
        'M' | 'm' | 'W' | '@' | '%' => 890,
        c if c.is_uppercase() => 710,
        c if c.is_ascii() => 570,
        // Another script may be as wide as it is high.
        _ => 1000,
    };
    // What a person may be called on a card is bounded; what a test writes may be longer.
    content.chars().take(10_000).map(wide).sum()
}

/// `content` in a group.
pub(super) fn group(attributes: &str, content: &str) -> String {
    format!("<g {attributes}>{content}</g>")
}

/// A document of this size.
pub(super) fn document((width, height): (u32, u32), content: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"Arial, 'Liberation Sans', Helvetica, sans-serif\">{content}</svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(content: &str, room: u32) -> String {
        let text = Text {
            at: (0, 0),
            size: 20,
            room,
            content,
        };
        text.plain()
    }

    #[test]
    fn what_is_too_long_is_squeezed_and_nothing_is_stretched() {
        for label in [
            "Tempat/Tgl Lahir",
            "Status Perkawinan",
            "Kewarganegaraan",
            "Berlaku Hingga",
        ] {
            assert!(!drawn(label, 180).contains("textLength"), "{label}");
        }
        assert!(drawn("CONTOH SANDBOX MAHARANI KUSUMAWARDHANI", 380).contains("textLength=\"380\""));
        assert!(drawn(&"W".repeat(100_000), 380).len() < 200_000);
    }
}

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
        // A capital of the usual sans-serif is about two thirds as wide as the font is high.
        let width = u32::try_from(content.chars().count())
            .unwrap_or(u32::MAX)
            .saturating_mul(size * 2 / 3);
        let squeezed = if width > *room {
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

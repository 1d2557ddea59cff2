//! `application/x-www-form-urlencoded`, in queries and in the page's form, and text inside HTML.

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a value of a query has to escape.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// What a header cannot carry.
const UNPRINTABLE: &AsciiSet = &CONTROLS.add(b' ');

/// The value of `name`, decoded. Of two, the first.
pub(super) fn value(encoded: &str, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(encoded.as_bytes());
    pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
}

/// `text` as one value of a query.
pub(super) fn encode(text: &str) -> String {
    utf8_percent_encode(text, VALUE).to_string()
}

/// `url` with what a header cannot carry escaped, and everything else as it was.
pub(super) fn printable(url: &str) -> String {
    utf8_percent_encode(url, UNPRINTABLE).to_string()
}
/// `text` inside an element or a quoted attribute of HTML or XML.
pub(super) fn markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_comes_back() {
        let text = "a b+c%2F/=&\u{e9}\u{1f642}\"";
        assert_eq!(
            value(&format!("x=1&y={}", encode(text)), "y").as_deref(),
            Some(text)
        );
    }

    #[test]
    fn decodes_what_browsers_send_and_survives_what_they_do_not() {
        assert_eq!(value("a=b+c", "a").as_deref(), Some("b c"));
        assert_eq!(value("a=%", "a").as_deref(), Some("%"));
        assert_eq!(value("a=%4", "a").as_deref(), Some("%4"));
        assert_eq!(value("a=%zz%41", "a").as_deref(), Some("%zzA"));
        assert_eq!(value("a=%+1", "a").as_deref(), Some("% 1"));
        assert_eq!(value("a", "a").as_deref(), Some(""));
        assert_eq!(value("ab=1", "a"), None);
        assert_eq!(value("%61=1&a=2", "a").as_deref(), Some("1"));
    }

    #[test]
    fn markup_cannot_leave_its_attribute() {
        assert_eq!(
            markup(r#"<a href='x'>"&"#),
            "&lt;a href=&#39;x&#39;&gt;&quot;&amp;"
        );
    }

    #[test]
    fn a_location_keeps_its_escapes() {
        assert_eq!(
            printable("app://h\u{e9}/a b?x=%20&y=\r\n"),
            "app://h%C3%A9/a%20b?x=%20&y=%0D%0A"
        );
    }
}

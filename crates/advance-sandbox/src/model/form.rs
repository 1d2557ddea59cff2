//! `application/x-www-form-urlencoded`, in queries and in the page's form, and text inside HTML.

/// The value of `name`, decoded. Of two, the first.
pub(crate) fn value(encoded: &str, name: &str) -> Option<String> {
    values(encoded, name).next()
}

/// Every value of `name`, decoded.
pub(crate) fn values(encoded: &str, name: &str) -> impl Iterator<Item = String> {
    encoded.split('&').filter_map(move |pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(key) == name).then(|| decode(value))
    })
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%')
            .then(|| hex_pair(bytes.get(at + 1..at + 3)))
            .flatten();
        out.push(escaped.unwrap_or(if byte == b'+' { b' ' } else { byte }));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn hex_pair(digits: Option<&[u8]>) -> Option<u8> {
    let mut byte = [0];
    hex::decode_to_slice(digits?, &mut byte).ok()?;
    Some(byte[0])
}

/// `text` as one value of a query.
pub(crate) fn encode(text: &str) -> String {
    escape(text, |byte| {
        byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
    })
}

/// `url` with what a header cannot carry escaped, and everything else as it was.
pub(super) fn printable(url: &str) -> String {
    escape(url, |byte| byte.is_ascii_graphic())
}

fn escape(text: &str, keep: impl Fn(u8) -> bool) -> String {
    use std::fmt::Write as _;

    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if keep(byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// `text` inside an element or a quoted attribute of HTML or XML.
pub(crate) fn markup(text: &str) -> String {
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

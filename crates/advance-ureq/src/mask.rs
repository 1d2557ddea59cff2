//! Hides two headers of a response from ureq, until [`reveal`] shows them again.
//!
//! Where any crate of a program turns on ureq's `cookies`, it keeps and sends them; where one turns on `gzip` or `brotli`,
//! it expands bodies that were not asked to be compressed. Neither has a switch. Here it meets neither header.

use http::HeaderMap;
use ureq::unversioned::transport::Buffers;

/// A name and the one of the same length that it is hidden under.
const HIDDEN: [(&str, &str); 2] = [
    ("set-cookie", "set~cookie"),
    ("content-encoding", "content~encoding"),
];

/// Which part of a response comes next on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mask {
    /// A head, its first bytes perhaps there already.
    Head,
    /// The rest of a response.
    Body,
}

impl Mask {
    /// Hides the headers in what came; ureq takes a head from the buffer only when it is whole, so it is seen from its
    /// start.
    pub(crate) fn hide(&mut self, buffers: &mut dyn Buffers) {
        if *self == Self::Body {
            return;
        }
        let mut head = buffers.input().to_vec();
        let (changed, whole) = hide_in(&mut head);
        if changed {
            buffers.input_consume(head.len());
            let room = buffers.input_append_buf();
            if let Some(room) = room.get_mut(..head.len()) {
                room.copy_from_slice(&head);
                buffers.input_appended(head.len());
            }
        }
        if whole {
            *self = Self::Body;
        }
    }
}

/// Whether anything was changed, and whether the head of a final response is whole.
fn hide_in(bytes: &mut [u8]) -> (bool, bool) {
    let (mut changed, mut interim, mut first) = (false, false, true);
    for line in bytes.split_inclusive_mut(|byte| *byte == b'\n') {
        if !line.ends_with(b"\n") {
            return (changed, false);
        }
        if first {
            interim = is_interim(line);
            first = false;
        } else if matches!(&*line, b"\n" | b"\r\n") {
            if !interim {
                return (changed, true);
            }
            first = true;
        } else {
            changed |= hide_line(line);
        }
    }
    (changed, false)
}

fn hide_line(line: &mut [u8]) -> bool {
    for (name, hidden) in HIDDEN {
        if line.get(name.len()) == Some(&b':')
            && let Some(start) = line.get_mut(..name.len())
            && start.eq_ignore_ascii_case(name.as_bytes())
        {
            start.copy_from_slice(hidden.as_bytes());
            return true;
        }
    }
    false
}

/// Whether a head with this status line is followed by another one.
fn is_interim(line: &[u8]) -> bool {
    line.split(|byte| *byte == b' ')
        .nth(1)
        .is_some_and(|status| status.len() >= 3 && status.starts_with(b"1") && !status.starts_with(b"101"))
}

/// The headers as the server sent them.
pub(crate) fn reveal(headers: &mut HeaderMap) {
    for (name, hidden) in HIDDEN {
        if !headers.contains_key(hidden) {
            continue;
        }
        let values: Vec<_> = headers.get_all(hidden).iter().cloned().collect();
        headers.remove(hidden);
        for value in values {
            headers.append(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(text: &str) -> (String, bool) {
        let mut bytes = text.as_bytes().to_vec();
        let (_, whole) = hide_in(&mut bytes);
        (String::from_utf8(bytes).unwrap(), whole)
    }

    #[test]
    fn only_the_two_names_of_a_head_are_hidden() {
        let (text, whole) = hidden(
            "HTTP/1.1 103 Early\r\nSet-Cookie: a\r\n\r\nHTTP/1.1 200 OK\nSET-COOKIE: b\r\nX-Set-Cookie: c\r\n\
             Content-Encoding: gzip\r\nset-cookies: d\r\n\r\nSet-Cookie: body\r\n",
        );
        assert!(whole);
        assert_eq!(
            text,
            "HTTP/1.1 103 Early\r\nset~cookie: a\r\n\r\nHTTP/1.1 200 OK\nset~cookie: b\r\nX-Set-Cookie: c\r\n\
             content~encoding: gzip\r\nset-cookies: d\r\n\r\nSet-Cookie: body\r\n"
        );
    }

    #[test]
    fn a_head_is_not_whole_before_its_empty_line() {
        for text in [
            "",
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\nA: b\r\n\r",
            "HTTP/1.1 100 C\r\n\r\n",
        ] {
            assert!(!hidden(text).1, "{text:?}");
        }
    }

    #[test]
    fn what_was_hidden_comes_back_in_its_order() {
        let mut headers = HeaderMap::new();
        for value in ["a", "b"] {
            headers.append("set~cookie", value.parse().unwrap());
        }
        reveal(&mut headers);
        let all: Vec<_> = headers.get_all("set-cookie").iter().collect();
        assert_eq!(all, ["a", "b"]);
        assert!(!headers.contains_key("set~cookie"));
    }
}

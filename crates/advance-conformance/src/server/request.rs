//! Reading a request off a connection.

use super::journal::Seen;

/// What the bytes so far hold.
pub(super) enum Progress {
    /// A whole request, and how many bytes it took.
    Whole(Seen, usize),
    /// More is needed.
    Partial,
    /// This is no HTTP request.
    Garbage,
}

pub(super) fn parse(bytes: &[u8], connection: usize) -> Progress {
    let mut room = [httparse::EMPTY_HEADER; 128];
    let mut request = httparse::Request::new(&mut room);
    let head = match request.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Progress::Partial,
        Err(_) => return Progress::Garbage,
    };
    let headers: Vec<(String, Vec<u8>)> = request
        .headers
        .iter()
        .map(|header| (header.name.to_ascii_lowercase(), header.value.to_vec()))
        .collect();
    let value = |name: &str| {
        headers
            .iter()
            .find(|(key, _)| key == name)
            .and_then(|(_, value)| std::str::from_utf8(value).ok())
    };
    let rest = &bytes[head..];
    let (body, length) = if value("transfer-encoding").is_some() {
        match chunked(rest) {
            Some(Ok(found)) => found,
            Some(Err(())) => return Progress::Garbage,
            None => return Progress::Partial,
        }
    } else {
        let length = value("content-length").map_or(Ok(0), str::parse::<usize>);
        let Ok(length) = length else {
            return Progress::Garbage;
        };
        let Some(body) = rest.get(..length) else {
            return Progress::Partial;
        };
        (body.to_vec(), length)
    };
    let seen = Seen {
        connection,
        method: request.method.unwrap_or_default().to_owned(),
        target: request.path.unwrap_or_default().to_owned(),
        headers,
        body,
    };
    Progress::Whole(seen, head + length)
}

/// The body and the bytes it took; `None` if more is needed.
fn chunked(bytes: &[u8]) -> Option<Result<(Vec<u8>, usize), ()>> {
    let mut body = Vec::new();
    let mut at = 0;
    loop {
        let (line, size) = match httparse::parse_chunk_size(bytes.get(at..)?) {
            Ok(httparse::Status::Complete(found)) => found,
            Ok(httparse::Status::Partial) => return None,
            Err(_) => return Some(Err(())),
        };
        let Ok(size) = usize::try_from(size) else {
            return Some(Err(()));
        };
        let start = at + line;
        let end = start.checked_add(size)?;
        if bytes.get(end..end.checked_add(2)?)? != b"\r\n" {
            return Some(Err(()));
        }
        body.extend_from_slice(bytes.get(start..end)?);
        at = end + 2;
        if size == 0 {
            return Some(Ok((body, at)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_whole_at_its_last_byte_and_not_before() {
        for text in [
            &b"POST /a?b HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"[..],
            b"POST /a?b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
        ] {
            for end in 0..text.len() {
                assert!(matches!(parse(&text[..end], 0), Progress::Partial), "{end}");
            }
            let Progress::Whole(seen, length) = parse(text, 7) else {
                panic!("not whole");
            };
            assert_eq!(
                (seen.body.as_slice(), length, seen.connection),
                (&b"{}"[..], text.len(), 7)
            );
            assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/a?b"));
        }
    }

    #[test]
    fn what_is_no_request_is_said_to_be_none() {
        assert!(matches!(parse(b"\x16\x03\x01\x02\x00\x01", 0), Progress::Garbage));
        assert!(matches!(
            parse(b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 0),
            Progress::Garbage
        ));
    }
}

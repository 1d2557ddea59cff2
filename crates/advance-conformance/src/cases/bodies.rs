//! Bodies come as they were sent, with any content.

use crate::bench::{Bench, LONG};
use crate::case::Case;
use crate::need::Need;
use crate::server::{Action, Script};
use crate::verdict::Verdict;

const RAW: &str = "bring the bytes of the body as they are: no charset conversion, no trimming, no parsing";

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "other_charsets_are_left_alone",
        row: 29,
        need: Need::Base,
        mend: RAW,
        run: other_charsets_are_left_alone,
    },
    Case {
        name: "empty_bodies",
        row: 30,
        need: Need::Base,
        mend: "bring a response without a body as one with an empty body",
        run: empty_bodies,
    },
    Case {
        name: "bodies_of_every_framing",
        row: 30,
        need: Need::Base,
        mend: "read bodies by length, by chunks (with extensions and trailers), and to the end of the connection",
        run: bodies_of_every_framing,
    },
];

fn other_charsets_are_left_alone(bench: &Bench) -> Verdict {
    for (charset, body) in [
        ("UTF-16", &b"\xff\xfe{\x00}\x00"[..]),
        ("ISO-8859-1", b"{\"name\":\"\xe9\"}"),
        ("UTF-8", b"\xef\xbb\xbf{}\r\n\x00"),
    ] {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json;charset={charset}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let (call, _) = bench.once(Script::reply([head.as_bytes(), body].concat()), LONG)?;
        call.ok(body)
            .map_err(|wrong| format!("{wrong}; the charset was {charset}"))?;
    }
    Ok(())
}

fn empty_bodies(bench: &Bench) -> Verdict {
    for (status, head) in [
        (200, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        (204, "HTTP/1.1 204 No Content\r\n\r\n"),
        (
            200,
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
    ] {
        let script = Script::every([Action::Read, Action::send(head), Action::Drain]);
        let (call, _) = bench.once(script, LONG)?;
        call.answered(status, b"")?;
    }
    Ok(())
}

fn bodies_of_every_framing(bench: &Bench) -> Verdict {
    for text in [
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull",
        "HTTP/1.1 200 OK\r\ncontent-length:4\r\n\r\nnull",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\nn\r\n3\r\null\r\n0\r\nX-T: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\nnull",
        "HTTP/1.0 200 OK\r\n\r\nnull",
        "HTTP/1.1 200 \r\nContent-Length: 4\r\n\r\nnull",
    ] {
        let (call, _) = bench.once(Script::every([Action::Read, Action::send(text)]), LONG)?;
        call.ok(b"null")
            .map_err(|wrong| format!("{wrong}; the reply was {text:?}"))?;
    }
    Ok(())
}

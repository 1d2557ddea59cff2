//! What comes back is not HTTP, or only nearly.

use std::time::Duration;

use advance_core::transport::{FailureKind, Phase, Sent};

use super::lost::sent_once;
use crate::bench::{Bench, LONG, SHORT};
use crate::call::Call;
use crate::case::Case;
use crate::need::Need;
use crate::server::{Action, Script, Server};
use crate::verdict::Verdict;

const HTTP: &str = "report what breaks the rules of HTTP as FailureKind::Http with Sent::Maybe, and bound what is read of it";

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "garbage_for_a_status_line",
        row: 11,
        need: Need::Base,
        mend: HTTP,
        run: garbage_for_a_status_line,
    },
    Case {
        name: "malformed_chunk_size",
        row: 11,
        need: Need::Base,
        mend: "report a malformed chunk as FailureKind::Body or FailureKind::Http, never as a response",
        run: malformed_chunk_size,
    },
    Case {
        name: "early_hints_and_continue",
        row: 33,
        need: Need::Base,
        mend: "skip every 1xx response and wait for the final one",
        run: early_hints_and_continue,
    },
    Case {
        name: "early_hints_without_end",
        row: 33,
        need: Need::Base,
        mend: "let Limits::within end an endless row of 1xx responses too",
        run: early_hints_without_end,
    },
    Case {
        name: "ten_thousand_headers",
        row: 34,
        need: Need::Base,
        mend: HTTP,
        run: ten_thousand_headers,
    },
    Case {
        name: "header_without_end",
        row: 34,
        need: Need::Base,
        mend: HTTP,
        run: header_without_end,
    },
    Case {
        name: "two_content_lengths",
        row: 35,
        need: Need::Base,
        mend: "refuse a response whose Content-Length headers differ, as FailureKind::Http",
        run: two_content_lengths,
    },
    Case {
        name: "length_and_chunks",
        row: 35,
        need: Need::Base,
        mend: "refuse Content-Length beside Transfer-Encoding as FailureKind::Http, or read the chunks (RFC 9112, 6.3)",
        run: length_and_chunks,
    },
];

fn reply(bench: &Bench, bytes: impl AsRef<[u8]>) -> Result<(Call, Server), String> {
    bench.once(Script::every([Action::Read, Action::send(bytes)]), LONG)
}

fn garbage_for_a_status_line(bench: &Bench) -> Verdict {
    for text in [
        &b"\x00\xff\xfe garbage \x80\x81\r\n\r\n"[..],
        b"HTTP/1.1 2OO OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/7.3 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"220 smtp.example ESMTP ready\r\n",
        b"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 2\r\n\r\n{}",
    ] {
        let (call, server) = reply(bench, text)?;
        call.failed(&[FailureKind::Http], Sent::Maybe).map_err(|wrong| {
            format!(
                "{wrong}; the reply began {:?}",
                String::from_utf8_lossy(&text[..16])
            )
        })?;
        sent_once(&server)?;
    }
    Ok(())
}

fn malformed_chunk_size(bench: &Bench) -> Verdict {
    for size in ["zz", "-2", "fffffffffffffffff", "2 2"] {
        let text =
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\n{{}}\r\n0\r\n\r\n");
        let (call, _) = reply(bench, text)?;
        call.failed(
            &[FailureKind::Http, FailureKind::Body, FailureKind::TooLarge],
            Sent::Maybe,
        )
        .map_err(|wrong| format!("{wrong}; the chunk's size was {size:?}"))?;
        call.ended_by(LONG)?;
    }
    Ok(())
}

fn early_hints_and_continue(bench: &Bench) -> Verdict {
    let (call, _) = reply(
        bench,
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n\
         HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    )?;
    call.ok(b"{}")
}

fn early_hints_without_end(bench: &Bench) -> Verdict {
    // Without the pause, hyper goes on parsing for seconds before it lets go of its thread.
    let hint = Action::Flood {
        unit: b"HTTP/1.1 103 Early Hints\r\n\r\n".as_slice().into(),
        times: u64::MAX,
        every: Duration::from_millis(1),
    };
    let within = SHORT;
    let (call, _) = bench.once(Script::every([Action::Read, hint]), within)?;
    let kinds = [FailureKind::Http, FailureKind::Timeout(Phase::Exchange)];
    call.failed(&kinds, Sent::Maybe)?;
    call.ended_by(within)
}

fn ten_thousand_headers(bench: &Bench) -> Verdict {
    let headers: Vec<String> = (0..10_000).map(|number| format!("X-{number}: 1\r\n")).collect();
    let headers = headers.concat();
    let (call, _) = reply(
        bench,
        format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: 2\r\n\r\n{{}}"),
    )?;
    call.failed(&[FailureKind::Http], Sent::Maybe)
}

fn header_without_end(bench: &Bench) -> Verdict {
    let (call, server) = bench.once(
        Script::every([
            Action::Read,
            Action::send("HTTP/1.1 200 OK\r\nX-Long: "),
            Action::flood(vec![b'a'; 64 << 10], 1 << 10),
        ]),
        LONG,
    )?;
    call.failed(&[FailureKind::Http], Sent::Maybe)?;
    call.ended_by(LONG)?;
    let written = server.journal().written();
    if written > 16 << 20 {
        return Err(format!("took {written} bytes of a header before it gave up"));
    }
    Ok(())
}

fn two_content_lengths(bench: &Bench) -> Verdict {
    let (call, _) = reply(
        bench,
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 30\r\n\r\n{}",
    )?;
    call.failed(&[FailureKind::Http], Sent::Maybe)
}

fn length_and_chunks(bench: &Bench) -> Verdict {
    let (call, _) = reply(
        bench,
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nnull\r\n0\r\n\r\n",
    )?;
    if call.outcome.is_ok() {
        return call.ok(b"null");
    }
    call.failed(&[FailureKind::Http], Sent::Maybe)
}

//! Bodies that are too large, and limits at their edges.

use std::time::Duration;

use advance_core::transport::{FailureKind, Limits, Phase, Sent};

use crate::bench::{Bench, FINE, LONG, ROOM};
use crate::call::Call;
use crate::case::Case;
use crate::need::Need;
use crate::server::{Action, Script, Server};
use crate::verdict::Verdict;

const CAP: &str = "count the bytes of the body as they come, stop at Limits::max_body and report FailureKind::TooLarge \
                   with Sent::Maybe";

/// What sockets and buffers may hold beyond what the transport took: it stopped reading, and the server went on until
/// nothing moved any more.
const IN_FLIGHT: u64 = 12 << 20;

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "body_too_large_by_its_length",
        row: 31,
        need: Need::Base,
        mend: "refuse a Content-Length past Limits::max_body before reading the body",
        run: body_too_large_by_its_length,
    },
    Case {
        name: "body_too_large_by_its_chunks",
        row: 31,
        need: Need::Base,
        mend: CAP,
        run: body_too_large_by_its_chunks,
    },
    Case {
        name: "body_too_large_without_a_length",
        row: 31,
        need: Need::Base,
        mend: CAP,
        run: body_too_large_without_a_length,
    },
    Case {
        name: "announced_length_is_not_believed",
        row: 31,
        need: Need::Base,
        mend: "take memory as the bytes come, not as Content-Length announces them",
        run: announced_length_is_not_believed,
    },
    Case {
        name: "error_body_too_large",
        row: 31,
        need: Need::Base,
        mend: "apply Limits::max_body to responses of every status",
        run: error_body_too_large,
    },
    Case {
        name: "body_at_its_limit",
        row: 31,
        need: Need::Base,
        mend: "take a body of exactly Limits::max_body bytes, and refuse one more",
        run: body_at_its_limit,
    },
    Case {
        name: "limits_without_bounds",
        row: 103,
        need: Need::Base,
        mend: "add durations and sizes with care: Duration::MAX and usize::MAX are limits too",
        run: limits_without_bounds,
    },
    Case {
        name: "no_time_at_all",
        row: 103,
        need: Need::Base,
        mend: "take Limits::within of zero as over already: Timeout, and no panic",
        run: no_time_at_all,
    },
];

fn too_large(call: &Call, server: &Server) -> Verdict {
    call.failed(&[FailureKind::TooLarge], Sent::Maybe)?;
    call.ended_by(LONG)?;
    let written = server.journal().written();
    if written > IN_FLIGHT {
        return Err(format!(
            "went on reading: the server could write {written} bytes with a limit of {ROOM}"
        ));
    }
    Ok(())
}

fn flood(bench: &Bench, head: &str, unit: &[u8]) -> Verdict {
    let script = Script::every([Action::Read, Action::send(head), Action::flood(unit, 4 << 10)]);
    let (call, server) = bench.once(script, LONG)?;
    too_large(&call, &server)
}

fn body_too_large_by_its_length(bench: &Bench) -> Verdict {
    for length in ["1048577", "10000000000"] {
        // Not a byte of the body is sent: who waits for it has not looked at the length.
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
        let script = Script::every([Action::Read, Action::send(head), Action::Hold]);
        let (call, server) = bench.once(script, LONG)?;
        too_large(&call, &server)?;
    }
    Ok(())
}

fn announced_length_is_not_believed(bench: &Bench) -> Verdict {
    // As much as may be asked for at all: who takes memory for it ends the whole process.
    for length in [1_u64 << 44, (1 << 63) - 1] {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{{");
        let server = bench.server(Script::every([Action::Read, Action::send(head)]))?;
        let limits = Limits::new(LONG, usize::MAX);
        let call = bench.send_with(&bench.transport()?, bench.request(&server), &limits);
        call.failed(&[FailureKind::Body], Sent::Maybe)?;
    }
    Ok(())
}

fn body_too_large_by_its_chunks(bench: &Bench) -> Verdict {
    let unit = [b"10000\r\n".as_slice(), &vec![b' '; 64 << 10], b"\r\n"].concat();
    flood(
        bench,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        &unit,
    )
}

fn body_too_large_without_a_length(bench: &Bench) -> Verdict {
    flood(bench, "HTTP/1.1 200 OK\r\n\r\n", &vec![b' '; 64 << 10])
}

fn error_body_too_large(bench: &Bench) -> Verdict {
    flood(bench, "HTTP/1.1 500 Oh\r\n\r\n", &vec![b' '; 64 << 10])
}

fn body_at_its_limit(bench: &Bench) -> Verdict {
    let limits = Limits::new(LONG, 1000);
    for (head, tail) in [
        ("Content-Length: {}\r\n\r\n", ""),
        ("Connection: close\r\n\r\n", ""),
        ("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n", "\r\n0\r\n\r\n"),
    ] {
        for length in [999, 1000, 1001] {
            let head = head
                .replace("{}", &length.to_string())
                .replace("{:x}", &format!("{length:x}"));
            let body = "x".repeat(length);
            let text = format!("HTTP/1.1 200 OK\r\n{head}{body}{tail}");
            // After one byte too many nothing else comes, the end neither: who waits for it is late.
            let last = if length > 1000 {
                Action::Hold
            } else {
                Action::HalfClose
            };
            let server = bench.server(Script::every([Action::Read, Action::send(text), last]))?;
            let call = bench.send_with(&bench.transport()?, bench.request(&server), &limits);
            if length > 1000 {
                call.failed(&[FailureKind::TooLarge], Sent::Maybe)
            } else {
                call.ok(body.as_bytes())
            }
            .map_err(|wrong| format!("{wrong}; the body had {length} bytes, the limit was 1000"))?;
        }
    }
    Ok(())
}

fn limits_without_bounds(bench: &Bench) -> Verdict {
    let server = bench.server(Script::reply(FINE))?;
    let transport = bench.transport()?;
    for limits in [
        Limits::new(Duration::MAX, ROOM),
        Limits::new(LONG, usize::MAX),
        Limits::new(Duration::MAX, usize::MAX),
    ] {
        bench
            .send_with(&transport, bench.request(&server), &limits)
            .ok(b"{}")
            .map_err(|wrong| format!("{wrong}; the limits were {limits:?}"))?;
    }
    Ok(())
}

fn no_time_at_all(bench: &Bench) -> Verdict {
    let server = bench.server(Script::every([Action::Read, Action::Hold]))?;
    let transport = bench.transport()?;
    let call = bench.send(&transport, bench.request(&server), Duration::ZERO);
    let Err(failure) = &call.outcome else {
        return Err("brought a response in no time".into());
    };
    if !matches!(failure.kind(), FailureKind::Timeout(_)) {
        return Err(format!("failed as {:?} instead of a timeout", failure.kind()));
    }
    if failure.kind() == FailureKind::Timeout(Phase::Exchange) && failure.sent() == Sent::No {
        return Err("said Sent::No of a request that it was sending".into());
    }
    call.ended_by(Duration::ZERO)
}

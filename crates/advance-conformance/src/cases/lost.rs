//! The connection is lost on the way.

use advance_core::transport::{FailureKind, Sent};

use crate::bench::{Bench, LONG};
use crate::case::Case;
use crate::need::Need;
use crate::server::{Action, Script, Server};
use crate::verdict::Verdict;

const BODY: &str =
    "report a body that ends early as FailureKind::Body with Sent::Maybe, and never hand out a part of it";
const RESET: &str = "report a connection lost before the response as FailureKind::Reset with Sent::Maybe: the server may \
                     have taken the request and charged for it";

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "reset_before_the_response",
        row: 7,
        need: Need::Base,
        mend: RESET,
        run: reset_before_the_response,
    },
    Case {
        name: "close_before_the_response",
        row: 7,
        need: Need::Base,
        mend: RESET,
        run: close_before_the_response,
    },
    Case {
        name: "close_within_the_head",
        row: 7,
        need: Need::Base,
        mend: RESET,
        run: close_within_the_head,
    },
    Case {
        name: "reset_while_the_request_is_sent",
        row: 7,
        need: Need::Base,
        mend: RESET,
        run: reset_while_the_request_is_sent,
    },
    Case {
        name: "reset_within_the_body",
        row: 8,
        need: Need::Base,
        mend: BODY,
        run: reset_within_the_body,
    },
    Case {
        name: "close_within_the_body",
        row: 9,
        need: Need::Base,
        mend: BODY,
        run: close_within_the_body,
    },
    Case {
        name: "half_close_within_the_body",
        row: 9,
        need: Need::Base,
        mend: BODY,
        run: half_close_within_the_body,
    },
    Case {
        name: "chunks_without_an_end",
        row: 10,
        need: Need::Base,
        mend: BODY,
        run: chunks_without_an_end,
    },
];

fn lost(bench: &Bench, actions: &[Action], kinds: &[FailureKind]) -> Verdict {
    let (call, server) = bench.once(Script::every(actions), LONG)?;
    call.failed(kinds, Sent::Maybe)?;
    call.ended_by(LONG)?;
    sent_once(&server)
}

/// A transport that sends again by itself makes the vendor charge again.
pub(crate) fn sent_once(server: &Server) -> Verdict {
    match server.journal().requests().len() {
        1 => Ok(()),
        times => Err(format!("sent the request {times} times in one call of `send`")),
    }
}

fn reset_before_the_response(bench: &Bench) -> Verdict {
    lost(bench, &[Action::Read, Action::Reset], &[FailureKind::Reset])
}

fn close_before_the_response(bench: &Bench) -> Verdict {
    lost(bench, &[Action::Read], &[FailureKind::Reset])
}

fn close_within_the_head(bench: &Bench) -> Verdict {
    let part = Action::send("HTTP/1.1 200 OK\r\nContent-Le");
    // It began and broke off: both readings are fair.
    let kinds = [FailureKind::Reset, FailureKind::Http];
    lost(bench, &[Action::Read, part], &kinds)
}

fn reset_while_the_request_is_sent(bench: &Bench) -> Verdict {
    let server = bench.server(Script::every([Action::ReadAny, Action::Reset]))?;
    let request = bench.request_with(&server.url("/"), vec![b' '; 16 << 20]);
    let call = bench.send(&bench.transport()?, request, LONG);
    call.failed(&[FailureKind::Reset], Sent::Maybe)?;
    match server.journal().connections() {
        1 => Ok(()),
        times => Err(format!("connected {times} times in one call of `send`")),
    }
}

fn reset_within_the_body(bench: &Bench) -> Verdict {
    // Without a length the end of the connection ends the body, but a reset is no such end.
    for length in ["Content-Length: 20\r\n", ""] {
        let part = Action::send(format!("HTTP/1.1 200 OK\r\n{length}\r\n{{\"code\":"));
        // The pause lets the part arrive; an RST may overtake it otherwise.
        let pause = Action::Pause(std::time::Duration::from_millis(100));
        lost(
            bench,
            &[Action::Read, part, pause, Action::Reset],
            &[FailureKind::Body],
        )
        .map_err(|wrong| format!("{wrong}; the head had {length:?}"))?;
    }
    Ok(())
}

fn close_within_the_body(bench: &Bench) -> Verdict {
    let part = Action::send("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"code\":");
    lost(bench, &[Action::Read, part], &[FailureKind::Body])
}

fn half_close_within_the_body(bench: &Bench) -> Verdict {
    let part = Action::send("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"code\":");
    let actions = [Action::Read, part, Action::HalfClose, Action::Hold];
    lost(bench, &actions, &[FailureKind::Body])
}

fn chunks_without_an_end(bench: &Bench) -> Verdict {
    for chunks in ["2\r\n{}\r\n", "9\r\n{}"] {
        let part = Action::send(format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}"
        ));
        lost(bench, &[Action::Read, part], &[FailureKind::Body])
            .map_err(|wrong| format!("{wrong}; the chunks were {chunks:?}"))?;
    }
    Ok(())
}

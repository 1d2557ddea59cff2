//! The server is there, and slow.

use std::time::Duration;

use advance_core::transport::{Limits, Phase};

use crate::bench::{Bench, FINE, LONG, ROOM, SHORT};
use crate::case::Case;
use crate::need::Need;
use crate::server::{Action, Script};
use crate::verdict::Verdict;

const TOTAL: &str = "apply Limits::within as one total from the call of `send` to the last byte of the body, and report \
                     Timeout(Phase::Exchange) with Sent::Maybe";

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "silence_after_the_request",
        row: 4,
        need: Need::Base,
        mend: TOTAL,
        run: silence_after_the_request,
    },
    Case {
        name: "server_that_never_reads",
        row: 4,
        need: Need::Base,
        mend: "bound the sending of the request as well; it blocks once the buffers between are full",
        run: server_that_never_reads,
    },
    Case {
        name: "slow_head",
        row: 5,
        need: Need::Base,
        mend: TOTAL,
        run: slow_head,
    },
    Case {
        name: "slow_body",
        row: 6,
        need: Need::Base,
        mend: TOTAL,
        run: slow_body,
    },
    Case {
        name: "body_that_stops",
        row: 6,
        need: Need::Base,
        mend: TOTAL,
        run: body_that_stops,
    },
    Case {
        name: "slow_but_in_time",
        row: 6,
        need: Need::Base,
        mend: "give up when Limits::within is over, not at the first pause",
        run: slow_but_in_time,
    },
];

fn silence_after_the_request(bench: &Bench) -> Verdict {
    let (call, _) = bench.once(Script::every([Action::Read, Action::Hold]), SHORT)?;
    call.timed_out(Phase::Exchange, SHORT)
}

fn server_that_never_reads(bench: &Bench) -> Verdict {
    let server = bench.server(Script::every([Action::Hold]))?;
    // More than the socket buffers of both ends hold together.
    let request = bench.request_with(&server.url("/"), vec![b' '; 32 << 20]);
    let call = bench.send(&bench.transport()?, request, SHORT);
    call.timed_out(Phase::Exchange, SHORT)
}

fn slow_head(bench: &Bench) -> Verdict {
    let dribble = Action::dribble(FINE, Duration::from_millis(50));
    let (call, _) = bench.once(Script::every([Action::Read, dribble, Action::Hold]), SHORT)?;
    call.timed_out(Phase::Exchange, SHORT)
}

fn slow_body(bench: &Bench) -> Verdict {
    let (call, _) = bench.once(
        Script::every([
            Action::Read,
            Action::send("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n"),
            Action::dribble([b' '; 90], Duration::from_millis(50)),
            Action::Hold,
        ]),
        SHORT,
    )?;
    call.timed_out(Phase::Exchange, SHORT)
}

fn body_that_stops(bench: &Bench) -> Verdict {
    // The head takes most of the limit; a client that starts its clock anew for the body is late.
    let (call, _) = bench.once(
        Script::every([
            Action::Read,
            Action::Pause(SHORT.mul_f64(0.8)),
            Action::send("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"),
            Action::Hold,
        ]),
        SHORT,
    )?;
    call.timed_out(Phase::Exchange, SHORT)
}

fn slow_but_in_time(bench: &Bench) -> Verdict {
    let server = bench.server(Script::every([
        Action::Read,
        Action::Pause(Duration::from_millis(300)),
        Action::dribble(FINE, Duration::from_millis(5)),
        Action::Hold,
    ]))?;
    let limits = Limits::new(LONG, ROOM);
    let call = bench.send_with(&bench.transport()?, bench.request(&server), &limits);
    call.ok(b"{}")
}

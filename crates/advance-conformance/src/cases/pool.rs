//! Connections that are used again.

use std::sync::{Arc, Barrier};
use std::time::Duration;

use advance_core::transport::{FailureKind, Sent};

use crate::bench::{Bench, FINE, LONG};
use crate::case::Case;
use crate::need::Need;
use crate::server::{Action, Script};
use crate::verdict::Verdict;

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "connections_are_used_again",
        row: 12,
        need: Need::Pool,
        mend: "read bodies to their end so that the connection can be used again, or do not claim `pool`",
        run: connections_are_used_again,
    },
    Case {
        name: "two_hundred_in_flight_twice",
        row: 99,
        need: Need::Pool,
        mend: "do not bound the number of idle connections below that of the calls in flight: what is over the bound is \
               closed and opened again all the time. Let an idle timeout bound it",
        run: two_hundred_in_flight_twice,
    },
    Case {
        name: "stale_connection",
        row: 12,
        need: Need::Pool,
        mend: "notice that a connection from the pool was closed before anything was sent on it and take another, or \
               report FailureKind::Reset",
        run: stale_connection,
    },
    Case {
        name: "connection_lost_while_used_again",
        row: 12,
        need: Need::Pool,
        mend: "do not send again once the request was sent on a connection from the pool: it may have been charged",
        run: connection_lost_while_used_again,
    },
    Case {
        name: "surplus_bytes_are_not_the_next_response",
        row: 35,
        need: Need::Pool,
        mend: "close a connection on which more came than the response had; the surplus is not an answer to anything",
        run: surplus_bytes_are_not_the_next_response,
    },
    Case {
        name: "length_and_chunks_end_the_connection",
        row: 35,
        need: Need::Pool,
        mend: "do not use a connection again after Content-Length beside Transfer-Encoding (RFC 9112, 6.3)",
        run: length_and_chunks_end_the_connection,
    },
    Case {
        name: "unread_body_ends_the_connection",
        row: 31,
        need: Need::Pool,
        mend: "do not use a connection again on which a body was left unread",
        run: unread_body_ends_the_connection,
    },
];

/// Two hundred threads take a while to start on a busy machine.
const PATIENT: Duration = Duration::from_secs(15);

const OWN: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nown";

fn connections_are_used_again(bench: &Bench) -> Verdict {
    let server = bench.server(Script::reply(FINE))?;
    let transport = bench.transport()?;
    for _ in 0..5 {
        // An async pool gets a connection back a moment after the response came.
        std::thread::sleep(Duration::from_millis(40));
        bench.send(&transport, bench.request(&server), LONG).ok(b"{}")?;
    }
    match server.journal().connections() {
        1 | 2 => Ok(()),
        count => Err(format!("made {count} connections for 5 requests in a row")),
    }
}

/// Each round holds all of its connections until the last of them has its request.
fn two_hundred_in_flight_twice(bench: &Bench) -> Verdict {
    const AT_ONCE: usize = 200;
    let gate = Arc::new(Barrier::new(AT_ONCE));
    let together = Action::answer(move |_| {
        gate.wait();
        FINE.to_vec()
    });
    let server = bench.server(Script::every([Action::Read, together, Action::Again]))?;
    let transport = bench.transport()?;
    for _ in 0..2 {
        std::thread::scope(|scope| {
            let calls: Vec<_> = (0..AT_ONCE)
                .map(|_| scope.spawn(|| bench.send(&transport, bench.request(&server), PATIENT).ok(b"{}")))
                .collect();
            calls.into_iter().try_for_each(|call| {
                call.join()
                    .unwrap_or_else(|_| Err("panicked under concurrent use".into()))
            })
        })?;
        // An async pool gets its connections back a moment after the responses came.
        std::thread::sleep(Duration::from_millis(200));
    }
    let made = server.journal().connections();
    match made.checked_sub(AT_ONCE) {
        None => Err(format!("made {made} connections for {AT_ONCE} calls in flight")),
        // A few may have been late in coming back.
        Some(0..=10) => Ok(()),
        Some(more) => Err(format!(
            "made {more} more connections for a second round of {AT_ONCE} calls in flight"
        )),
    }
}

fn stale_connection(bench: &Bench) -> Verdict {
    let server = bench
        .server(Script::every([Action::Read, Action::send(FINE)]).then([Action::Read, Action::send(OWN)]))?;
    let transport = bench.transport()?;
    bench.send(&transport, bench.request(&server), LONG).ok(b"{}")?;
    std::thread::sleep(Duration::from_millis(100));
    let call = bench.send(&transport, bench.request(&server), LONG);
    if call.outcome.is_ok() {
        call.ok(b"own")?;
    } else {
        call.failed(&[FailureKind::Reset], Sent::Maybe)
            .or_else(|_| call.failed(&[FailureKind::Reset, FailureKind::Connect], Sent::No))?;
    }
    match server.journal().requests().len() {
        1 | 2 => Ok(()),
        count => Err(format!("sent {count} requests for 2")),
    }
}

fn connection_lost_while_used_again(bench: &Bench) -> Verdict {
    for last in [Action::Reset, Action::Cut] {
        let server = bench.server(
            Script::every([Action::Read, Action::send(FINE), Action::Read, last])
                .then([Action::Read, Action::send(OWN)]),
        )?;
        let transport = bench.transport()?;
        bench.send(&transport, bench.request(&server), LONG).ok(b"{}")?;
        let pooled = Duration::from_millis(50);
        std::thread::sleep(pooled);
        let call = bench.send(&transport, bench.request(&server), LONG);
        let requests = server.journal().requests();
        if requests.iter().any(|seen| seen.connection > 0) && requests.len() > 2 {
            return Err(
                "sent a request a second time though the server had it: the vendor may charge twice".into(),
            );
        }
        call.failed(&[FailureKind::Reset], Sent::Maybe)?;
    }
    Ok(())
}

/// When the first response has to be the last one of its connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    Always,
    UnlessRefused,
}

/// The first response leaves something behind; the second request must get its own answer all the same.
fn not_used_again(bench: &Bench, first: &[u8], pause: Duration, ends: Ends) -> Verdict {
    let server = bench.server(
        Script::every([
            Action::Read,
            Action::send(first),
            Action::Read,
            Action::send(FINE),
            Action::Drain,
        ])
        .then([Action::Read, Action::send(OWN), Action::Drain]),
    )?;
    let transport = bench.transport()?;
    let refused = bench
        .send(&transport, bench.request(&server), LONG)
        .outcome
        .is_err();
    if refused && ends == Ends::UnlessRefused {
        return Ok(());
    }
    std::thread::sleep(pause);
    let call = bench.send(&transport, bench.request(&server), LONG);
    let Ok(response) = &call.outcome else {
        // Refused, and so not taken for an answer.
        return Ok(());
    };
    if response.body() == b"forged" {
        return Err("took bytes left behind by one response for the answer to the next request".into());
    }
    call.ok(b"own")
        .map_err(|wrong| format!("used a connection again that had lost its framing: it {wrong}"))
}

fn surplus_bytes_are_not_the_next_response(bench: &Bench) -> Verdict {
    let text =
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged";
    not_used_again(bench, text, Duration::ZERO, Ends::Always)?;
    not_used_again(bench, text, Duration::from_millis(100), Ends::Always)
}

fn length_and_chunks_end_the_connection(bench: &Bench) -> Verdict {
    let text =
        b"HTTP/1.1 200 OK\r\nContent-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nnull\r\n0\r\n\r\n";
    // hyper has read the chunks, and put the connection back, before anybody can refuse the response.
    not_used_again(bench, text, Duration::from_millis(100), Ends::UnlessRefused)
}

fn unread_body_ends_the_connection(bench: &Bench) -> Verdict {
    let forged = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged";
    let text = format!("HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n{forged}");
    not_used_again(bench, text.as_bytes(), Duration::from_millis(100), Ends::Always)
}

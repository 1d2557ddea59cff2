//! The rest of the trait: the clocks, the sleep, and giving up.

use std::time::{Duration, Instant, SystemTime};

use advance_core::transport::Limits;
use advance_core::{Transport, UnixMillis};

use crate::bench::{Bench, LONG, ROOM};
use crate::case::Case;
use crate::need::Need;
use crate::server::{Action, Script};
use crate::verdict::Verdict;

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "sleep_takes_its_time",
        row: 106,
        need: Need::Base,
        mend: "sleep for the duration that is asked for, not less",
        run: sleep_takes_its_time,
    },
    Case {
        name: "clocks_tell_the_time",
        row: 106,
        need: Need::Base,
        mend: "take Now from SystemTime::now() and from the time since one Instant that stays the same",
        run: clocks_tell_the_time,
    },
    Case {
        name: "a_dropped_call_ends",
        row: 107,
        need: Need::Base,
        mend: "close the connection of a request whose future is dropped; do not put it back for the next one",
        run: a_dropped_call_ends,
    },
];

fn sleep_takes_its_time(bench: &Bench) -> Verdict {
    let transport = bench.transport()?;
    for wanted in [Duration::ZERO, Duration::from_millis(120)] {
        let start = Instant::now();
        transport.sleep(wanted);
        let took = start.elapsed();
        if took < wanted || took > wanted + Duration::from_millis(500) {
            return Err(format!("slept {took:?} when asked for {wanted:?}"));
        }
    }
    Ok(())
}

fn clocks_tell_the_time(bench: &Bench) -> Verdict {
    let transport = bench.transport()?;
    let first = transport.now();
    let pause = Duration::from_millis(60);
    std::thread::sleep(pause);
    let second = transport.now();
    if second.mono.saturating_sub(first.mono) < pause {
        return Err("has a monotonic clock that does not keep up with time".into());
    }
    let off = second.wall.distance_from(UnixMillis::from(SystemTime::now()));
    if off.abs() > 5_000 {
        return Err(format!("has a wall clock that is {off} ms off"));
    }
    Ok(())
}

fn a_dropped_call_ends(bench: &Bench) -> Verdict {
    let late = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate";
    let server = bench.server(
        Script::every([
            Action::Read,
            Action::Pause(Duration::from_millis(400)),
            Action::send(late),
            Action::Drain,
        ])
        .then([
            Action::Read,
            Action::send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nown"),
        ]),
    )?;
    let transport = bench.transport()?;
    let limits = Limits::new(LONG, ROOM);
    if !transport.send_and_give_up(bench.request(&server), &limits, Duration::from_millis(150)) {
        // A blocking call cannot be dropped: there is nothing to do wrong.
        return Ok(());
    }
    bench.send(&transport, bench.request(&server), LONG).ok(b"own")?;
    if !server.journal().wait_for(LONG, |journal| journal.hung_up() > 0) {
        return Err("kept the connection of a call that was dropped".into());
    }
    Ok(())
}

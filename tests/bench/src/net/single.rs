//! One call at a time: what it takes, and what the calling thread works for it.

use std::hint::black_box;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use super::{Amount, Counts, by_hand, config, result_url, runtime};
use crate::alloc;
use crate::measure::median;
use crate::row::{Row, Target};
use crate::samples;
use crate::server::Server;

pub fn reqwest(server: &Server, amount: Amount) -> (Vec<Row>, Counts) {
    let runtime = runtime();
    let ours = advance_reqwest::client(config(server), samples::credentials()).expect("a client");
    let (theirs, url, token) = (
        by_hand::reqwest_client(),
        result_url(server),
        samples::token_text(),
    );
    let id = samples::signature_id();
    compare(
        "reqwest, one in flight",
        "reqwest with the same bounds, and serde",
        [1.03, 1.03],
        (server, amount),
        || {
            drop(black_box(
                runtime.block_on(ours.get_result(&id)).expect("a result"),
            ))
        },
        || {
            drop(black_box(
                runtime.block_on(by_hand::by_reqwest(&theirs, &url, &token)),
            ))
        },
    )
}

pub fn ureq(server: &Server, amount: Amount) -> (Vec<Row>, Counts) {
    let ours = advance_ureq::client(config(server), samples::credentials()).expect("a client");
    let (theirs, url, token) = (by_hand::ureq_agent(), result_url(server), samples::token_text());
    let id = samples::signature_id();
    compare(
        "ureq with every bound, one in flight",
        "ureq without bounds, and serde",
        [1.03, 1.04],
        (server, amount),
        || drop(black_box(ours.get_result(&id).expect("a result"))),
        || drop(black_box(by_hand::by_ureq(&theirs, &url, &token))),
    )
}

/// What one side took in a round: the median of its calls, and this thread's work for each of them, in microseconds.
#[derive(Clone, Copy)]
struct Took {
    middle: f64,
    work: f64,
}

fn compare(
    name: &str,
    floor: &str,
    [time, work]: [f64; 2],
    (server, amount): (&Server, Amount),
    ours: impl Fn(),
    theirs: impl Fn(),
) -> (Vec<Row>, Counts) {
    for _ in 0..100 {
        ours();
        theirs();
    }
    let opened = server.connections();
    let block = (amount.calls / amount.rounds).max(20);
    let rounds: Vec<(Took, Took)> = (0..amount.rounds)
        .map(|round| {
            if round % 2 == 0 {
                let our = took(block, &ours);
                (our, took(block, &theirs))
            } else {
                let their = took(block, &theirs);
                (took(block, &ours), their)
            }
        })
        .collect();
    let connections = server.connections() - opened;
    let row = |what: &str, target, of: fn(&Took) -> f64| {
        let ratio = median(rounds.iter().map(|(our, their)| of(our) / of(their)).collect());
        let our = median(rounds.iter().map(|(our, _)| of(our)).collect());
        let their = median(rounds.iter().map(|(_, their)| of(their)).collect());
        let figures = format!("{our:.1} and {their:.1} µs");
        Row::new(
            format!("{name}: {what}"),
            floor,
            ratio,
            Target::AtMost(target),
            figures,
        )
    };
    let rows = vec![
        row("time", time, |took| took.middle),
        row("work of the thread", work, |took| took.work),
    ];
    let counts = Counts {
        name: name.to_owned(),
        allocations: alloc::taken_by(&ours),
        calls: 2 * block * amount.rounds,
        connections,
    };
    (rows, counts)
}

fn took(calls: usize, call: impl Fn()) -> Took {
    let before = work();
    let times = (0..calls).map(|_| {
        let begun = Instant::now();
        call();
        begun.elapsed().as_secs_f64() * 1e6
    });
    let middle = median(times.collect());
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let calls = calls as f64;
    Took {
        middle,
        work: (work() - before).as_secs_f64() * 1e6 / calls,
    }
}

/// The time that this thread has worked.
fn work() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let nanos = u64::try_from(time.tv_nsec).unwrap_or_default();
    Duration::from_secs(u64::try_from(time.tv_sec).unwrap_or_default()) + Duration::from_nanos(nanos)
}

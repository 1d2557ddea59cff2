//! How long a token is believed to live.

use std::time::Duration;

use advance_core::secret::AccessToken;
use advance_core::session::ExportedToken;
use advance_core::{Config, ErrorKind};
use http::header::DATE;

use crate::support::{Asked, Bench, START, failure, token, token_until, with};

const S: fn(u64) -> Duration = Duration::from_secs;

/// For how many seconds a token is used without a renewal, to the second.
fn lived(bench: &mut Bench) -> u64 {
    for second in 0..=100_000 {
        if matches!(bench.url(), Asked::Token(..)) {
            return second;
        }
        bench.pass(S(1));
    }
    panic!("it lives for ever")
}

fn first_life(reply: crate::support::Reply) -> u64 {
    let mut bench = Bench::new();
    let asking = bench.url().token();
    bench.answer(asking, reply).call();
    lived(&mut bench)
}

#[test]
fn fault_48_the_smaller_of_asked_and_told() {
    // Told a day, asked an hour: renewed within the last minute of the hour.
    assert!((3_540..3_600).contains(&first_life(token("t", 86_400))));
    // Told ten minutes.
    assert!((540..600).contains(&first_life(token("t", 600))));
    // Without Date the wall clock stands in, and if that makes no sense of it, what was asked.
    assert!((540..600).contains(&first_life(with(token("t", 600), DATE, "none"))));
    assert!((3_540..3_600).contains(&first_life(with(
        token_until("t", 1_642_580_192_430),
        DATE,
        "none"
    ))));
    assert!((3_540..3_600).contains(&first_life(with(token_until("t", 0), DATE, "none"))));
    assert!((3_540..3_600).contains(&first_life(token_until("t", u64::MAX))));
}

#[test]
fn a_life_begins_when_it_was_asked_for() {
    let mut bench = Bench::with(Config::new().period(advance_core::wire::Period::MIN));
    let asking = bench.url().token();
    bench.pass(S(14));
    bench.answer(asking, token_until("t", u64::MAX)).call();
    assert!(lived(&mut bench) <= 60 - 14);
}

#[test]
fn fault_48_tokens_dead_on_arrival_end_with_an_error_that_says_so() {
    let dead = || token_until("t", START); // the server's Date is 1,000 s later
    let mut bench = Bench::new();
    let asking = bench.url().token();
    let (_, waiter) = bench.url().news();
    let asking = bench.answer(asking, dead()).token();
    let error = bench.answer(asking, dead()).error();
    assert_eq!((error.kind(), error.sends()), (ErrorKind::DeadToken, 2));
    assert_eq!(bench.wake(waiter).error().kind(), ErrorKind::DeadToken);

    // Once is forgiven.
    let asking = bench.url().token();
    let asking = bench.answer(asking, dead()).token();
    bench.answer(asking, token("t", 3_600)).call();
}

#[test]
fn a_token_that_lives_for_a_moment_is_used_by_the_call_that_brought_it() {
    let mut bench = Bench::new();
    let asking = bench.url().token();
    bench.pass(S(5));
    // Ends a second after the reply's Date, and was asked for five seconds ago.
    let call = bench.answer(asking, token("t", 6)).call();
    bench.answer(call, crate::support::link()).success();
    bench.url().token();
}

#[test]
fn a_dead_renewal_leaves_the_old_token_in_use() {
    let mut bench = Bench::warm();
    bench.pass(S(3_570));
    let renewing = bench.url().token();
    bench.answer(renewing, token_until("dead", START)).call();
    assert_eq!(
        bench.session.export_token(bench.now()).unwrap().token.expose(),
        "warm"
    );
    let call = bench.url().call();
    bench.answer(call, failure("REGION_WRONG")).error();
}

#[test]
fn a_token_dead_on_arrival_is_no_matter_if_there_is_another() {
    let dead = || token_until("t", START);
    let mut bench = Bench::new();
    let asking = bench.url().token();
    let asking = bench.answer(asking, dead()).token();
    let now = bench.now();
    let stored = ExportedToken::new(
        AccessToken::new("elsewhere").unwrap(),
        now.wall.saturating_add(S(3_600)),
    );
    assert!(bench.session.adopt_token(stored, now));
    bench.answer(asking, dead()).call();
}

//! Many calls and no token: who asks, who waits, who hears what.

use std::time::Duration;

use advance_core::session::COOL_DOWN;
use advance_core::transport::{FailureKind, Sent};
use advance_core::wire::CodeClass;
use advance_core::{Charges, Code, ErrorKind};

use crate::support::{Asked, Bench, failure, link, lost, token};

const S: fn(u64) -> Duration = Duration::from_secs;

#[test]
fn fault_63_a_cold_start_asks_once_and_everybody_uses_it() {
    let mut bench = Bench::new();
    let leader = bench.url().token();
    let waiters: Vec<_> = (0..1_000).map(|_| bench.result().news().1).collect();
    bench.answer(leader, token("t1", 3_600)).call();
    for waiter in waiters {
        bench.wake(waiter).call();
    }
}

#[test]
fn fault_63_a_leader_that_is_dropped_hands_over() {
    let mut bench = Bench::new();
    let leader = bench.url().token();
    let (_, waiter) = bench.result().news();
    let seen = bench.session.generation();
    bench.session.abandon(leader.ticket());
    assert_ne!(bench.session.generation(), seen, "waiters have to look again");
    bench.wake(waiter).token();
}

#[test]
fn fault_63_a_leader_that_vanishes_without_a_word_loses_its_lease() {
    let mut bench = Bench::new();
    let leader = bench.url().token();
    let (at_most, waiter) = bench.result().news();
    assert!(at_most <= S(16), "{at_most:?}");
    let second = bench.after(at_most, waiter).token();
    // It comes back after all, with a token: good for everybody.
    bench.answer(leader, token("late", 3_600)).call();
    bench.result().call();
    bench.answer(second, token("second", 3_600)).call();
}

#[test]
fn fault_63_a_leader_past_its_own_deadline_hands_over() {
    let mut bench = Bench::new();
    let hurried = {
        let call = advance_core::GetResult::new(advance_core::SignatureId::new("x").unwrap());
        bench.begin(advance_core::session::Call::new(call).total(S(2)))
    };
    let Asked::Token(limits, hurried) = hurried else {
        panic!()
    };
    assert_eq!(limits.within, S(2), "the total time bounds the attempt in flight");
    let (_, waiter) = bench.url().news();
    bench.pass(S(2));
    let error = bench
        .answer(
            hurried,
            lost(
                FailureKind::Timeout(advance_core::transport::Phase::Exchange),
                Sent::Maybe,
            ),
        )
        .error();
    assert!(matches!(error.kind(), ErrorKind::Transport(_)));
    bench.wake(waiter).token();
}

#[test]
fn fault_63_a_leader_out_of_tries_hands_over_and_its_bad_luck_is_its_own() {
    let mut bench = Bench::retrying(advance_core::RetryPolicy::never());
    let leader = bench.url().token();
    let (_, waiter) = bench.url().news();
    bench
        .answer(leader, lost(FailureKind::Reset, Sent::Maybe))
        .error();
    let second = bench.wake(waiter).token();
    bench.answer(second, token("t", 3_600)).call();
}

#[test]
fn fault_63_a_leader_that_found_the_server_busy_hands_over_a_second_later() {
    let mut bench = Bench::retrying(advance_core::RetryPolicy::never());
    let leader = bench.url().token();
    let (_, waiter) = bench.url().news();
    let error = bench.answer(leader, failure("SERVICE_BUSY")).error();
    assert_eq!(error.code(), Some(&Code::ServiceBusy));
    let (at_most, waiter) = bench.wake(waiter).news();
    assert_eq!(at_most, S(1));
    let second = bench.after(at_most, waiter).token();
    bench.answer(second, token("t", 3_600)).call();
}

/// Without a word of how long, and long after the budget for retries is spent.
#[test]
fn a_thousand_waiters_do_not_storm_a_busy_server() {
    let mut bench = Bench::new();
    let mut asking = vec![bench.url().token()];
    let mut waiting: Vec<_> = (0..1_000).map(|_| bench.url().news()).collect();
    let (mut backoffs, mut requests, mut failed) = (Vec::new(), 0, 0);
    let tick = Duration::from_millis(100);
    for _ in 0..100 {
        for call in std::mem::take(&mut asking) {
            requests += 1;
            match bench.answer(call, failure("SERVICE_BUSY")) {
                Asked::Backoff(wait, pause) => backoffs.push((wait, pause)),
                Asked::Done(Err(_)) => failed += 1,
                other => panic!("{}", other.name()),
            }
        }
        bench.pass(tick);
        for (wait, pause) in std::mem::take(&mut backoffs) {
            match wait.checked_sub(tick).filter(|left| !left.is_zero()) {
                Some(left) => backoffs.push((left, pause)),
                None => asking.push(bench.wake(pause).token()),
            }
        }
        // All look whenever anything happens.
        for (_, pause) in std::mem::take(&mut waiting) {
            match bench.wake(pause) {
                Asked::News(at_most, pause) => waiting.push((at_most, pause)),
                other => asking.push(other.token()),
            }
        }
    }
    assert!(
        requests <= 30 && failed >= 5,
        "{requests} requests in ten seconds, {failed} failed"
    );
}

#[test]
fn fault_63_the_servers_verdict_is_shared_and_not_cached() {
    let mut bench = Bench::new();
    let leader = bench.url().token();
    let (_, waiter) = bench.url().news();
    bench.answer(leader, failure("INSUFFICIENT_BALANCE")).error();
    let shared = bench.wake(waiter).error();
    assert_eq!(shared.code(), Some(&Code::InsufficientBalance));
    assert_eq!(
        (shared.sends(), shared.charges()),
        (0, Charges::NONE),
        "it sent nothing itself"
    );
    bench.url().token();
}

#[test]
fn waiters_of_a_failed_acquisition_do_not_inherit_an_older_verdict() {
    let mut bench = Bench::new();
    let first = bench.url().token();
    bench.answer(first, failure("OVER_QUERY_LIMIT")).error();
    bench.pass(COOL_DOWN);
    let second = bench.url().token();
    let (_, waiter) = bench.url().news();
    bench.session.abandon(second.ticket());
    bench.wake(waiter).token();
}

#[test]
fn a_leader_that_fails_uses_a_token_that_arrived_in_the_meantime() {
    let mut bench = Bench::new();
    let exported = Bench::warm().session.export_token(bench.now()).unwrap();
    let asking = bench.url().token();
    let now = bench.now();
    assert!(bench.session.adopt_token(exported, now));
    let call = bench.answer(asking, failure("ACCOUNT_DISABLED")).call();
    bench.answer(call, link()).success();
}

#[test]
fn a_wrong_path_is_not_blamed_on_the_keys() {
    let mut bench = Bench::new();
    let asking = bench.url().token();
    let error = bench.answer(asking, failure("CLIENT_ERROR")).error();
    assert_eq!(error.kind(), ErrorKind::Api(CodeClass::Request));
    bench.url().token();
}

#[test]
fn a_leader_that_backs_off_keeps_its_lead() {
    let mut bench = Bench::retrying(
        advance_core::RetryPolicy::new()
            .backoff(S(40), S(40))
            .total(S(300)),
    );
    let leader = bench.url().token();
    let (wait, pause) = bench.answer(leader, failure("SERVICE_BUSY")).backoff();
    bench.pass(S(18)); // past the lease of its first attempt
    bench.url().news();
    bench.pass(wait.saturating_sub(S(18)));
    bench.wake(pause).token();
}

#[test]
fn a_late_leader_does_not_take_the_lead_from_the_next() {
    let mut bench = Bench::new();
    let late = bench.url().token();
    bench.pass(S(17));
    let _next = bench.url().token();
    // Its token lives for a second, and somebody asks for another one already.
    bench.answer(late, token("late", 18)).call();
    bench.pass(S(2)).url().news();
}

#[test]
fn a_leader_in_a_backoff_uses_a_token_that_arrived_in_the_meantime() {
    let mut bench = Bench::new();
    let exported = Bench::warm().session.export_token(bench.now()).unwrap();
    let asking = bench.url().token();
    let (wait, pause) = bench.answer(asking, failure("SERVICE_BUSY")).backoff();
    let now = bench.now();
    assert!(bench.session.adopt_token(exported, now));
    let call = bench.after(wait, pause).call();
    // It leads no more: the next token is anybody's to ask for.
    let again = bench.answer(call, failure("IAM_FAILED")).call();
    bench.answer(again, failure("IAM_FAILED")).token();
}

#[test]
fn a_waiter_that_is_given_up_has_cost_nothing() {
    let mut bench = Bench::new();
    let leader = bench.url().token();
    let (_, waiter) = bench.url().news();
    bench.session.abandon(waiter.ticket());
    assert_eq!(bench.session.charges(), Charges::NONE);
    bench.session.abandon(leader.ticket().unsent());
    assert_eq!(
        bench.session.charges(),
        Charges::NONE,
        "its request never went out"
    );
    bench.url().token();
}

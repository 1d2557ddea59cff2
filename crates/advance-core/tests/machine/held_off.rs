//! `Retry-After` to a token request: what it means for the calls that were not told.

use std::time::Duration;

use advance_core::session::{Call, Event, HOLD_OFF, WaitReason};
use advance_core::wire::CodeClass;
use advance_core::{ErrorKind, GetResult, RetryPolicy, SignatureId};
use http::header::RETRY_AFTER;

use crate::support::{Asked, Bench, failure, link, page, token, with};

const S: fn(u64) -> Duration = Duration::from_secs;

fn patient() -> Bench {
    Bench::retrying(RetryPolicy::new().total(S(300)))
}

fn hurried(bench: &mut Bench, total: Duration) -> Asked<GetResult> {
    let call = GetResult::new(SignatureId::new("x").unwrap());
    bench.begin(Call::new(call).total(total))
}

#[test]
fn a_thousand_waiters_do_not_ask_one_after_the_other() {
    let mut bench = Bench::new();
    let leader = bench.url().token();
    let waiters: Vec<_> = (0..1_000).map(|_| bench.result().news().1).collect();
    let busy = with(page(503), RETRY_AFTER, "50");
    let told = bench.answer(leader, busy).error();
    for waiter in waiters {
        let error = bench.wake(waiter).error();
        assert_eq!(error, told);
        assert_eq!((error.sends(), error.retry_after()), (0, Some(S(50))));
    }
}

#[test]
fn who_has_the_time_waits_and_one_of_them_asks() {
    let mut bench = patient();
    let Asked::Token(_, leader) = hurried(&mut bench, S(10)) else {
        panic!("it is the first")
    };
    let (_, first) = bench.url().news();
    let (_, second) = bench.url().news();
    bench
        .answer(leader, with(failure("RETRY_LATER"), RETRY_AFTER, "20s"))
        .error();
    let (at_most, first) = bench.wake(first).news();
    assert_eq!(at_most, S(20), "not a moment before, and no longer");
    let (_, second) = bench.wake(second).news();
    // Who comes later is bound as well, and who has too little time hears so at once, and how long it still is.
    bench.pass(S(12));
    assert_eq!(bench.url().news().0, S(8));
    assert_eq!(hurried(&mut bench, S(8)).error().retry_after(), Some(S(8)));
    bench.pass(S(8));
    let asking = bench.wake(first).token();
    let (_, second) = bench.wake(second).news();
    bench.answer(asking, token("t1", 3_600)).call();
    bench.wake(second).call();
}

#[test]
fn a_token_that_arrives_meanwhile_is_used() {
    let mut bench = patient();
    let Asked::Token(_, leader) = hurried(&mut bench, S(5)) else {
        panic!("it is the first")
    };
    let (_, waiter) = bench.url().news();
    bench
        .answer(leader, with(failure("SERVICE_BUSY"), RETRY_AFTER, "30"))
        .error();
    let (_, waiter) = bench.wake(waiter).news();
    let seen = bench.session.generation();
    let stored = {
        let other = Bench::warm();
        let now = other.now();
        other.session.export_token(now).unwrap()
    };
    let now = bench.now();
    assert!(bench.session.adopt_token(stored, now));
    assert_ne!(bench.session.generation(), seen, "waiters have to look again");
    let calling = bench.wake(waiter).call();
    bench.answer(calling, link()).success();
}

#[test]
fn a_server_that_says_a_day_is_asked_again_after_a_minute() {
    let mut bench = patient();
    let leader = bench.url().token();
    let (_, waiter) = bench.url().news();
    bench
        .answer(leader, with(page(429), RETRY_AFTER, "86400"))
        .error();
    assert_eq!(bench.wake(waiter).news().0, HOLD_OFF);
    bench.pass(HOLD_OFF).url().token();
}

#[test]
fn a_shorter_word_does_not_shorten_a_longer_one() {
    let mut bench = patient();
    // The first loses its lease before its reply comes, so that two are on their way.
    let first = bench.url().token();
    let (at_most, next) = bench.url().news();
    let second = bench.after(at_most, next).token();
    bench.answer(first, with(page(503), RETRY_AFTER, "40")).backoff();
    bench
        .answer(second, with(page(503), RETRY_AFTER, "86400"))
        .error();
    bench.pass(S(40));
    assert_eq!(bench.url().news().0, S(20));
}

#[test]
fn a_verdict_with_a_time_holds_for_that_time() {
    let mut bench = Bench::new();
    let leader = bench.url().token();
    let refused = with(failure("OVER_QUERY_LIMIT"), RETRY_AFTER, "40");
    let told = bench.answer(leader, refused).error();
    bench.pass(S(39));
    let later = hurried(&mut bench, S(1)).error();
    assert_eq!((later.code(), later.retry_after()), (told.code(), Some(S(1))));
    bench.pass(S(1)).url().token();
}

/// The next try of a renewal would be due half-way to the token's end, and a cold start at its end.
#[test]
fn neither_a_renewal_nor_the_end_of_the_token_comes_before_it() {
    let mut bench = patient();
    bench = bench.warmed();
    bench.pass(S(3_580));
    let renewing = bench.url().token();
    bench.answer(renewing, with(page(503), RETRY_AFTER, "50")).call();
    bench.pass(S(19)).url().call();
    bench.pass(S(1));
    bench.session.record_events(true);
    assert_eq!(bench.url().news().0, S(30));
    let why = bench.session.take_events();
    assert!(
        matches!(
            why[..],
            [
                Event::CallBegun { .. },
                Event::Waiting {
                    why: WaitReason::HeldOff,
                    ..
                }
            ]
        ),
        "{why:?}"
    );
    assert_eq!(
        hurried(&mut bench, S(30)).error().kind(),
        ErrorKind::Protocol(advance_core::error::ProtocolFault::Status(503))
    );
    bench.pass(S(30)).url().token();
}

/// It leads, and the reply to an earlier leader, which came late, binds it all the same.
#[test]
fn a_leader_that_is_held_off_lets_go_of_its_lead() {
    let mut bench = patient();
    let late = bench.url().token();
    let (at_most, next) = bench.url().news();
    let leader = bench.after(at_most, next).token();
    let (wait, leader) = bench.answer(leader, failure("SERVICE_BUSY")).backoff();
    bench.answer(late, with(page(503), RETRY_AFTER, "50")).backoff();
    bench.pass(wait);
    let (at_most, leader) = bench.wake(leader).news();
    assert_eq!(at_most, S(50).checked_sub(wait).unwrap());
    bench.pass(at_most);
    bench.url().token();
    bench.wake(leader).news();
}

/// It sleeps as long as it was told. That was its own to take: no other call has to.
#[test]
fn a_patient_leader_that_was_told_does_not_keep_the_others_from_asking() {
    let mut bench = Bench::retrying(RetryPolicy::new().total(S(86_400)));
    let leader = bench.url().token();
    let (_, waiter) = bench.url().news();
    let (wait, _sleeping) = bench
        .answer(leader, with(page(503), RETRY_AFTER, "36000"))
        .backoff();
    assert!(wait >= S(36_000));
    let (at_most, waiter) = bench.wake(waiter).news();
    assert_eq!(at_most, HOLD_OFF);
    // Who has less time hears so at once, and does not wait in vain.
    let error = hurried(&mut bench, S(45)).error();
    assert_eq!((error.sends(), error.retry_after()), (0, Some(HOLD_OFF)));
    bench.after(at_most, waiter).token();
}

#[test]
fn a_leader_that_was_told_nothing_to_wait_for_keeps_its_lead() {
    let mut bench = Bench::new();
    let leader = bench.url().token();
    let (_, waiter) = bench.url().news();
    bench.answer(leader, with(page(503), RETRY_AFTER, "0")).backoff();
    bench.wake(waiter).news();
}

/// Who was not told themselves hears the same, hint and all.
#[test]
fn a_refusal_that_asks_for_a_while_is_the_same_for_whoever_is_held_off_by_it() {
    for code in ["IAM_FAILED", "PARAMETER_ERROR"] {
        let mut bench = Bench::new();
        let asking = bench.url().token();
        let told = with(failure(code), RETRY_AFTER, "30");
        let first = bench.answer(asking, told).error();
        assert_eq!(first.kind(), ErrorKind::Api(CodeClass::Credentials), "{code}");
        bench.pass(S(6));
        let get = Call::new(GetResult::new(SignatureId::new("x").unwrap())).total(S(10));
        let later = bench.begin(get).error();
        assert_eq!(
            (later.kind(), later.hint()),
            (first.kind(), first.hint()),
            "{code}"
        );
        assert_eq!(later.retry_after(), Some(S(24)));
        // What came was an answer to another call.
        assert!(!first.raw().is_empty() && later.raw().is_empty());
    }
}

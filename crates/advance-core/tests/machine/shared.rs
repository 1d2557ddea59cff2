//! Many calls and one token: who asks, who waits, who hears what.

use std::time::Duration;

use advance_core::wire::{Code, CodeClass};
use advance_core::{AccessToken, COOL_DOWN, Charges, ErrorKind, ExportedToken, FailureKind, Sent};

use crate::support::{Asked, Bench, failure, link, lost, result, token, with};

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
        bench.begin(advance_core::Call::new(call).total(S(2)))
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
            lost(FailureKind::Timeout(advance_core::Phase::Exchange), Sent::Maybe),
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
    let error = bench.answer(leader, failure("SERVICE_BUSY")).error();
    assert_eq!(error.code(), Some(&Code::ServiceBusy));
    let second = bench.wake(waiter).token();
    bench.answer(second, token("t", 3_600)).call();
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
fn fault_65_a_refused_signature_or_account_cools_down() {
    for code in ["PARAMETER_ERROR", "ACCOUNT_DISABLED", "IAM_FAILED"] {
        let mut bench = Bench::new();
        let leader = bench.url().token();
        let (_, waiter) = bench.url().news();
        let first = bench.answer(leader, failure(code)).error();
        assert_eq!(bench.wake(waiter).error(), first);
        bench.pass(COOL_DOWN.checked_sub(Duration::from_millis(1)).unwrap());
        let cooled = bench.url().error();
        assert_eq!(cooled, first, "{code}");
        assert_eq!(cooled.sends(), 0);
        bench.pass(Duration::from_millis(1));
        bench.url().token();
    }
}

#[test]
fn fault_64_a_rejected_token_is_replaced_once() {
    let mut bench = Bench::warm();
    let call = bench.url().call();
    let asking = bench.answer(call, failure("IAM_FAILED")).token();
    let call = bench.answer(asking, token("second", 3_600)).call();
    let error = bench.answer(call, failure("IAM_FAILED")).error();
    assert_eq!(error.kind(), ErrorKind::Api(CodeClass::Auth));
    assert_eq!(error.sends(), 3);
}

#[test]
fn fault_64_a_replacement_rejected_soon_cools_down_and_later_does_not() {
    for (age, cools) in [(S(59), true), (S(60), false)] {
        let mut bench = Bench::warm();
        let call = bench.url().call();
        let asking = bench.answer(call, failure("IAM_FAILED")).token();
        let first = bench.answer(asking, token("second", 3_600)).call();
        bench.answer(first, link()).success();
        bench.pass(age);
        let other = bench.url().call();
        match (bench.answer(other, failure("IAM_FAILED")), cools) {
            (Asked::Done(Err(_)), true) => {
                bench.result().error();
                bench.pass(COOL_DOWN).result().token();
            }
            (Asked::Token(..), false) => {}
            (other, _) => panic!("{age:?}: {}", other.name()),
        }
    }
}

#[test]
fn fault_64_a_hundred_rejections_of_one_token_replace_it_once() {
    let mut bench = Bench::warm();
    let calls: Vec<_> = (0..100).map(|_| bench.url().call()).collect();
    let mut asking = None;
    let mut waiting = Vec::new();
    for call in calls {
        match bench.answer(call, failure("IAM_FAILED")) {
            Asked::Token(_, leader) => assert!(asking.replace(leader).is_none(), "only one asks"),
            Asked::News(_, waiter) => waiting.push(waiter),
            other => panic!("{}", other.name()),
        }
    }
    bench.answer(asking.unwrap(), token("second", 3_600)).call();
    assert_eq!(waiting.len(), 99);
    for waiter in waiting {
        bench.wake(waiter).call();
    }
}

#[test]
fn a_late_rejection_of_an_old_token_does_not_evict_the_new_one() {
    let mut bench = Bench::warm();
    let (early, late) = (bench.url().call(), bench.url().call());
    let asking = bench.answer(early, failure("IAM_FAILED")).token();
    bench.answer(asking, token("second", 3_600)).call();
    // The second call was sent with the first token; its rejection says nothing about the second token.
    bench.answer(late, failure("IAM_FAILED")).call();
    bench.url().call();
}

#[test]
fn one_call_renews_within_the_window_and_the_others_go_on() {
    let mut bench = Bench::warm();
    bench.pass(S(3_539));
    bench.url().call();
    bench.pass(S(31)); // past the jitter
    let renewing = bench.url().token();
    bench.url().call();
    bench.result().call();
    let call = bench.answer(renewing, token("second", 7_200)).call();
    bench.answer(call, link()).success();
    bench.url().call();
    bench.pass(S(60)); // past the end of the first token
    bench.url().call();
}

#[test]
fn a_failed_renewal_is_not_a_failed_call() {
    for refusal in ["ERROR", "ACCOUNT_DISABLED", "PARAMETER_ERROR", "NEW_CODE"] {
        let mut bench = Bench::warm();
        bench.pass(S(3_570));
        let renewing = bench.url().token();
        let call = bench.answer(renewing, failure(refusal)).call();
        bench.answer(call, link()).success();
        bench.url().call();
    }
}

#[test]
fn a_renewal_is_tried_twice_and_then_left_until_the_end() {
    let mut bench = Bench::warm();
    bench.pass(S(3_570));
    let mut asked = 0;
    for _ in 0..29 {
        match bench.result() {
            Asked::Token(_, renewing) => {
                asked += 1;
                bench
                    .answer(renewing, lost(FailureKind::Connect, Sent::No))
                    .call();
            }
            Asked::Call(..) => {}
            other => panic!("{}", other.name()),
        }
        bench.pass(S(1));
    }
    assert_eq!(asked, 2);
    bench.pass(S(1)).result().token();
}

#[test]
fn a_renewal_leaves_the_call_time_to_go_on() {
    let mut bench = Bench::retrying(advance_core::RetryPolicy::new().total(S(10))).warmed();
    bench.pass(S(3_570));
    let Asked::Token(limits, renewing) = bench.url() else {
        panic!()
    };
    assert_eq!(limits.within, S(5));
    bench.pass(S(5));
    let silence = lost(FailureKind::Timeout(advance_core::Phase::Exchange), Sent::Maybe);
    let Asked::Call(limits, call) = bench.answer(renewing, silence) else {
        panic!()
    };
    assert_eq!(limits.within, S(5));
    bench.answer(call, link()).success();
}

#[test]
fn tokens_leave_and_enter_a_session() {
    let bench = Bench::warm();
    let exported = bench.session.export_token(bench.now()).unwrap();
    assert_eq!(exported.token.expose(), "warm");

    let mut other = Bench::new();
    other.pass(S(10));
    let now = other.now();
    assert!(other.session.adopt_token(exported.clone(), now));
    assert!(
        !other.session.adopt_token(exported.clone(), now),
        "it is in use already"
    );
    other.url().call();

    let mut late = Bench::new();
    late.pass(S(4_000));
    let now = late.now();
    assert!(!late.session.adopt_token(exported, now), "it is past");
    late.url().token();
}

#[test]
fn an_adopted_token_is_not_believed_for_more_than_a_day() {
    let mut bench = Bench::new();
    let now = bench.now();
    let token = advance_core::AccessToken::new("t").unwrap();
    let forever = advance_core::ExportedToken::new(token, advance_core::UnixMillis::new(u64::MAX));
    assert!(bench.session.adopt_token(forever, now));
    bench.pass(S(86_401)).url().token();
}

#[test]
fn a_token_can_be_asked_for_by_itself() {
    let mut bench = Bench::new();
    let now = bench.now();
    let advance_core::Step::Send(_, _, asking) = bench.session.begin_token(now) else {
        panic!()
    };
    let response = bench.answer(asking, token("mine", 3_600)).success();
    assert_eq!(response.data().token.expose(), "mine");
    assert!(!response.raw().is_empty() && response.transaction_id().is_some());

    let advance_core::Step::Done(Ok(held)) = bench.session.begin_token(bench.now()) else {
        panic!()
    };
    assert_eq!(held.data().token.expose(), "mine");
    assert_eq!((held.sends(), held.raw().len()), (0, 0));
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
fn an_abandoned_request_counts_as_of_unknown_cost() {
    let mut bench = Bench::warm();
    let before = bench.session.charges();
    let call = bench.result().call();
    bench.session.abandon(call.ticket());
    assert_eq!(bench.session.charges().unknown, before.unknown + 1);
    let call = bench.result().call();
    bench.answer(call, result("\"PAY\"")).success();
    assert_eq!(bench.session.charges().pay, before.pay + 1);
}

#[test]
fn a_renewal_that_fails_after_the_end_of_the_old_token_is_tried_again_like_any_other() {
    let mut bench = Bench::warm();
    bench.pass(S(3_590));
    let renewing = bench.url().token();
    bench.pass(S(10));
    let (wait, pause) = bench
        .answer(renewing, lost(FailureKind::Reset, Sent::Maybe))
        .backoff();
    bench.after(wait, pause).token();
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

fn in_use(bench: &Bench) -> String {
    let held = bench.session.export_token(bench.now()).unwrap();
    held.token.expose().to_owned()
}

#[test]
fn a_leader_that_waits_as_told_keeps_its_lead() {
    let mut bench = Bench::new();
    let leader = bench.url().token();
    let told = with(failure("SERVICE_BUSY"), http::header::RETRY_AFTER, "20");
    let (wait, pause) = bench.answer(leader, told).backoff();
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
    let call = bench.answer(late, token("late", 3_600)).call();
    // Its token is no good, and somebody asks for another one already.
    bench.answer(call, failure("IAM_FAILED")).news();
}

#[test]
fn the_token_that_lives_longer_stays_in_use() {
    for (second, kept) in [(1_200, "first"), (2_400, "second"), (1_817, "second")] {
        let mut bench = Bench::new();
        let late = bench.url().token();
        bench.pass(S(17));
        let next = bench.url().token();
        bench.answer(next, token("first", 1_800)).call();
        // Its life counts from when it was asked for, 17 s earlier.
        bench.answer(late, token("second", second)).call();
        assert_eq!(in_use(&bench), kept, "{second}");
    }
}

#[test]
fn a_token_is_adopted_only_if_it_is_another_and_lives_longer() {
    for (name, seconds, taken) in [
        ("other", 7_200, true),
        ("other", 1_800, false),
        ("warm", 7_200, false),
    ] {
        let mut bench = Bench::warm();
        let now = bench.now();
        let stored = ExportedToken::new(
            AccessToken::new(name).unwrap(),
            now.wall.saturating_add(S(seconds)),
        );
        assert_eq!(bench.session.adopt_token(stored, now), taken, "{name} {seconds}");
        assert_eq!(in_use(&bench), if taken { name } else { "warm" });
    }
}

//! What a refused token means is judged by what other requests were answered.

use std::time::Duration;

use advance_core::session::{Awaiting, COOL_DOWN, Call, Purpose};
use advance_core::transport::{FailureKind, Phase, Sent};
use advance_core::wire::CodeClass;
use advance_core::{Endpoint, ErrorKind, GetResult, RetryPolicy};

use crate::support::{
    Asked, Bench, Reply, START, envelope, failure, link, lost, page, result, token, token_until, with,
};

const S: fn(u64) -> Duration = Duration::from_secs;

fn refused() -> Reply {
    failure("IAM_FAILED")
}

/// Refused, sent again at once, and refused again.
fn twice_refused<E: Endpoint>(bench: &mut Bench, call: Awaiting<E>) -> Asked<E> {
    let again = bench.answer(call, refused()).call();
    bench.answer(again, refused())
}

/// Another call is served with the token in use.
fn served(bench: &mut Bench) {
    let call = bench.url().call();
    bench.answer(call, link()).success();
}

#[test]
fn fault_80_a_call_that_is_denied_beside_others_sends_twice() {
    let mut bench = Bench::warm();
    let denied = bench.result().call();
    let again = bench.answer(denied, refused()).call();
    served(&mut bench);
    let error = bench.answer(again, refused()).error();
    assert_eq!(
        (error.kind(), error.sends()),
        (ErrorKind::Api(CodeClass::Auth), 2)
    );
    served(&mut bench);
}

/// `SIGNATURE_NOT_EXIST` is an answer that needed the token as well. `INSUFFICIENT_BALANCE` may come before it is looked
/// at.
#[test]
fn fault_80_only_an_answer_that_needed_the_token_is_evidence() {
    for (code, proves) in [("SIGNATURE_NOT_EXIST", true), ("INSUFFICIENT_BALANCE", false)] {
        let mut bench = Bench::warm();
        let denied = bench.url().call();
        let again = bench.answer(denied, refused()).call();
        let other = bench.result().call();
        bench.answer(other, failure(code)).error();
        let asked = bench.answer(again, refused());
        assert_eq!(matches!(asked, Asked::Done(Err(_))), proves, "{code}");
    }
}

/// What was sent before the first refusal was heard says nothing: the token may have been revoked in between.
#[test]
fn fault_83_an_answer_to_an_earlier_request_does_not_hide_a_revocation() {
    let mut bench = Bench::warm();
    let earlier = bench.url().call();
    let call = bench.result().call();
    let again = bench.answer(call, refused()).call();
    bench.answer(earlier, link()).success();
    bench.answer(again, refused()).token();
}

#[test]
fn fault_80_a_replacement_that_cures_nothing_uses_up_a_minute_of_what_was_never_allowed() {
    let mut bench = Bench::warm();
    let denied = bench.result().call();
    let asking = twice_refused(&mut bench, denied).token();
    let call = bench.answer(asking, token("second", 3_600)).call();
    served(&mut bench);
    let call = bench.answer(call, refused()).call();
    let call = bench.answer(call, refused()).call();
    bench.answer(call, refused()).error();
    // No other call is served meanwhile, and still there is no other token for a minute.
    bench.pass(S(20));
    let denied = bench.result().call();
    twice_refused(&mut bench, denied).error();
    // A path that has worked with this very token is another matter.
    let revoked = bench.url().call();
    twice_refused(&mut bench, revoked).token();
}

#[test]
fn fault_83_a_replacement_that_cures_gives_the_minute_back() {
    let mut bench = Bench::warm();
    for name in ["second", "third"] {
        let revoked = bench.url().call();
        let asking = twice_refused(&mut bench, revoked).token();
        let call = bench.answer(asking, token(name, 3_600)).call();
        bench.answer(call, link()).success();
        bench.pass(S(5));
    }
}

/// Found by exploration: what others are answered counts while a call waits for its turn to ask, too.
#[test]
fn fault_80_a_call_that_waits_to_replace_a_token_hears_that_it_is_good() {
    let mut bench = Bench::warm();
    let first = bench.url().call();
    let asking = twice_refused(&mut bench, first).token();
    let first = bench.answer(asking, token("second", 3_600)).call();
    bench.answer(first, link()).success();
    // The last replacement is too short a while ago.
    let denied = bench.result().call();
    let (wait, pause) = twice_refused(&mut bench, denied).backoff();
    assert!(wait > S(4) && wait <= S(5), "{wait:?}");
    served(&mut bench);
    let again = bench.after(wait, pause).call();
    let error = bench.answer(again, refused()).error();
    assert_eq!(
        (error.kind(), error.sends()),
        (ErrorKind::Api(CodeClass::Auth), 3)
    );
}

/// The same where the vendor asks for a while.
#[test]
fn fault_80_a_call_that_was_told_to_come_later_hears_that_its_token_is_good() {
    let mut bench = Bench::warm();
    let denied = bench.result().call();
    let again = bench.answer(denied, refused()).call();
    let told = with(refused(), http::header::RETRY_AFTER, "3");
    let (wait, pause) = bench.answer(again, told).backoff();
    served(&mut bench);
    let again = bench.after(wait, pause).call();
    bench.answer(again, result("\"FREE\"")).success();
}

/// If its renewal is due by then, what comes of that is not the call's own.
#[test]
fn a_call_that_hears_that_its_token_is_good_survives_a_renewal_that_fails() {
    let mut renewals = 0;
    for before in (3_530..3_570).step_by(4) {
        for fails in [|| failure("ACCOUNT_DISABLED"), || page(503)] {
            let mut bench = Bench::warm();
            bench.pass(S(before));
            let Asked::Call(_, denied) = bench.result() else {
                continue;
            };
            let again = bench.answer(denied, refused()).call();
            let told = with(refused(), http::header::RETRY_AFTER, "9");
            let (wait, pause) = bench.answer(again, told).backoff();
            served(&mut bench);
            if let Asked::Token(_, renewing) = bench.after(wait, pause) {
                renewals += 1;
                let again = bench.answer(renewing, fails()).call();
                bench.answer(again, result("\"FREE\"")).success();
            }
        }
    }
    assert!(renewals > 0);
}

/// What was refused before the token was first accepted is no evidence, not even if the first acceptance comes later.
#[test]
fn fault_81_a_call_that_was_told_to_come_later_hears_that_its_token_was_young() {
    let mut bench = Bench::new();
    let asking = bench.url().token();
    let slow = bench.answer(asking, token("first", 3_600)).call();
    bench.pass(S(13));
    let early = bench.result().call();
    let again = bench.answer(early, refused()).call();
    let told = with(refused(), http::header::RETRY_AFTER, "3");
    let (wait, pause) = bench.answer(again, told).backoff();
    bench.answer(slow, link()).success();
    let again = bench.after(wait, pause).call();
    bench.answer(again, result("\"FREE\"")).success();
}

#[test]
fn fault_83_two_replacements_are_five_seconds_apart_and_who_has_the_time_waits() {
    let mut bench = Bench::warm();
    let revoked = bench.url().call();
    let asking = twice_refused(&mut bench, revoked).token();
    let call = bench.answer(asking, token("second", 3_600)).call();
    bench.answer(call, link()).success();
    bench.pass(S(2));
    let revoked = bench.url().call();
    let (wait, pause) = twice_refused(&mut bench, revoked).backoff();
    assert_eq!(wait, S(3));
    bench.after(wait, pause).token();
}

#[test]
fn fault_81_a_young_token_is_waited_for() {
    let mut bench = Bench::new();
    let asking = bench.url().token();
    let mut next = bench.answer(asking, token("first", 3_600));
    let mut sends = 0;
    let began = bench.mono;
    loop {
        next = match next {
            Asked::Call(_, call) if bench.mono - began < S(10) => {
                sends += 1;
                bench.answer(call, refused())
            }
            Asked::Call(_, call) => {
                bench.answer(call, link()).success();
                break;
            }
            Asked::Backoff(wait, pause) => {
                assert!(wait >= Duration::from_millis(150) && wait <= S(2), "{wait:?}");
                bench.after(wait, pause)
            }
            other => panic!("{}", other.name()),
        };
    }
    assert!((4..=10).contains(&sends), "{sends} in ten seconds");
    assert!(bench.mono - began <= S(12));
}

/// The one before it serves, at once.
#[test]
fn fault_81_from_the_second_token_on_no_call_waits() {
    let mut bench = Bench::warm();
    bench.pass(S(3_570));
    let renewing = bench.url().token();
    let call = bench.answer(renewing, token("second", 7_200)).call();
    let call = bench.answer(call, refused()).call();
    bench.answer(call, link()).success();
    for _ in 0..10 {
        let call = bench.url().call();
        let call = bench.answer(call, refused()).call();
        bench.answer(call, link()).success();
        bench.pass(S(1));
    }
}

/// It was sent before anybody heard that the token is known by now.
#[test]
fn fault_81_a_refusal_from_before_the_first_acceptance_is_no_evidence() {
    let mut bench = Bench::new();
    let asking = bench.url().token();
    let first = bench.answer(asking, token("first", 3_600)).call();
    let stale: Vec<_> = (0..10).map(|_| bench.result().call()).collect();
    bench.answer(first, link()).success();
    for call in stale {
        let call = bench.answer(call, refused()).call();
        let call = bench.answer(call, refused()).call();
        bench.answer(call, result("\"PAY\"")).success();
    }
}

/// Two of the vendor's nodes differ: once a call was served that had been refused with the same token, refusals are worth
/// less.
#[test]
fn fault_82_where_nodes_differ_a_call_gets_more_chances() {
    let mut bench = Bench::warm();
    let unlucky = bench.url().call();
    let again = bench.answer(unlucky, refused()).call();
    bench.answer(again, link()).success();
    let unlucky = bench.url().call();
    let (wait, pause) = twice_refused(&mut bench, unlucky).backoff();
    assert!(wait <= Duration::from_millis(200), "{wait:?}");
    let call = bench.after(wait, pause).call();
    bench.answer(call, link()).success();
}

/// Denied calls have used up the minute of the path. Then the token is revoked, and nothing is accepted any more.
#[test]
fn fault_80_a_token_that_falls_silent_is_replaced_whatever_was_used_up() {
    let mut bench = Bench::warm();
    let denied = bench.url().call();
    let asking = twice_refused(&mut bench, denied).token();
    let mut call = bench.answer(asking, token("second", 3_600)).call();
    served(&mut bench);
    for _ in 0..2 {
        call = bench.answer(call, refused()).call();
    }
    bench.answer(call, refused()).error();
    for _ in 0..40 {
        served(&mut bench);
        bench.pass(Duration::from_millis(250));
    }
    // Within what chance explains it is the call's own.
    let denied = bench.url().call();
    twice_refused(&mut bench, denied).error();
    bench.pass(S(6));
    let revoked = bench.url().call();
    twice_refused(&mut bench, revoked).token();
}

#[test]
fn fault_83_if_no_token_comes_the_old_one_stays() {
    for (reply, own) in [(failure("ACCOUNT_DISABLED"), false), (page(503), true)] {
        let mut bench = Bench::warm();
        let call = bench.url().call();
        let again = bench.answer(call, refused()).call();
        let also = bench.url().call();
        let also = bench.answer(also, refused()).call();
        let asking = bench.answer(again, refused()).token();
        let (_, waiting) = bench.answer(also, refused()).news();
        let error = bench.answer(asking, reply).error();
        let class = if own { CodeClass::Auth } else { CodeClass::Account };
        assert_eq!(error.kind(), ErrorKind::Api(class));
        // Who waited hears the same, or keeps its own, and does not ask again.
        assert_eq!(bench.wake(waiting).error().kind(), ErrorKind::Api(class));
        bench.result().call();
    }
}

/// "Only generate-token's own refusals cool down": while they do, a call that is refused keeps its own error.
#[test]
fn fault_83_an_account_that_is_disabled_is_asked_for_every_five_seconds_at_most() {
    let mut bench = Bench::warm();
    let (mut tokens, mut calls) = (0, 0);
    for _ in 0..600 {
        calls += 1;
        let mut next = bench.url();
        loop {
            next = match next {
                Asked::Call(_, call) => bench.answer(call, refused()),
                Asked::Token(_, asking) => {
                    tokens += 1;
                    bench.answer(asking, failure("ACCOUNT_DISABLED"))
                }
                Asked::Done(result) => break drop(result.unwrap_err()),
                other => panic!("{}", other.name()),
            };
        }
        bench.pass(Duration::from_millis(100));
    }
    assert!(
        (10..=12).contains(&tokens),
        "{tokens} token requests in a minute, {calls} calls"
    );
    bench.pass(COOL_DOWN);
    served(&mut bench);
}

/// It must not be sent again, at an unknown price. Still the session comes to another token.
#[test]
fn fault_83_refusals_that_must_not_be_repeated_are_evidence_together() {
    let refused = || envelope("IAM_FAILED", "null", "\"DISCOUNT\"");
    let mut bench = Bench::retrying(RetryPolicy::new()).warmed();
    for _ in 0..2 {
        let call = bench.result().call();
        assert_eq!(bench.answer(call, refused()).error().sends(), 1);
    }
    let asking = bench.result().token();
    let call = bench.answer(asking, token("second", 3_500)).call();
    bench.answer(call, result("\"PAY\"")).success();
    let call = bench.result().call();
    bench.answer(call, result("\"PAY\"")).success();
}

#[test]
fn fault_84_a_401_without_an_envelope_is_judged_as_a_refused_token() {
    let mut bench = Bench::warm();
    let call = bench.url().call();
    let again = bench.answer(call, page(401)).call();
    let asking = bench.answer(again, page(401)).token();
    let call = bench.answer(asking, token("second", 3_600)).call();
    bench.answer(call, link()).success();
}

#[test]
fn fault_84_a_401_or_403_with_an_envelope_says_what_its_code_says() {
    for status in [401, 403] {
        let reply = |code| {
            failure(code).map(|mut reply| {
                *reply.status_mut() = http::StatusCode::from_u16(status).unwrap();
                reply
            })
        };
        let mut bench = Bench::warm();
        let call = bench.url().call();
        let again = bench.answer(call, reply("IAM_FAILED")).call();
        bench.answer(again, reply("IAM_FAILED")).token();
        let mut bench = Bench::warm();
        let call = bench.url().call();
        let error = bench.answer(call, reply("ACCESS_DENIED")).error();
        assert_eq!(error.kind(), ErrorKind::Api(CodeClass::Account));
    }
}

#[test]
fn fault_85_a_dead_endpoint_takes_no_retry_from_another() {
    let mut bench = Bench::retrying(RetryPolicy::new().budget(3)).warmed();
    for _ in 0..10 {
        let mut next = bench.result();
        loop {
            next = match next {
                Asked::Call(_, call) => bench.answer(call, failure("ERROR")),
                Asked::Backoff(wait, pause) => bench.after(wait, pause),
                Asked::Done(result) => break drop(result.unwrap_err()),
                other => panic!("{}", other.name()),
            };
        }
    }
    let call = bench.url().call();
    let (wait, pause) = bench.answer(call, failure("ERROR")).backoff();
    let call = bench.after(wait, pause).call();
    bench.answer(call, link()).success();
}

#[test]
fn fault_85_a_retry_that_succeeds_gives_its_cost_back() {
    let mut bench = Bench::retrying(RetryPolicy::new().budget(1)).warmed();
    for _ in 0..20 {
        let call = bench.url().call();
        let (wait, pause) = bench.answer(call, failure("ERROR")).backoff();
        let call = bench.after(wait, pause).call();
        bench.answer(call, link()).success();
    }
}

#[test]
fn fault_86_an_error_that_several_calls_hear_has_nothing_of_one() {
    let replies = [
        (failure("ACCOUNT_DISABLED"), "ACCOUNT_DISABLED"),
        (failure("PARAMETER_ERROR"), "PARAMETER_ERROR"),
        (
            envelope("NEW_CODE", "{\"token\":\"words of one\"}", "\"FREE\""),
            "NEW_CODE",
        ),
        (page(403), "403"),
    ];
    for (reply, still) in replies {
        let mut bench = Bench::new();
        let asking = bench.url().token();
        let (_, waiter) = bench.url().news();
        let own = bench.answer(asking, reply).error();
        let shared = bench.wake(waiter).error();
        assert_eq!(shared.kind(), own.kind());
        assert_eq!((shared.transaction_id(), shared.message()), (None, None));
        assert!(shared.raw().is_empty() && shared.extra().is_none());
        let shown = format!("{shared} {shared:?}");
        for word in ["as it goes", "b6d722f7e9f553ae", "Sorry", "words of one"] {
            assert!(!shown.contains(word), "{word} in {shown}");
        }
        assert!(shown.contains(still), "{shown}");
    }
    // The same of what holds everybody off.
    let mut bench = Bench::new();
    let asking = bench.url().token();
    let busy = with(page(503), http::header::RETRY_AFTER, "50");
    bench.answer(asking, busy).error();
    let held_off = bench.url().error();
    assert!(!format!("{held_off} {held_off:?}").contains("Sorry"));
}

#[test]
fn a_replacement_is_told_as_one() {
    let mut bench = Bench::warm();
    bench.session.record_events(true);
    let call = bench.url().call();
    twice_refused(&mut bench, call).token();
    let told = bench.session.take_events();
    let purposes: Vec<_> = told
        .iter()
        .filter_map(|event| match event {
            advance_core::session::Event::AttemptBegun { purpose, .. } => Some(*purpose),
            _ => None,
        })
        .collect();
    assert_eq!(purposes, [Purpose::Call, Purpose::Call, Purpose::Replacement]);
}

/// The leader's own patience is no reason for the others to go without a token.
#[test]
fn a_replacement_that_is_given_up_is_taken_over_five_seconds_after_it_began() {
    let mut bench = Bench::warm();
    let call = bench.url().call();
    let also = bench.url().call();
    let also = bench.answer(also, refused()).call();
    let leader = twice_refused(&mut bench, call).token();
    let (_, waiting) = bench.answer(also, refused()).news();
    bench.session.abandon(leader.ticket());
    let (wait, pause) = bench.wake(waiting).backoff();
    assert_eq!(wait, S(5));
    bench.after(wait, pause).token();
}

/// A caller with a second to spare says nothing of the server when that second is over. A server that was silent for a
/// whole attempt has failed.
#[test]
fn fault_83_a_replacement_that_ends_with_its_callers_time_is_tried_by_the_next() {
    for (total, next) in [(S(1), true), (S(40), false)] {
        let mut bench = Bench::warm();
        let hasty = bench.hasty(total).call();
        let asking = twice_refused(&mut bench, hasty).token();
        bench.pass(total.min(S(15)));
        let silent = lost(FailureKind::Timeout(Phase::Exchange), Sent::Maybe);
        bench.answer(asking, silent).error();
        bench.pass(S(5));
        let call = bench.result().call();
        let asked = twice_refused(&mut bench, call);
        assert_eq!(matches!(asked, Asked::Token(..)), next, "{}", asked.name());
    }
}

/// The next try was due at that moment, five seconds after this one began.
#[test]
fn a_busy_server_is_left_alone_for_a_second_after_a_replacement_that_failed() {
    let mut bench = Bench::warm();
    let call = bench.url().call();
    let asking = twice_refused(&mut bench, call).token();
    bench.pass(S(5));
    bench.answer(asking, failure("ERROR")).error();
    // It is another path, so that the minute of the first says nothing of it.
    let call = bench.result().call();
    let (wait, pause) = twice_refused(&mut bench, call).backoff();
    assert_eq!(wait, S(1));
    bench.after(wait, pause).token();
}

#[test]
fn a_doubted_token_does_not_outlive_a_replacement_that_lives_shorter() {
    let mut bench = Bench::warm();
    let call = bench.begin(Call::new(GetResult::new(
        advance_core::SignatureId::new("x").unwrap(),
    )));
    let asking = twice_refused(&mut bench, call.call()).token();
    bench.answer(asking, token("short", 600)).call();
    assert_eq!(
        bench.session.export_token(bench.now()).unwrap().token.expose(),
        "short"
    );
}

/// Each token is over by the time that its refusal is heard, and another call asks for the next one by then.
#[test]
fn fault_80_calls_whose_tokens_live_for_a_moment_do_not_send_without_end() {
    let mut bench = Bench::new();
    let mut calls: Vec<_> = (0..3).map(|_| Some((bench.mono, bench.result()))).collect();
    let (began, mut sends) = (bench.mono, 0);
    while calls.iter().any(Option::is_some) {
        bench.pass(Duration::from_millis(3));
        for call in &mut calls {
            let Some((at, asked)) = call.take_if(|(at, _)| *at <= bench.mono) else {
                continue;
            };
            let asked = match asked {
                Asked::Token(_, asking) => {
                    let whole_seconds = START + bench.mono.as_secs() * 1_000;
                    bench.answer(asking, token_until("brief", whole_seconds + 2))
                }
                Asked::Call(_, calling) => {
                    sends += 1;
                    bench.answer(calling, refused())
                }
                Asked::Backoff(_, pause) | Asked::News(_, pause) => bench.wake(pause),
                Asked::Done(result) => {
                    assert!(result.is_err());
                    continue;
                }
            };
            let wait = match &asked {
                Asked::Backoff(wait, _) => *wait,
                _ => Duration::ZERO,
            };
            *call = Some((at.max(bench.mono) + wait, asked));
        }
        assert!(bench.mono - began < S(20), "a call goes on for ever");
    }
    assert!(sends <= 60, "{sends} sends in {:?}", bench.mono - began);
}

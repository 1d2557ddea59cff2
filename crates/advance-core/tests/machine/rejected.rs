//! Tokens, keys and accounts that the vendor will not have, and how a session keeps from asking at once.

use std::time::Duration;

use advance_core::secret::AccessToken;
use advance_core::session::{Awaiting, COOL_DOWN, Call, ExportedToken};
use advance_core::wire::CodeClass;
use advance_core::{Advice, Endpoint, ErrorKind, GetResult, SignatureId};
use http::header::RETRY_AFTER;

use crate::support::{Asked, Bench, failure, link, token, with};

const S: fn(u64) -> Duration = Duration::from_secs;

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

/// Refused, sent again at once, and refused again.
fn twice_refused<E: Endpoint>(bench: &mut Bench, call: Awaiting<E>) -> Asked<E> {
    let again = bench.answer(call, failure("IAM_FAILED")).call();
    bench.answer(again, failure("IAM_FAILED"))
}

fn elsewhere(bench: &Bench) -> ExportedToken {
    let expires_at = bench.now().wall.saturating_add(S(7_200));
    ExportedToken::new(AccessToken::new("elsewhere").unwrap(), expires_at)
}

#[test]
fn fault_64_a_dead_token_is_replaced_within_the_call() {
    let mut bench = Bench::warm();
    let call = bench.url().call();
    let asking = twice_refused(&mut bench, call).token();
    let call = bench.answer(asking, token("second", 3_600)).call();
    assert_eq!(bench.answer(call, link()).success().sends(), 4);
}

/// The old rule evicted the token, and a replacement that was rejected soon made everybody fail for five seconds.
#[test]
fn fault_64_what_one_call_was_refused_makes_no_other_fail() {
    let mut bench = Bench::warm();
    let call = bench.url().call();
    let asking = twice_refused(&mut bench, call).token();
    bench.result().call();
    let mut next = bench.answer(asking, token("second", 3_600));
    let mut sends = 0;
    let error = loop {
        next = match next {
            Asked::Call(_, call) => {
                sends += 1;
                bench.result().call();
                bench.answer(call, failure("IAM_FAILED"))
            }
            Asked::Backoff(wait, pause) => bench.after(wait, pause),
            Asked::Done(result) => break result.unwrap_err(),
            other => panic!("{}", other.name()),
        };
    };
    assert_eq!(error.kind(), ErrorKind::Api(CodeClass::Auth));
    assert!(sends < 14, "{sends} more requests of its own");
    assert!(bench.mono <= S(1_015), "{:?}", bench.mono);
    bench.result().call();
}

#[test]
fn fault_64_a_hundred_rejections_of_one_token_replace_it_once() {
    let mut bench = Bench::warm();
    let calls: Vec<_> = (0..100).map(|_| bench.url().call()).collect();
    let again: Vec<_> = calls
        .into_iter()
        .map(|call| bench.answer(call, failure("IAM_FAILED")).call())
        .collect();
    let mut asking = None;
    let mut waiting = Vec::new();
    for call in again {
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

/// A second refusal is needed, for one says little; the first of another token says nothing.
#[test]
fn a_late_rejection_of_an_old_token_says_nothing_of_the_new_one() {
    let mut bench = Bench::warm();
    let (early, late) = (bench.url().call(), bench.url().call());
    let asking = twice_refused(&mut bench, early).token();
    let call = bench.answer(asking, token("second", 3_600)).call();
    bench.answer(call, link()).success();
    let late = bench.answer(late, failure("IAM_FAILED")).call();
    let late = bench.answer(late, failure("IAM_FAILED")).call();
    bench.answer(late, link()).success();
}

/// A token that came from elsewhere meanwhile serves: the call does not insist on one of its own.
#[test]
fn a_doubted_token_is_replaced_by_one_in_hand_even_while_the_account_cools_down() {
    let mut bench = Bench::warm();
    let calling = bench.url().call();
    let early = bench.url().call();
    let asking = twice_refused(&mut bench, early).token();
    bench.answer(asking, failure("ACCOUNT_DISABLED")).error();
    let (stored, now) = (elsewhere(&bench), bench.now());
    assert!(bench.session.adopt_token(stored, now));
    let calling = bench.answer(calling, failure("IAM_FAILED")).call();
    bench.answer(calling, link()).success();
}

/// Several processes share a store of tokens, and it still has the one that was revoked.
#[test]
fn the_token_that_was_just_given_up_is_not_taken_back() {
    let mut bench = Bench::warm();
    let now = bench.now();
    let mut stored = bench.session.export_token(now).unwrap();
    stored.expires_at = stored.expires_at.saturating_add(S(60));
    let calling = bench.url().call();
    let leader = twice_refused(&mut bench, calling).token();
    assert!(!bench.session.adopt_token(stored.clone(), now));
    bench.answer(leader, token("second", 3_600)).call();
    assert!(!bench.session.adopt_token(stored, now));
    let (other, now) = (elsewhere(&bench), bench.now());
    assert!(bench.session.adopt_token(other, now));
}

/// It is unknown when an adopted token was issued, so its refusals are not waited out: the one before it serves, and
/// comes back into use once it has shown that it is good.
#[test]
fn an_adopted_token_is_never_young() {
    let mut bench = Bench::warm();
    let (stored, now) = (elsewhere(&bench), bench.now());
    assert!(bench.session.adopt_token(stored, now));
    for _ in 0..2 {
        let call = bench.url().call();
        let before = bench.answer(call, failure("IAM_FAILED")).call();
        bench.answer(before, link()).success();
    }
    assert_eq!(
        bench.session.export_token(bench.now()).unwrap().token.expose(),
        "warm"
    );
}

#[test]
fn a_rejection_that_asks_for_a_while_is_answered_after_it() {
    let mut bench = Bench::warm();
    let told = |seconds| with(failure("IAM_FAILED"), RETRY_AFTER, seconds);
    let call = bench.url().call();
    let (wait, pause) = bench.answer(call, told("10")).backoff();
    assert_eq!(wait, S(10));
    // Others were not told anything by this endpoint.
    bench.result().call();
    bench.after(wait, pause).call();

    // No call is held by refusals for longer than a quarter of a minute: it says what was asked.
    let call = bench.url().call();
    let error = bench.answer(call, told("30")).error();
    assert_eq!(
        (error.sends(), error.retry_after(), error.advice()),
        (1, Some(S(30)), Advice::TryLater)
    );
    let get = Call::new(GetResult::new(SignatureId::new("x").unwrap())).total(S(10));
    let call = bench.begin(get).call();
    assert_eq!(bench.answer(call, told("10")).error().sends(), 1);
}

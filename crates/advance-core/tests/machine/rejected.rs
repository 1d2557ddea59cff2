//! Tokens, keys and accounts that the vendor will not have, and how a session keeps from asking at once.

use std::time::Duration;

use advance_core::wire::CodeClass;
use advance_core::{AccessToken, COOL_DOWN, Call, ErrorKind, ExportedToken, GetResult, SignatureId};
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

/// While a refused account cools down, a token that came from elsewhere serves.
#[test]
fn a_rejected_token_is_replaced_by_one_in_hand_even_while_the_account_cools_down() {
    let mut bench = Bench::warm();
    let calling = bench.url().call();
    let asking = {
        let early = bench.url().call();
        bench.answer(early, failure("IAM_FAILED")).token()
    };
    bench.answer(asking, failure("ACCOUNT_DISABLED")).error();
    let now = bench.now();
    let stored = ExportedToken::new(
        AccessToken::new("elsewhere").unwrap(),
        now.wall.saturating_add(S(3_600)),
    );
    assert!(bench.session.adopt_token(stored, now));
    let calling = bench.answer(calling, failure("IAM_FAILED")).call();
    bench.answer(calling, link()).success();
}

/// Several processes share a store of tokens, and it still has the one that was revoked.
#[test]
fn the_token_that_was_just_rejected_is_not_taken_back() {
    let mut bench = Bench::warm();
    let now = bench.now();
    let stored = bench.session.export_token(now).unwrap();
    let calling = bench.url().call();
    let leader = bench.answer(calling, failure("IAM_FAILED")).token();
    assert!(!bench.session.adopt_token(stored.clone(), now));
    bench.session.abandon(leader.ticket());
    bench.url().token();

    // Another one is taken, and the next rejection is that one's.
    let other = ExportedToken::new(AccessToken::new("elsewhere").unwrap(), stored.expires_at);
    assert!(bench.session.adopt_token(other, now));
}

/// Nobody knows when an adopted token was issued, so its rejection says nothing of the account.
#[test]
fn an_adopted_token_is_no_replacement_that_failed() {
    let mut bench = Bench::warm();
    let calling = bench.url().call();
    let leader = bench.answer(calling, failure("IAM_FAILED")).token();
    let now = bench.now();
    let stored = ExportedToken::new(
        AccessToken::new("elsewhere").unwrap(),
        now.wall.saturating_add(S(3_600)),
    );
    assert!(bench.session.adopt_token(stored, now));
    let calling = bench.url().call();
    bench.session.abandon(leader.ticket());
    bench.answer(calling, failure("IAM_FAILED")).token();
}

#[test]
fn a_rejection_that_asks_for_a_while_is_answered_after_it() {
    let mut bench = Bench::warm();
    let told = || with(failure("IAM_FAILED"), RETRY_AFTER, "30");
    let call = bench.url().call();
    let (wait, pause) = bench.answer(call, told()).backoff();
    assert_eq!(wait, S(30));
    // Others were not told anything by this endpoint.
    let other = bench.url().token();
    bench.answer(other, token("second", 3_600)).call();
    bench.after(wait, pause).call();

    let get = Call::new(GetResult::new(SignatureId::new("x").unwrap())).total(S(30));
    let call = bench.begin(get).call();
    assert_eq!(bench.answer(call, told()).error().sends(), 1);
}

//! What the simulation found, each as a named test.

#![expect(unused_must_use, reason = "a test drops what it has looked at")]
#![allow(
    clippy::unwrap_used,
    clippy::unnecessary_wraps,
    clippy::unchecked_time_subtraction,
    reason = "a test may fail where it stands"
)]

#[path = "machine/support.rs"]
#[allow(dead_code, reason = "shared with the suite next door, which uses the rest")]
mod support;

use advance_core::transport::{FailureKind, Sent};
use advance_core::{ErrorKind, RetryPolicy};
use http::header::RETRY_AFTER;
use std::time::Duration;

use support::{Asked, Bench, failure, lost, page, token, with};

const S: fn(u64) -> Duration = Duration::from_secs;

/// A caller that came late to its token sent its own request with no time left for a reply, which may be
/// charged and cannot be answered.
#[test]
fn a_token_that_comes_after_the_deadline_is_kept_and_not_used() {
    let mut bench = Bench::retrying(RetryPolicy::new().total(S(10)));
    let asking = bench.result().token();
    bench.pass(S(10));
    match bench.answer(asking, token("late", 3_600)) {
        Asked::Done(Err(error)) => {
            assert_eq!(error.kind(), ErrorKind::Deadline, "{error}");
            assert_eq!(error.sends(), 1);
        }
        other => panic!("expected the end, got {}", other.name()),
    }
    assert!(
        bench.session.export_token(bench.now()).is_some(),
        "others can use it"
    );
}

/// A server that puts what it was sent into its code or its transaction id had it repeated by events and
/// errors.
#[test]
fn what_a_server_echoes_in_its_words_is_not_repeated() {
    let envelope = |code: &str, data: &str, id: &str| {
        let text = format!(
            r#"{{"code":"{code}","message":"no","data":{data},"transactionId":"{id}","pricingStrategy":"FREE"}}"#
        );
        Ok(http::Response::new(text.into_bytes()))
    };
    for reply in [
        envelope("E_sampleaccesskey", "null", "1"),
        envelope("ERROR_OF_ITS_OWN", "null", "E_sampleaccesskey"),
        // Nearly an envelope.
        envelope("SUCCESS", "[1]", "E_sampleaccesskey"),
    ] {
        let mut bench = Bench::new();
        bench.session.record_events(true);
        let asking = bench.url().token();
        let error = bench.answer(asking, reply).error();
        let shown = format!("{error} {error:?} {:?}", bench.session.take_events());
        assert!(!shown.contains("sampleaccesskey"), "{shown}");
        assert!(shown.contains("E_[redacted]"), "{shown}");
    }
}

/// A token adopted while it was in use already got a new generation, so that its rejection counted as a
/// late one, and was no evidence.
#[test]
fn adopting_the_token_in_use_changes_nothing() {
    let mut bench = Bench::warm();
    let calling = bench.url().call();
    let now = bench.now();
    let mut stored = bench.session.export_token(now).unwrap();
    stored.expires_at = stored.expires_at.saturating_add(S(60));
    assert!(!bench.session.adopt_token(stored, now), "it is in use already");
    let again = bench.answer(calling, failure("IAM_FAILED")).call();
    let asking = bench.answer(again, failure("IAM_FAILED"));
    assert!(
        matches!(asking, Asked::Token(..)),
        "expected another token, got {}",
        asking.name()
    );
}

/// A call that had once waited for a token took over a verdict that came long afterwards, while it was busy
/// with its own request, instead of asking.
#[test]
fn a_verdict_is_for_those_who_wait_for_it() {
    let mut bench = Bench::retrying(RetryPolicy::new().total(S(300)));
    let leader = bench.url().token();
    let (_, waiting) = bench.url().news();
    bench.answer(leader, token("short", 60));
    let calling = bench.wake(waiting).call();
    let (_, pause) = bench
        .answer(calling, lost(FailureKind::Reset, Sent::Maybe))
        .backoff();
    bench.pass(S(61));
    let asking = bench.url().token();
    bench.answer(asking, page(403)).error();
    bench.pass(S(10));
    let next = bench.wake(pause);
    assert!(
        matches!(next, Asked::Token(..)),
        "expected it to ask, got {}",
        next.name()
    );
}

/// A renewal that was told to come back later was tried again half-way through what was left of the token.
#[test]
fn a_renewal_comes_back_when_the_server_will_have_it() {
    let mut bench = Bench::warm();
    // 30 s before its end; the second try would be due in 15 s.
    bench.pass(S(3_570));
    let asking = bench.url().token();
    let busy = with(failure("SERVICE_BUSY"), RETRY_AFTER, "20");
    bench.answer(asking, busy).call();
    bench.pass(S(19));
    bench.url().call();
    bench.pass(S(1));
    bench.url().token();
}

/// A call that came while the session was held off took over, when its wait ended, the verdict that had held it off,
/// instead of asking.
#[test]
fn who_was_held_off_asks_and_does_not_hear_an_older_verdict() {
    let mut bench = Bench::retrying(RetryPolicy::new().total(S(300)));
    let asking = bench.url().token();
    bench.answer(asking, with(page(200), RETRY_AFTER, "30")).error();
    let (at_most, waiting) = bench.url().news();
    let next = bench.after(at_most, waiting);
    assert!(
        matches!(next, Asked::Token(..)),
        "expected it to ask, got {}",
        next.name()
    );
}

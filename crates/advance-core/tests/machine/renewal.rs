//! One call renews the token, and the others go on.

use std::time::Duration;

use advance_core::transport::{FailureKind, Sent};

use crate::support::{Asked, Bench, failure, link, lost, token};

const S: fn(u64) -> Duration = Duration::from_secs;

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
    let silence = lost(
        FailureKind::Timeout(advance_core::transport::Phase::Exchange),
        Sent::Maybe,
    );
    let Asked::Call(limits, call) = bench.answer(renewing, silence) else {
        panic!()
    };
    assert_eq!(limits.within, S(5));
    bench.answer(call, link()).success();
}

/// The clocks say that the token is over, and each may be wrong. The call that cannot renew it finds out with its own request; it
/// does not ask for as long as nothing answers.
#[test]
fn a_call_tries_to_renew_once_before_each_of_its_own_requests() {
    let mut bench = Bench::warm();
    bench.wall_error += 200_000_000;
    let timeout = FailureKind::Timeout(advance_core::transport::Phase::Exchange);
    let silence = || lost(timeout, Sent::Maybe);
    let mut call = bench.url();
    for _ in 0..2 {
        let renewing = call.token();
        bench.pass(S(15));
        let own = bench.answer(renewing, silence()).call();
        let (wait, pause) = bench.answer(own, failure("SERVICE_BUSY")).backoff();
        call = bench.after(wait, pause);
    }
    let own = call.call();
    bench.answer(own, link()).success();
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

//! A wrong clock, and servers that lie about theirs.

use std::time::Duration;

use advance_core::session::{COOL_DOWN, Session, Step};
use advance_core::wire::CodeClass;
use advance_core::{Advice, Config, Credentials, ErrorKind, RetryPolicy};
use http::header::{AGE, DATE, RETRY_AFTER};

use crate::support::{Asked, Bench, failure, link, token, with};

const MINUTES: i64 = 60_000;

/// The timestamp that a token request carries.
fn signed(
    bench: &mut Bench,
) -> (
    i64,
    advance_core::session::Awaiting<advance_core::session::UsableToken>,
) {
    let now = bench.now();
    let Step::Send(request, _, awaiting) = bench.session.begin(advance_core::session::Call::token(), now)
    else {
        panic!("a token is asked for")
    };
    let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
    let error =
        body["timestamp"].as_i64().unwrap() - now.wall.offset_by(-bench.wall_error).get().cast_signed();
    (error, awaiting)
}

#[test]
fn fault_59_a_clock_ten_minutes_off_is_repaired_with_one_retry() {
    for wrong in [10 * MINUTES, -10 * MINUTES] {
        let mut bench = Bench::new();
        bench.wall_error = wrong;
        let asking = bench.url().token();
        let asking = bench.answer(asking, failure("PARAMETER_ERROR")).token();
        let call = bench.answer(asking, token("t", 3_600)).call();
        let response = bench.answer(call, link()).success();
        assert_eq!(response.sends(), 3);
        // The caller sees it in the response, to the second that a Date header has.
        let offset = response.clock_offset().unwrap();
        assert!((offset + wrong).abs() <= 1_000, "{offset}");
        assert!(format!("{response:?}").contains("clock_offset: Some("));
        // The correction holds for the next one, and is within a second of the truth.
        bench.pass(Duration::from_secs(4_000));
        let (error, _) = signed(&mut bench);
        assert!(error.abs() <= 1_000, "{error} ms");
    }
}

#[test]
fn fault_59_two_attempts_and_no_more() {
    let mut bench = Bench::new();
    bench.wall_error = 10 * MINUTES;
    let asking = bench.url().token();
    let asking = bench.answer(asking, failure("PARAMETER_ERROR")).token();
    let error = bench.answer(asking, failure("PARAMETER_ERROR")).error();
    assert_eq!(error.kind(), ErrorKind::Api(CodeClass::Credentials));
    assert_eq!(error.sends(), 2);
}

#[test]
fn fault_60_a_clock_that_is_right_is_not_blamed() {
    let mut bench = Bench::new();
    bench.wall_error = 2 * MINUTES;
    let asking = bench.url().token();
    let error = bench.answer(asking, failure("PARAMETER_ERROR")).error();
    assert!(error.to_string().contains("clock looks fine"), "{error}");
    assert_eq!(error.sends(), 1);

    let mut bench = Bench::new();
    bench.wall_error = 10 * MINUTES;
    let asking = bench.url().token();
    let error = bench
        .answer(asking, with(failure("PARAMETER_ERROR"), DATE, "none"))
        .error();
    assert!(error.to_string().contains("did not tell its time"), "{error}");
    assert_eq!(error.sends(), 1);
}

#[test]
fn fault_61_a_date_that_cannot_be_believed_changes_nothing() {
    let lies = [
        with(failure("PARAMETER_ERROR"), DATE, "Sun, 06 Nov 1994 08:49:37 GMT"),
        with(failure("PARAMETER_ERROR"), AGE, "0"),
        with(failure("PARAMETER_ERROR"), DATE, "yesterday"),
    ];
    for lie in lies {
        let mut bench = Bench::new();
        bench.wall_error = 10 * MINUTES;
        let asking = bench.url().token();
        assert_eq!(bench.answer(asking, lie).error().sends(), 1);
        bench.pass(COOL_DOWN);
        let (error, _) = signed(&mut bench);
        assert_eq!(error, 10 * MINUTES, "no correction is in force");
    }
}

#[test]
fn a_correction_is_measured_again() {
    let mut bench = Bench::new();
    bench.wall_error = 10 * MINUTES;
    let asking = bench.url().token();
    let asking = bench.answer(asking, failure("PARAMETER_ERROR")).token();
    bench.answer(asking, token("t", 3_600)).call();
    // Somebody sets the clock right.
    bench.wall_error = 0;
    bench.pass(Duration::from_secs(4_000));
    let (error, asking) = signed(&mut bench);
    assert!(error.abs() > 9 * MINUTES, "the old correction is still in force");
    bench.answer(asking, token("t", 9_000)).success();
    bench.pass(Duration::from_secs(4_000));
    let (error, _) = signed(&mut bench);
    assert_eq!(error, 0);
}

#[test]
fn the_repair_can_be_switched_off() {
    let mut bench = Bench::with(Config::new().repair_clock(false));
    bench.wall_error = 10 * MINUTES;
    let asking = bench.url().token();
    let error = bench.answer(asking, failure("PARAMETER_ERROR")).error();
    assert_eq!(error.sends(), 1);
    assert!(error.to_string().contains("set it right"), "{error}");
}

#[test]
fn fault_79_a_time_without_thirteen_digits_is_refused_before_signing() {
    let credentials = Credentials::new("sampleaccesskey", "samplesecretkey").unwrap();
    let mut session = Session::new(Config::new(), credentials, 1);
    for wall in [0, 999_999_999_999, 10_000_000_000_000, u64::MAX] {
        let now = advance_core::Now {
            wall: advance_core::UnixMillis::new(wall),
            mono: Duration::ZERO,
        };
        let Step::Done(Err(error)) = session.begin(advance_core::session::Call::token(), now) else {
            panic!("{wall} was signed")
        };
        assert_eq!(error.kind(), ErrorKind::Invalid);
        let get = advance_core::GetResult::new(advance_core::SignatureId::new("x").unwrap());
        let Step::Done(Err(error)) = session.begin(advance_core::session::Call::new(get), now) else {
            panic!()
        };
        assert_eq!((error.kind(), error.sends()), (ErrorKind::Invalid, 0));
    }
}

/// By the old rule the wall clock said nothing of a token's life. It does: the machine may have slept. What it says alone
/// is reason to renew, and not to stop using the token.
#[test]
fn fault_62_a_wall_clock_that_jumps_forward_costs_one_token_request_and_no_call() {
    for jump in [4_000_000, 80_000_000, i64::MAX / 2] {
        let mut bench = Bench::warm();
        bench.wall_error = jump;
        assert!(bench.session.export_token(bench.now()).is_none(), "{jump}");
        match bench.url() {
            Asked::Token(_, renewing) => {
                bench.url().call();
                // The reply's Date says what time it is: signed with a wrong one, the next is signed with the right one.
                let renewing = bench.answer(renewing, failure("PARAMETER_ERROR")).token();
                let call = bench.answer(renewing, token("second", 3_600)).call();
                bench.answer(call, link()).success();
            }
            // A clock that cannot sign leaves the old token in use.
            Asked::Call(_, call) => drop(bench.answer(call, link()).success()),
            other => panic!("{jump}: {}", other.name()),
        }
        bench.url().call();
        bench.pass(Duration::from_secs(3_601));
        assert!(
            matches!(bench.url(), Asked::Token(..) | Asked::Done(Err(_))),
            "{jump}"
        );
    }
}

#[test]
fn fault_62_a_wall_clock_that_jumps_back_changes_nothing() {
    for jump in [-1_000_000_000, i64::MIN / 2] {
        let mut bench = Bench::warm();
        bench.wall_error = jump;
        bench.url().call();
        bench.pass(Duration::from_secs(3_600));
        // The monotonic clock says that it has ended. What the wall clock says can then be refused, not panicked on.
        assert!(
            matches!(bench.url(), Asked::Token(..) | Asked::Done(Err(_))),
            "{jump}"
        );
    }
}

#[test]
fn fault_88_jumps_back_and_forth_cost_one_token_request_each_way_and_prolong_nothing() {
    let mut bench = Bench::warm();
    let mut tokens = 0;
    for day in 0..20 {
        bench.wall_error = if day % 2 == 0 { 86_000_000 } else { 0 };
        for _ in 0..10 {
            if let Asked::Token(_, renewing) = bench.url() {
                tokens += 1;
                bench.answer(renewing, token("second", 90_000)).call();
            }
            bench.pass(Duration::from_secs(6));
        }
    }
    assert!(tokens <= 10, "{tokens} in twenty minutes of jumps");
}

/// The monotonic clock stands still while the machine sleeps.
fn slept(bench: &mut Bench, long: Duration) {
    bench.wall_error += i64::try_from(long.as_millis()).unwrap();
    bench.slept += long;
}

#[test]
fn fault_87_a_token_that_ended_while_the_machine_slept_is_renewed_by_the_first_call() {
    let mut bench = Bench::warm();
    for nap in 1..=23_u64 {
        slept(&mut bench, Duration::from_secs(7_200));
        assert!(
            bench.session.export_token(bench.now()).is_none(),
            "no dead token is exported"
        );
        let renewing = bench.url().token();
        // Who comes meanwhile goes on with the old one, hears that it is dead, and waits for the new one.
        let meanwhile = bench.result().call();
        let meanwhile = bench.answer(meanwhile, failure("IAM_FAILED")).call();
        let (_, meanwhile) = bench.answer(meanwhile, failure("IAM_FAILED")).news();
        let call = bench.answer(renewing, token("next", 3_600 + nap * 7_200)).call();
        bench.answer(call, link()).success();
        bench.wake(meanwhile).call();
        bench.pass(Duration::from_secs(30));
        bench.url().call();
    }
}

#[test]
fn fault_87_a_cool_down_is_over_when_the_machine_wakes() {
    let mut bench = Bench::new();
    let asking = bench.url().token();
    bench.answer(asking, failure("ACCOUNT_DISABLED")).error();
    bench.url().error();
    slept(&mut bench, COOL_DOWN);
    bench.url().token();
}

#[test]
fn a_renewal_that_cannot_be_signed_leaves_the_old_token_in_use() {
    let mut bench = Bench::warm();
    bench.pass(Duration::from_secs(3_570));
    bench.wall_error = i64::MAX / 2;
    bench.url().call();
    bench.url().call();
}

/// What counts is the time that was signed, not the one at which the refusal came.
#[test]
fn a_clock_that_is_set_while_the_request_is_under_way_is_the_clock_all_the_same() {
    let mut bench = Bench::new();
    bench.wall_error = 60 * MINUTES;
    let asking = bench.url().token();
    bench.wall_error = 0;
    let asking = bench.answer(asking, failure("PARAMETER_ERROR")).token();
    let call = bench.answer(asking, token("t", 3_600)).call();
    bench.answer(call, link()).success();
    bench.pass(Duration::from_secs(4_000));
    assert_eq!(signed(&mut bench).0, 0, "no correction is in force");

    let mut bench = Bench::new();
    let asking = bench.url().token();
    bench.wall_error = 60 * MINUTES;
    let error = bench.answer(asking, failure("PARAMETER_ERROR")).error();
    assert!(error.to_string().contains("clock looks fine"), "{error}");
}

#[test]
fn a_repair_waits_if_the_server_asks_for_a_while() {
    let mut bench = Bench::new();
    bench.wall_error = 10 * MINUTES;
    let asking = bench.url().token();
    let told = with(failure("PARAMETER_ERROR"), RETRY_AFTER, "30");
    let (wait, pause) = bench.answer(asking, told).backoff();
    assert_eq!(wait, Duration::from_secs(30));
    // So does everybody else.
    assert_eq!(bench.url().news().0, wait);
    let asking = bench.after(wait, pause).token();
    bench.answer(asking, token("t", 3_600)).call();
}

/// There is no time to wait as long as the server asks, and nothing left to mend.
#[test]
fn a_repair_without_time_for_the_rest_says_that_only_time_is_needed() {
    let mut bench = Bench::retrying(RetryPolicy::new().total(Duration::from_secs(30)));
    bench.wall_error = 10 * MINUTES;
    let asking = bench.url().token();
    let told = with(failure("PARAMETER_ERROR"), RETRY_AFTER, "60");
    let error = bench.answer(asking, told).error();
    assert_eq!((error.advice(), error.sends()), (Advice::TryLater, 1));
    assert!(error.to_string().contains("corrected"), "{error}");
    bench.pass(Duration::from_secs(60));
    assert_eq!(signed(&mut bench).0, 0);
}

//! When a call is sent again, and when it is not.

use std::time::Duration;

use advance_core::error::ProtocolFault;
use advance_core::session::Step;
use advance_core::transport::{FailureKind, Phase, Sent};
use advance_core::{Code, ErrorKind, RetryPolicy};
use http::header::{DATE, RETRY_AFTER};

use crate::support::{Asked, Bench, envelope, failure, link, lost, page, token, with};

const S: fn(u64) -> Duration = Duration::from_secs;

#[test]
fn fault_01_what_was_never_sent_is_tried_again_and_costs_nothing() {
    let mut bench = Bench::warm();
    let mut call = bench.result().call();
    for _ in 0..2 {
        let (wait, pause) = bench.answer(call, lost(FailureKind::Connect, Sent::No)).backoff();
        call = bench.after(wait, pause).call();
    }
    let error = bench.answer(call, lost(FailureKind::Connect, Sent::No)).error();
    assert_eq!(error.kind(), ErrorKind::Transport(FailureKind::Connect));
    assert_eq!((error.charge(), error.sends()), (advance_core::Charge::Free, 3));
}

#[test]
fn fault_08_a_lost_reply_is_asked_for_again_only_where_that_is_free_or_allowed() {
    for kind in [
        FailureKind::Reset,
        FailureKind::Body,
        FailureKind::Timeout(Phase::Exchange),
    ] {
        let mut bench = Bench::warm();
        let call = bench.url().call();
        bench.answer(call, lost(kind, Sent::Maybe)).backoff();

        let call = bench.result().call();
        let error = bench.answer(call, lost(kind, Sent::Maybe)).error();
        assert_eq!(
            (error.charge(), error.sends()),
            (advance_core::Charge::Unknown, 1)
        );

        let get = advance_core::GetResult::new(advance_core::SignatureId::new("x").unwrap());
        let call = bench
            .begin(advance_core::session::Call::new(get).retry_maybe_charged(true))
            .call();
        bench.answer(call, lost(kind, Sent::Maybe)).backoff();
    }
}

#[test]
fn faults_11_13_15_31_are_not_tried_again() {
    for kind in [
        FailureKind::Http,
        FailureKind::Tls,
        FailureKind::Proxy,
        FailureKind::TooLarge,
        FailureKind::Other,
    ] {
        let mut bench = Bench::warm();
        let call = bench.url().call();
        assert_eq!(
            bench.answer(call, lost(kind, Sent::No)).error().kind(),
            ErrorKind::Transport(kind)
        );
    }
}

#[test]
fn fault_16_a_wait_past_the_deadline_is_not_begun() {
    let mut bench = Bench::warm();
    let call = bench.url().call();
    let told = with(failure("SERVICE_BUSY"), RETRY_AFTER, "45");
    let error = bench.answer(call, told).error();
    assert_eq!(error.code(), Some(&Code::ServiceBusy));
    assert_eq!(error.retry_after(), Some(S(45)));
}

#[test]
fn fault_20_server_pages_are_tried_again_where_that_is_safe() {
    for (status, result_too) in [
        (500, false),
        (502, false),
        (503, true),
        (504, false),
        (429, true),
        (408, false),
    ] {
        let mut bench = Bench::warm();
        let call = bench.url().call();
        bench.answer(call, page(status)).backoff();
        let call = bench.result().call();
        match (bench.answer(call, page(status)), result_too) {
            (Asked::Backoff(..), true) => {}
            (Asked::Done(Err(error)), false) => {
                assert_eq!(error.kind(), ErrorKind::Protocol(ProtocolFault::Status(status)));
                assert!(error.to_string().contains("Sorry"), "{error}");
            }
            (other, _) => panic!("{status}: {}", other.name()),
        }
    }
}

#[test]
fn fault_21_retry_after_in_every_form() {
    let date = |seconds: u64| {
        httpdate::fmt_http_date(
            std::time::UNIX_EPOCH + Duration::from_millis(crate::support::START) + S(seconds),
        )
    };
    // The server's clock stands at 1,000 s after the start.
    for (told, least, most) in [
        ("2", 2_000, 2_250),
        ("10s", 10_000, 10_250),
        ("10 s", 10_000, 10_250),
        ("10sec", 10_000, 10_250),
        ("30.5", 31_000, 31_250),
        (&*date(1_007), 7_000, 7_250),
        (&*date(0), 0, 250),
        ("-3", 125, 250),
        ("nan", 125, 250),
        ("soon", 125, 250),
    ] {
        let mut bench = Bench::warm();
        let call = bench.url().call();
        let (wait, _) = bench.answer(call, with(page(503), RETRY_AFTER, told)).backoff();
        let wait = wait.as_millis();
        assert!((least..=most).contains(&wait), "{told}: {wait} ms");
    }
    for without_end in ["1000000000", "1e9", "1e999"] {
        let mut bench = Bench::warm();
        let call = bench.url().call();
        let error = bench
            .answer(call, with(page(503), RETRY_AFTER, without_end))
            .error();
        assert!(error.retry_after() >= Some(S(1_000_000_000)), "{without_end}");
    }
}

#[test]
fn fault_22_too_many_requests_with_or_without_an_envelope() {
    for body in [
        page(429),
        failure("SERVICE_BUSY"),
        failure("SOME_NEW_LIMIT"),
        envelope("SOME_NEW_LIMIT", "null", "null"),
    ] {
        let mut bench = Bench::warm();
        let call = bench.result().call();
        let mut response = body.unwrap();
        *response.status_mut() = http::StatusCode::TOO_MANY_REQUESTS;
        let (wait, _) = bench.answer(call, with(Ok(response), RETRY_AFTER, "3")).backoff();
        assert!(wait >= S(3));
    }
}

#[test]
fn fault_23_and_24_busy_at_200_waits_as_told_and_backs_off_otherwise() {
    for code in ["SERVICE_BUSY", "RETRY_LATER", "ERROR"] {
        let mut bench = Bench::warm();
        let call = bench.result().call();
        let (wait, pause) = bench
            .answer(call, with(failure(code), RETRY_AFTER, "10s"))
            .backoff();
        assert!(wait >= S(10), "{code}");
        let call = bench.after(wait, pause).call();
        let (wait, pause) = bench.answer(call, failure(code)).backoff();
        assert!(wait <= Duration::from_millis(500));
        let call = bench.after(wait, pause).call();
        assert_eq!(bench.answer(call, failure(code)).error().sends(), 3);
    }
}

#[test]
fn fault_71_what_will_not_pass_is_not_tried_again() {
    for code in [
        "INSUFFICIENT_BALANCE",
        "OVER_QUERY_LIMIT",
        "ACCESS_DENIED",
        "SERVICE_DISABLED",
        "ACCOUNT_DISABLED",
        "PARAMETER_ERROR",
        "EMPTY_PARAMETER_ERROR",
        "REGION_WRONG",
        "SIGNATURE_NOT_EXIST",
        "CLIENT_ERROR",
        "SOMETHING_NEW",
        "success",
    ] {
        let mut bench = Bench::warm();
        let call = bench.url().call();
        let error = bench.answer(call, failure(code)).error();
        assert_eq!(error.code(), Some(&Code::from(code)));
        assert_eq!(error.sends(), 1, "{code}");
    }
}

#[test]
fn the_budget_bites_and_success_refills_it() {
    let policy = RetryPolicy::new().attempts(2).budget(2);
    let mut bench = Bench::retrying(policy).warmed();
    let fail = |bench: &mut Bench| {
        let call = bench.url().call();
        match bench.answer(call, failure("ERROR")) {
            Asked::Backoff(wait, pause) => {
                let call = bench.after(wait, pause).call();
                bench.answer(call, failure("ERROR")).error().sends()
            }
            other => {
                let error = other.error();
                assert!(error.to_string().contains("too many retries"), "{error}");
                error.sends()
            }
        }
    };
    assert_eq!([fail(&mut bench), fail(&mut bench), fail(&mut bench)], [2, 2, 1]);
    for _ in 0..10 {
        let call = bench.url().call();
        bench.answer(call, link()).success();
    }
    assert_eq!([fail(&mut bench), fail(&mut bench)], [2, 1]);
}

#[test]
fn the_total_time_bounds_waiting_and_the_attempt_in_flight() {
    let mut bench = Bench::retrying(RetryPolicy::new().attempts(10).total(S(20))).warmed();
    let Asked::Call(limits, call) = bench.url() else {
        panic!()
    };
    assert_eq!(limits.within, S(15));
    bench.pass(S(15));
    let (wait, pause) = bench
        .answer(call, lost(FailureKind::Timeout(Phase::Exchange), Sent::Maybe))
        .backoff();
    let Asked::Call(limits, call) = bench.after(wait, pause) else {
        panic!()
    };
    assert_eq!(limits.within, S(5) - wait);
    bench.pass(limits.within);
    let error = bench
        .answer(call, lost(FailureKind::Timeout(Phase::Exchange), Sent::Maybe))
        .error();
    assert_eq!(error.sends(), 2);
}

#[test]
fn a_wait_for_somebody_elses_token_ends_with_the_calls_own_time() {
    let mut bench = Bench::new();
    let _leader = bench.url().token();
    let get = advance_core::GetResult::new(advance_core::SignatureId::new("x").unwrap());
    let (at_most, pause) = bench
        .begin(advance_core::session::Call::new(get).total(S(3)))
        .news();
    assert_eq!(at_most, S(3));
    let error = bench.after(at_most, pause).error();
    assert_eq!(error.kind(), ErrorKind::Deadline);
    assert_eq!((error.sends(), error.charge()), (0, advance_core::Charge::Free));
}

#[test]
fn a_retry_after_date_is_read_by_this_clock_if_the_server_has_none() {
    let mut bench = Bench::warm();
    let call = bench.url().call();
    let told = httpdate::fmt_http_date(
        std::time::UNIX_EPOCH + Duration::from_millis(crate::support::START) + S(1_005),
    );
    let reply = with(with(page(503), RETRY_AFTER, &told), DATE, "none");
    let (wait, _) = bench.answer(call, reply).backoff();
    assert!(wait >= S(5) && wait < S(6), "{wait:?}");
}

#[test]
fn an_unreadable_price_is_not_gambled_with() {
    for (pricing, again) in [
        ("\"FREE\"", true),
        ("null", true),
        ("\"PAY\"", false),
        ("\"DISCOUNT\"", false),
    ] {
        let mut bench = Bench::warm();
        let call = bench.url().call();
        let asked = bench.answer(call, envelope("SERVICE_BUSY", "null", pricing));
        assert_eq!(matches!(asked, Asked::Backoff(..)), again, "{pricing}");
    }
}

#[test]
fn a_token_in_hand_brings_no_retry_back() {
    let mut bench = Bench::retrying(RetryPolicy::new().attempts(2).budget(1)).warmed();
    let call = bench.url().call();
    let (wait, pause) = bench.answer(call, failure("ERROR")).backoff();
    let call = bench.after(wait, pause).call();
    bench.answer(call, failure("ERROR")).error();
    for _ in 0..10 {
        let now = bench.now();
        let Step::Done(Ok(response)) = bench.session.begin(advance_core::session::Call::token(), now) else {
            panic!("it is in hand")
        };
        assert_eq!(response.sends(), 0);
    }
    let call = bench.url().call();
    bench.answer(call, failure("ERROR")).error();
}

#[test]
fn fault_85_a_retry_that_succeeds_gives_its_cost_back_also_if_a_token_was_needed_on_the_way() {
    let mut bench = Bench::new();
    for _ in 0..100 {
        // The token ends in the pause before the retry.
        let mut asked = bench.url();
        let mut refused = false;
        loop {
            asked = match asked {
                Asked::Token(_, asking) => {
                    let ends = bench.mono.as_secs() + 1 - 1_000;
                    bench.answer(asking, token("t", ends))
                }
                Asked::Call(_, calling) if !std::mem::replace(&mut refused, true) => {
                    bench.answer(calling, with(failure("SERVICE_BUSY"), RETRY_AFTER, "2"))
                }
                Asked::Call(_, calling) => bench.answer(calling, link()),
                Asked::Backoff(wait, pause) => bench.after(wait, pause),
                Asked::News(..) => panic!("it is alone"),
                Asked::Done(result) => break drop(result.unwrap()),
            };
        }
        bench.pass(S(10));
    }
}

//! What an error says: in parts, with advice that fits, and with what is known.

use std::time::Duration;

use advance_core::session::{Call, Session};
use advance_core::transport::{Failure, FailureKind, Sent};
use advance_core::{Config, Error, ErrorKind, GetResult, RetryPolicy, SignatureId};
use http::header::RETRY_AFTER;

use crate::support::{Bench, envelope, failure, lost, page, raw, with};

/// Every kind of error that one reply brings.
fn errors() -> Vec<Error> {
    let replies = [
        lost(FailureKind::Connect, Sent::No),
        lost(FailureKind::Tls, Sent::No),
        lost(FailureKind::Proxy, Sent::No),
        lost(FailureKind::TooLarge, Sent::Maybe),
        lost(FailureKind::Refused, Sent::No),
        lost(FailureKind::Other, Sent::Maybe),
        page(302),
        page(403),
        page(404),
        page(500),
        page(501),
        raw(200, b""),
        raw(200, b"<html>"),
        raw(200, b"{"),
        raw(200, br#"{"code":"SUCCESS"}"#),
        raw(200, br#"{"code":"SUCCESS","data":null,"transactionId":"t"}"#),
        raw(
            200,
            br#"{"code":"SUCCESS","data":{"token":"a","expiredTime":1},"transactionId":"t"}"#,
        ),
        raw(200, br#"{"code":"NEW_CODE"}"#),
        raw(
            200,
            br#"{"code":"CLIENT_ERROR","message":"HTTP 400 - Bad Request"}"#,
        ),
        failure("PARAMETER_ERROR"),
        failure("SIGNATURE_NOT_EXIST"),
        failure("INSUFFICIENT_BALANCE"),
        failure("NEW_CODE"),
        with(failure("ACCOUNT_DISABLED"), RETRY_AFTER, "30.5"),
    ];
    let mut errors: Vec<Error> = replies
        .into_iter()
        .map(|reply| {
            let mut bench = Bench::retrying(RetryPolicy::never()).warmed();
            let call = bench.result().call();
            bench.answer(call, reply).error()
        })
        .collect();
    errors.push(SignatureId::new("").unwrap_err());
    errors
}

#[test]
fn an_error_is_its_parts_and_nothing_else() {
    for error in errors() {
        let parts = error.parts();
        assert_eq!(error.to_string(), parts.to_string());
        assert_eq!(parts.advice, error.hint());
        assert!(!parts.what.is_empty() && !parts.advice.is_empty());
        for part in [parts.what, parts.advice] {
            assert!(
                !part.contains("; transactionId") && !part.contains('\n'),
                "{part}"
            );
        }
        let shown = error.to_string();
        assert!(!shown.contains(": ?") && !shown.contains("at ?"), "{shown}");
    }
}

#[test]
fn advice_names_a_transaction_id_only_where_one_came() {
    for error in errors() {
        let keeps = error.hint().contains("the transaction id");
        assert!(!keeps || error.transaction_id().is_some(), "{error}");
    }
}

#[test]
fn advice_fits_what_happened() {
    for (reply, words) in [
        (page(302), "base URL"),
        (page(403), "firewall"),
        (lost(FailureKind::Tls, Sent::No), "root certificates"),
        (lost(FailureKind::Proxy, Sent::No), "proxy's address"),
        (raw(200, br#"{"code":"CLIENT_ERROR"}"#), "base URL"),
        (failure("PARAMETER_ERROR"), "mend the request; "),
    ] {
        let mut bench = Bench::retrying(RetryPolicy::never()).warmed();
        let call = bench.result().call();
        let error = bench.answer(call, reply).error();
        assert!(error.hint().contains(words), "{error}");
    }
}

#[test]
fn whatever_is_refused_before_it_is_sent_says_why_and_what_to_do() {
    let plain = http::Request::get("http://api.example/").body(()).unwrap();
    let scheme = advance_core::transport::permitted(&plain).unwrap_err();
    let runtime = Failure::new(FailureKind::Refused, Sent::No)
        .because("there is no runtime here", "call it from a task")
        .with_source("kept");
    for (failure, what, advice) in [
        (scheme, "only https is sent", "use an https URL"),
        (runtime, "there is no runtime here", "call it from a task"),
        (
            Failure::new(FailureKind::Refused, Sent::No),
            "refused before",
            "nothing was sent",
        ),
    ] {
        assert!(failure.to_string().contains(what), "{failure}");
        let error = Error::from(failure);
        assert!(error.parts().what.contains(what), "{error}");
        assert!(error.hint().contains(advice), "{error}");
    }
    // A machine whose clock is not set yet.
    let keys = advance_core::Credentials::new("sampleaccesskey", "samplesecretkey").unwrap();
    let mut session = Session::new(Config::new(), keys, 1);
    let asked = Call::new(GetResult::new(SignatureId::new("x").unwrap()));
    let early = advance_core::Now {
        wall: advance_core::UnixMillis::new(5_000),
        mono: Duration::from_secs(5),
    };
    let advance_core::session::Step::Done(Err(error)) = session.begin(asked, early) else {
        panic!("it cannot sign")
    };
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(
        error.hint().contains("clock") && error.hint().contains("NTP"),
        "{error}"
    );
}

#[test]
fn a_reply_that_does_not_fit_is_said_to_look_like_what_it_is() {
    let mut bench = Bench::warm();
    let call = bench.result().call();
    let stranger = envelope(
        "SUCCESS",
        r#"{"token":"abc.def.ghi","expiredTime":1790003600000}"#,
        "\"PAY\"",
    );
    let error = bench.answer(call, stranger).error();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(
        error.parts().what.contains("a reply to generate-token"),
        "{error}"
    );
    assert_eq!(error.charges().pay, 1);
}

#[test]
fn how_long_the_server_asks_to_wait_is_visible() {
    let mut bench = Bench::warm();
    let call = bench.result().call();
    let told = with(failure("ACCOUNT_DISABLED"), RETRY_AFTER, "30.5");
    let error = bench.answer(call, told).error();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(31)));
    assert_eq!(error.parts().retry_after, Some(Duration::from_secs(31)));
    assert!(error.to_string().contains("asks to wait 31 s"), "{error}");
    assert!(format!("{error:?}").contains("31s"), "{error:?}");
    // Without data as well.
    let mut bench = Bench::warm();
    let call = bench.result().call();
    let told = with(raw(200, br#"{"code":"SUCCESS"}"#), RETRY_AFTER, "10 s");
    let error = bench.answer(call, told).error();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(10)));
}

#[test]
fn fault_94_a_call_that_runs_out_of_time_keeps_its_last_error() {
    let mut bench = Bench::warm();
    let call = bench.result().call();
    let busy = with(failure("SERVICE_BUSY"), RETRY_AFTER, "1");
    let (wait, pause) = bench.answer(call, busy).backoff();
    // The machine was busy, or slept, and the time is over.
    let error = bench.after(wait + Duration::from_secs(3_600), pause).error();
    assert_eq!(error.code().unwrap().as_str(), "SERVICE_BUSY");
    assert_eq!(error.transaction_id().unwrap().as_str(), "b6d722f7e9f553ae");
}

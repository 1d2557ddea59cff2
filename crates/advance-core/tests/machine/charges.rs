//! What was charged: known, or said to be unknown.

use advance_core::transport::{FailureKind, Sent};
use advance_core::{Charge, Charges, ErrorKind, RetryPolicy};

use crate::support::{Bench, envelope, failure, lost, result, token};

#[test]
fn fault_47_a_price_that_is_not_documented_is_unknown() {
    for (pricing, charge) in [
        ("\"FREE\"", Charge::Free),
        ("\"PAY\"", Charge::Pay),
        ("\"pay\"", Charge::Unknown),
        ("\"DISCOUNT\"", Charge::Unknown),
        ("null", Charge::Unknown),
    ] {
        let mut bench = Bench::warm();
        let call = bench.result().call();
        assert_eq!(
            bench.answer(call, result(pricing)).success().charge(),
            charge,
            "{pricing}"
        );
        let call = bench.result().call();
        let error = bench
            .answer(call, envelope("SIGNATURE_NOT_EXIST", "null", pricing))
            .error();
        assert_eq!(error.charge(), charge, "{pricing}");
    }
}

#[test]
fn retries_and_token_requests_add_up() {
    let mut bench = Bench::retrying(RetryPolicy::new().retry_maybe_charged(true));
    let asking = bench.result().token();
    let call = bench.answer(asking, token("t", 3_600)).call();
    let (wait, pause) = bench
        .answer(call, lost(FailureKind::Reset, Sent::Maybe))
        .backoff();
    let call = bench.after(wait, pause).call();
    let response = bench.answer(call, result("\"PAY\"")).success();
    assert_eq!(
        response.charges(),
        Charges {
            free: 1,
            pay: 1,
            unknown: 1
        }
    );
    assert_eq!((response.charge(), response.sends()), (Charge::Pay, 3));
    assert_eq!(bench.session.charges(), response.charges());
}

#[test]
fn an_explicit_pay_forbids_a_resend_even_if_the_caller_would_risk_it() {
    for code in ["SERVICE_BUSY", "ERROR", "IAM_FAILED"] {
        let mut bench = Bench::retrying(RetryPolicy::new().retry_maybe_charged(true)).warmed();
        let call = bench.result().call();
        let error = bench.answer(call, envelope(code, "null", "\"PAY\"")).error();
        assert_eq!((error.charge(), error.sends()), (Charge::Pay, 1), "{code}");
    }
}

#[test]
fn a_broken_reply_still_says_what_it_cost() {
    let mut bench = Bench::warm();
    let call = bench.result().call();
    let broken =
        br#"{"transactionId":"b6d722f7e9f553ae","pricingStrategy":"PAY","code":"SUCCESS","data":{"idvCode"#;
    let error = bench
        .answer(call, Ok(http::Response::new(broken.to_vec())))
        .error();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.charge(), Charge::Pay);
    assert_eq!(error.transaction_id().unwrap().as_str(), "b6d722f7e9f553ae");

    let call = bench.result().call();
    let error = bench.answer(call, Ok(http::Response::new(b"{".to_vec()))).error();
    assert_eq!(error.charge(), Charge::Unknown);
}

#[test]
fn fault_44_success_without_data_is_its_own_error_with_id_and_charge() {
    let mut bench = Bench::warm();
    for (data, kind) in [
        ("null", ErrorKind::MissingData),
        ("[]", ErrorKind::Decode),
        ("5", ErrorKind::Decode),
    ] {
        let call = bench.result().call();
        let error = bench.answer(call, envelope("SUCCESS", data, "\"PAY\"")).error();
        assert_eq!(error.kind(), kind);
        assert_eq!(error.charge(), Charge::Pay);
        assert!(error.transaction_id().is_some());
    }
}

#[test]
fn fault_45_data_beside_a_failure_is_ignored() {
    let mut bench = Bench::warm();
    let call = bench.result().call();
    let error = bench
        .answer(
            call,
            envelope("SIGNATURE_NOT_EXIST", r#"{"idvCode":5}"#, "\"FREE\""),
        )
        .error();
    assert_eq!(error.code(), Some(&advance_core::wire::Code::SignatureNotExist));
    let call = bench.result().call();
    bench.answer(call, failure("ERROR")).backoff();
}

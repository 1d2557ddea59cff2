//! Failures that are planned and lies that are told.

use advance_sandbox::VendorConfig;
use advance_sandbox::model::{Endpoint, Failure, Price};
use http::{HeaderValue, StatusCode};
use serde_json::json;

use crate::desk::{Desk, NOW, RESULT, TOKEN, URL, parse, text, url_body, verdict};

#[test]
fn planned_failures_come_first_and_then_end() {
    let mut desk = Desk::new();
    let token = desk.token();
    let id = text(&desk.begin(&token, "sbx-ok")["signatureId"]);
    let busy = Failure::busy().retry_after(HeaderValue::from_static("10s"));
    desk.vendor.fail_next(Endpoint::GetResult, 2, busy);
    desk.vendor
        .fail_next(Endpoint::GetResult, 1, Failure::retry_later());
    let request = json!({"signatureId": id}).to_string();
    for _ in 0..2 {
        let reply = desk.post(RESULT, Some(&token), &request);
        assert_eq!(reply.status(), 200);
        assert_eq!(reply.headers()["retry-after"], "10s");
        let reply = parse(&reply);
        assert_eq!(reply["code"], "SERVICE_BUSY");
        assert_eq!(reply["data"], json!(null));
    }
    assert_eq!(
        desk.call(URL, &token, &url_body())["code"],
        "SUCCESS",
        "another endpoint"
    );
    let reply = desk.post(RESULT, Some(&token), &request);
    assert_eq!(reply.headers().get("retry-after"), None);
    assert_eq!(parse(&reply)["code"], "RETRY_LATER");
    assert_eq!(desk.poll(&token, &id)["data"]["idvCode"], "SUCCESS");
}

#[test]
fn what_is_no_call_does_not_use_up_a_failure() {
    let mut desk = Desk::new();
    desk.vendor
        .fail_next(Endpoint::GenerateToken, 1, Failure::error());
    desk.get(TOKEN);
    assert_eq!(parse(&desk.post(TOKEN, None, "{}"))["code"], "ERROR");
    assert_eq!(parse(&desk.post(TOKEN, None, "{}"))["code"], "PARAMETER_ERROR");
}

#[test]
fn a_failure_may_have_any_code_status_and_price() {
    let mut desk = Desk::new();
    let failure = Failure::new("OVER_QUERY_LIMIT", "used up")
        .status(StatusCode::TOO_MANY_REQUESTS)
        .priced(Some(Price::Pay));
    desk.vendor.fail_next(Endpoint::GenerateUrl, 1, failure);
    let reply = desk.post(URL, None, "{}");
    assert_eq!(reply.status(), 429);
    let reply = parse(&reply);
    assert_eq!(verdict(&reply), ("OVER_QUERY_LIMIT", "used up"));
    assert_eq!(reply["pricingStrategy"], "PAY");
    assert_eq!(desk.vendor.ledger().of(Endpoint::GenerateUrl).pay, 1);
    assert_eq!(desk.vendor.journal().entries().last().unwrap().status, 429);
}

#[test]
fn a_lie_about_expiry_changes_the_word_and_not_the_token() {
    let mut desk = Desk::new();
    desk.vendor.behaviour_mut().expired_time_offset_ms = -7_200_000;
    let reply = desk.ask_token(&desk.signed("sampleaccesskey", "samplesecretkey"));
    assert_eq!(reply["data"]["expiredTime"], NOW - 3_600_000);
    let token = text(&reply["data"]["token"]);
    desk.now += 3_599_999;
    assert_eq!(desk.call(URL, &token, &url_body())["code"], "SUCCESS");
    desk.now += 1;
    assert_eq!(desk.call(URL, &token, &url_body())["code"], "IAM_FAILED");
}

#[test]
fn a_lie_about_the_date_changes_the_header_and_not_the_clock() {
    let mut desk = Desk::new();
    desk.vendor.behaviour_mut().date_offset_ms = 600_000;
    let request = desk.signed("sampleaccesskey", "samplesecretkey");
    let reply = desk.post(TOKEN, None, &request.to_string());
    assert_eq!(reply.headers()["date"], "Mon, 17 Oct 2022 08:08:42 GMT");
    assert_eq!(parse(&reply)["data"]["expiredTime"], NOW + 3_600_000);
}

#[test]
fn no_offset_and_no_time_is_too_much() {
    for (now, offset) in [(0, i64::MIN), (u64::MAX, i64::MAX)] {
        let mut config = VendorConfig::default();
        config.behaviour.expired_time_offset_ms = offset;
        config.behaviour.date_offset_ms = offset;
        let mut desk = Desk::with(config);
        desk.now = now;
        let reply = desk.post(TOKEN, None, "{}");
        assert!(reply.headers().contains_key("date"));
        desk.get("/__sandbox/images/x?Expires=99999999999999999999&Signature=x");
    }
}

//! Where the vendor's document contradicts itself, its examples or its siblings: one test a contradiction. Here are
//! those of requests, links and the envelope; those of results are in `quirks_results`, and Q31 (a redirect is no
//! verdict) is in `verdict` and beside `ReturnedUrl`.
//!
//! What cannot be a test of a parser or of a request:
//!
//! - Q30 (get-result may be asked again; how long a signatureId lives is not said) is a matter of polling. Its test
//!   only shows that the request is the same each time.
//! - Q38 (the sample masks its access key, so its length is unknown): its test shows that no length is demanded.
//! - Q42 (curly quotes in prose) concerns no byte on the wire and has no test.

use advance_core::secret::AccessToken;
use advance_core::wire::{CodeClass, PricingStrategy, Replay, build_request};
use advance_core::{
    BaseUrl, Code, Credentials, Endpoint, GenerateToken, GetResult, Period, Region, ReturnUrl, SignatureId,
    UnixMillis, UserId,
};
use serde_json::{Value, json};

use crate::support::{
    Call, EXAMPLES, Read, example, generate_token, generate_url, get_result, link, sent, token,
};

/// A reply with this code and message, and no data.
fn failure(code: &str, message: &str) -> Read {
    let body = json!({ "code": code, "message": message, "data": null, "pricingStrategy": "FREE" });
    Call::GenerateUrl.parse(body.to_string()).unwrap()
}

#[test]
fn q01_timestamp_is_sent_as_a_number() {
    assert_eq!(sent(&generate_token())["timestamp"], json!(1_665_993_522_952_u64));
}

#[test]
fn q02_period_is_sent_as_a_number_within_the_documented_bounds() {
    let asked = generate_token().period(Period::from_secs(86_400).unwrap());
    assert_eq!(sent(&asked)["periodSecond"], json!(86_400));
    assert_eq!(sent(&generate_token()).get("periodSecond"), None);
    assert_eq!(Period::default().as_secs(), 3_600);
}

#[test]
fn q03_one_code_with_three_messages_of_generate_token() {
    let messages: Vec<_> = EXAMPLES
        .iter()
        .filter(|example| example.name.starts_with("generate-token.parameter-error"))
        .map(|example| {
            let read = example.call.parse(example.body).unwrap();
            assert_eq!(read.code, Code::ParameterError);
            read.message.unwrap()
        })
        .collect();
    assert_eq!(
        messages,
        [
            "Parameter should not be empty",
            "Signature error",
            "Timestamp error"
        ]
    );
}

#[test]
fn q04_one_code_with_four_messages_of_generate_url() {
    let shown = EXAMPLES
        .iter()
        .filter(|example| example.name.starts_with("generate-url.parameter-error"))
        .map(|example| example.call.parse(example.body).unwrap());
    let fourth = failure("PARAMETER_ERROR", "Region is wrong");
    let all: Vec<_> = shown.chain([fourth]).collect();
    assert_eq!(all.len(), 4);
    assert!(all.iter().all(|read| read.code.class() == CodeClass::Request));
}

#[test]
fn q05_a_wrong_region_is_the_same_kind_of_failure_under_both_codes() {
    let own = Call::GenerateUrl
        .parse(example("generate-url.region-wrong"))
        .unwrap();
    assert_eq!(own.code, Code::RegionWrong);
    let table = failure("PARAMETER_ERROR", "Region is wrong");
    assert_eq!(own.code.class(), table.code.class());
}

#[test]
fn q06_the_spelling_of_a_message_decides_nothing() {
    for message in [
        "Invalid returnUrl, please check your returnUrl",
        "Invalid returnUrl,please check your returnUrl",
        "Parameter error,please check you input.",
        "Parameter error, please check your request",
    ] {
        let read = failure("PARAMETER_ERROR", message);
        assert_eq!(read.code.class(), CodeClass::Request);
        assert_eq!(read.message.as_deref(), Some(message));
    }
}

#[test]
fn q07_a_trailing_dot_is_kept_and_decides_nothing() {
    for (code, message) in [
        ("SIGNATURE_NOT_EXIST", "This signatureId is not exist."),
        ("SIGNATURE_NOT_EXIST", "This signatureId is not exist"),
        ("ERROR", "Server error."),
        ("ERROR", "Server error"),
    ] {
        let read = failure(code, message);
        assert_eq!(read.code, Code::from(code));
        assert_eq!(read.message.as_deref(), Some(message));
    }
}

#[test]
fn q08_an_empty_parameter_has_two_codes_of_one_class() {
    let own = failure("PARAMETER_ERROR", "Parameter should not be empty");
    let glossary = failure("EMPTY_PARAMETER_ERROR", "Parameter should not be empty");
    assert_eq!(own.code.class(), glossary.code.class());
    assert_eq!(glossary.code, Code::EmptyParameterError);
}

#[test]
fn q09_both_urls_and_the_region_are_always_sent_and_the_user_only_if_given() {
    let body = sent(&generate_url());
    let mut names: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["failReturnUrl", "region", "returnUrl"]);
    let with_user = generate_url().user_id(UserId::new("u-1").unwrap());
    assert_eq!(sent(&with_user)["userId"], "u-1");
}

#[test]
fn q10_an_expired_time_in_the_past_is_no_error() {
    // The link's own JWT was issued two years after this time.
    let link = link(Call::GenerateUrl.success());
    assert_eq!(link.expires_at(), UnixMillis::new(1_642_580_192_430));
    let now = UnixMillis::new(1_708_509_899_000);
    assert!(link.remaining(now).is_zero());
}

#[test]
fn q11_expired_time_is_read_in_milliseconds_and_never_rescaled() {
    for time in [1_642_580_192_430_u64, 1_642_580_192, 0] {
        let read = token(Call::GenerateToken.with("/data/expiredTime", time));
        assert_eq!(read.expired_time, UnixMillis::new(time));
    }
}

#[test]
fn q12_signature_id_and_transaction_id_of_one_text_stay_two_things() {
    let read = Call::GenerateUrl.parse(Call::GenerateUrl.success()).unwrap();
    let link = link(Call::GenerateUrl.success());
    assert_eq!(read.transaction_id.as_deref(), Some(link.signature_id().as_str()));
    // Nothing is derived from the coincidence.
    let apart = Call::GenerateUrl.with("/transactionId", "0000");
    assert_eq!(self::link(&apart).signature_id().as_str(), "ed8b21c0c87ad617");
    assert_eq!(
        Call::GenerateUrl.parse(&apart).unwrap().transaction_id.as_deref(),
        Some("0000")
    );
}

#[test]
fn q13_the_link_is_kept_to_the_letter_and_its_query_is_not_shown() {
    let link = link(Call::GenerateUrl.success());
    assert!(
        link.expose_url()
            .starts_with("https://h5.advance.ai/h5-idv/?token=")
    );
    let shown = format!("{link:?} {link:#?}");
    assert!(shown.contains("https://h5.advance.ai/…"), "{shown}");
    assert!(!shown.contains("token=") && !shown.contains("eyJ"), "{shown}");
}

#[test]
fn q22_what_get_result_costs_is_what_the_reply_says() {
    assert_eq!(GetResult::REPLAY, Replay::MayCharge);
    assert!(!Code::Success.is_documented_free());
    assert!(!Code::SignatureNotExist.is_documented_free());
    let paid = Call::GetResult.parse(Call::GetResult.with("/pricingStrategy", "PAY"));
    assert_eq!(paid.unwrap().pricing, Some(PricingStrategy::Pay));
}

#[test]
fn q23_a_success_of_generate_url_is_free_only_because_the_reply_says_so() {
    let read = Call::GenerateUrl.parse(Call::GenerateUrl.success()).unwrap();
    assert_eq!(read.pricing, Some(PricingStrategy::Free));
    let silent = Call::GenerateUrl.parse(Call::GenerateUrl.without("/pricingStrategy"));
    assert_eq!(silent.unwrap().pricing, None);
}

#[test]
fn q30_the_same_question_is_the_same_request() {
    let ask = || GetResult::new(SignatureId::new("ed8b21c0c87ad617").unwrap()).encode();
    assert_eq!(ask(), ask());
    assert_eq!(ask(), br#"{"signatureId":"ed8b21c0c87ad617"}"#);
}

#[test]
fn q34_extra_of_any_type_is_kept_as_text() {
    for extra in [
        r#""boom""#,
        r#"{"a":[1,2,{"b":null}]}"#,
        "[1]",
        "17",
        "false",
        "1e999",
    ] {
        let body = format!(r#"{{"code":"ERROR","extra":{extra}}}"#);
        assert_eq!(Call::GetResult.parse(body).unwrap().extra.as_deref(), Some(extra));
    }
    assert_eq!(
        Call::GetResult
            .parse(r#"{"code":"ERROR","extra":null}"#)
            .unwrap()
            .extra,
        None
    );
}

#[test]
fn q35_a_status_inside_a_message_is_only_text() {
    let read = Call::GenerateToken
        .parse(example("generate-token.client-error"))
        .unwrap();
    assert_eq!(read.code, Code::ClientError);
    assert_eq!(read.message.as_deref(), Some("HTTP 400 - Bad Request"));
}

#[test]
fn q36_a_disabled_account_has_two_codes_and_neither_is_the_requests_fault() {
    let own = failure("ACCOUNT_DISABLED", "Account Disabled");
    let glossary = failure("IAM_FAILED", "Account is disabled");
    assert_eq!(own.code.class(), CodeClass::Account);
    // Only a fresh token can tell whether it is the account.
    assert_eq!(glossary.code.class(), CodeClass::Auth);
}

#[test]
fn q37_pricing_is_open_and_may_be_missing() {
    let read = Call::GetResult.parse(Call::GetResult.with("/pricingStrategy", "BUNDLE"));
    assert_eq!(read.unwrap().pricing, Some(PricingStrategy::from("BUNDLE")));
    let read = Call::GetResult.parse(Call::GetResult.with("/pricingStrategy", Value::Null));
    assert_eq!(read.unwrap().pricing, None);
}

#[test]
fn q38_no_length_is_demanded_of_a_key() {
    for key in [
        "22b",
        "0123456789abcdef",
        "sampleaccesskey",
        "a-much-longer-key_than.any/sample+shows=",
    ] {
        let credentials = Credentials::new(key, key).unwrap();
        let request = GenerateToken::sign(&credentials, UnixMillis::new(1_665_993_522_952)).unwrap();
        assert_eq!(sent(&request)["accessKey"], key);
    }
}

#[test]
fn q39_header_and_content_type_are_the_documented_ones() {
    let token = AccessToken::new("abc.def.ghi").unwrap();
    let request = build_request(&get_result(), &BaseUrl::default(), Some(&token)).unwrap();
    assert_eq!(request.method(), "POST");
    assert_eq!(request.headers()["X-ACCESS-TOKEN"], "abc.def.ghi");
    assert_eq!(request.headers()["content-type"], "application/json");
}

#[test]
fn q40_the_siblings_rules_hold_for_both_urls() {
    let longest = format!("https://shop.example/{}", "x".repeat(2_048 - 21));
    assert_eq!(ReturnUrl::new(longest.as_str()).unwrap().as_str(), longest);
    assert!(ReturnUrl::new(format!("{longest}x")).is_err());
    assert!(ReturnUrl::new("myapp://verified").is_ok());
}

#[test]
fn q41_a_region_is_three_capitals() {
    assert_eq!(sent(&generate_url())["region"], "IDN");
    for other_notation in ["ID", "VN", "idn", "Indonesia"] {
        assert!(Region::new(other_notation).is_err(), "{other_notation}");
    }
}

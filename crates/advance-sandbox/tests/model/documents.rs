//! Every documented example is produced letter by letter, but for what is new in every reply.

use advance_sandbox::model::{Endpoint, Failure};
use advance_sandbox::{Outcome, VendorConfig};
use serde_json::{Value, json};

use crate::desk::{Desk, NOW, RESULT, TOKEN, URL, body, parse, sign, text, url_body};

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../fixtures/", $name, ".json"))
    };
}

/// The example without the line breaks and blanks between its tokens.
fn minified(example: &str) -> String {
    let mut quoted = false;
    let mut before = ' ';
    let keep = |letter: &char| {
        if *letter == '"' && before != '\\' {
            quoted = !quoted;
        }
        before = *letter;
        quoted || !letter.is_whitespace()
    };
    example.chars().filter(keep).collect()
}

/// Compares texts, not values: order and spelling count. `fresh` names what is new in every reply, as JSON pointers.
fn assert_reply(reply: &str, example: &str, fresh: &[&str]) {
    let (ours, theirs): (Value, Value) = (
        serde_json::from_str(reply).unwrap(),
        serde_json::from_str(example).unwrap(),
    );
    let mut expected = minified(example);
    for pointer in ["/transactionId"].iter().chain(fresh) {
        let (ours, theirs) = (ours.pointer(pointer).unwrap(), theirs.pointer(pointer).unwrap());
        assert!(!ours.is_null());
        expected = expected.replace(&theirs.to_string(), &ours.to_string());
    }
    assert_eq!(reply, expected);
}

#[test]
fn generate_token_succeeds_with_the_documented_vector() {
    let reply = Desk::new().post(
        TOKEN,
        None,
        r#"{"accessKey":"sampleaccesskey","signature":"02209bbeaf0d0a3dd587f6a1ba22f84c98d142e3b545e77db7e4906ca56349f5","timestamp":1665993522952,"periodSecond":120}"#,
    );
    assert_eq!(parse(&reply)["data"]["expiredTime"], NOW + 120_000);
    let fresh = ["/data/token", "/data/expiredTime"];
    assert_reply(body(&reply), fixture!("generate-token.success"), &fresh);
}

#[test]
fn generate_token_fails_as_documented() {
    let mut desk = Desk::new();
    let good = desk.signed("sampleaccesskey", "samplesecretkey");
    let changed = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body.to_string()
    };
    let empty = fixture!("generate-token.parameter-error.parameter-should-not-be-empty");
    let cases = [
        (changed("accessKey", "".into()), empty),
        (changed("signature", Value::Null), empty),
        (changed("timestamp", "".into()), empty),
        ("{}".to_owned(), empty),
        (
            changed("timestamp", 1.into()),
            fixture!("generate-token.parameter-error.timestamp-error"),
        ),
        (
            changed("signature", "00".into()),
            fixture!("generate-token.parameter-error.signature-error"),
        ),
        ("not json".to_owned(), fixture!("generate-token.client-error")),
    ];
    for (request, example) in cases {
        let reply = desk.post(TOKEN, None, &request);
        assert_eq!(reply.status(), 200);
        assert_reply(body(&reply), example, &[]);
    }
    assert!(desk.vendor.set_account_enabled("sampleaccesskey", false));
    let reply = desk.post(TOKEN, None, &good.to_string());
    assert_reply(body(&reply), fixture!("generate-token.account-disabled"), &[]);
}

#[test]
fn generate_url_succeeds_as_documented() {
    let mut desk = Desk::new();
    let token = desk.token();
    let reply = desk.post(URL, Some(&token), &url_body().to_string());
    let data = &parse(&reply)["data"];
    let (url, id) = (text(&data["url"]), text(&data["signatureId"]));
    let (page, query) = url.split_once('?').unwrap();
    assert_eq!(page, "http://127.0.0.1/h5-idv/");
    assert!(query.starts_with("token=eyJhbGciOiJIUzUxMiJ9."), "{query}");
    assert!(query.ends_with(&format!("&signatureId={id}")), "{query}");
    assert_eq!(data["expiredTime"], NOW + 3_600_000);
    // The example has one id in two places, and its transactionId is replaced first.
    let example = fixture!("generate-url.success").replacen("ed8b21c0c87ad617", "f302f5d2454a85c2", 1);
    let fresh = ["/data/url", "/data/signatureId", "/data/expiredTime"];
    assert_reply(body(&reply), &example, &fresh);
}

#[test]
fn generate_url_fails_as_documented() {
    let mut desk = Desk::new();
    let token = desk.token();
    let empty = fixture!("generate-url.parameter-error.parameter-should-not-be-empty");
    let bad_url = fixture!("generate-url.parameter-error.invalid-returnurl-please-check-your-returnurl");
    let bad_type = fixture!("generate-url.parameter-error.parameter-error-please-check-you-input");
    for (name, value, example) in [
        ("returnUrl", json!(""), empty),
        ("failReturnUrl", json!(null), empty),
        ("region", json!(""), empty),
        ("returnUrl", json!("javascript://x"), bad_url),
        ("failReturnUrl", json!("/fail"), bad_url),
        ("region", json!("ID"), fixture!("generate-url.region-wrong")),
        ("region", json!("idn"), fixture!("generate-url.region-wrong")),
        ("region", json!(5), bad_type),
        ("returnUrl", json!(["https://x"]), bad_type),
        ("userId", json!(8), bad_type),
    ] {
        let mut request = url_body();
        request[name] = value;
        let reply = desk.post(URL, Some(&token), &request.to_string());
        assert_eq!(reply.status(), 200);
        assert_reply(body(&reply), example, &[]);
    }
    desk.vendor.fail_next(Endpoint::GenerateUrl, 1, Failure::error());
    let reply = desk.post(URL, Some(&token), &url_body().to_string());
    assert_reply(body(&reply), fixture!("generate-url.error"), &[]);
}

#[test]
fn get_result_succeeds_as_documented() {
    let mut desk = Desk::new();
    let token = desk.token();
    let id = text(&desk.begin(&token, "")["signatureId"]);
    assert!(desk.vendor.finish(&id, Outcome::Sample));
    let reply = desk.post(RESULT, Some(&token), &json!({"signatureId": id}).to_string());
    assert_reply(
        body(&reply),
        fixture!("get-result.success"),
        &["/data/image", "/data/croppedImage"],
    );
}

#[test]
fn get_result_fails_as_documented() {
    let mut desk = Desk::new();
    let token = desk.token();
    let request = r#"{"signatureId":"f302f5d2454a85c2"}"#;
    let reply = desk.post(RESULT, Some(&token), request);
    assert_reply(body(&reply), fixture!("get-result.signature-not-exist"), &[]);
    desk.vendor.fail_next(Endpoint::GetResult, 1, Failure::error());
    let reply = desk.post(RESULT, Some(&token), request);
    assert_reply(body(&reply), fixture!("get-result.error"), &[]);
}

#[test]
fn the_documented_curl_commands_work_below_a_prefix_too() {
    let mut config = VendorConfig::default();
    config.path_prefix = "/gateway".to_owned();
    let mut desk = Desk::with(config);
    let request = json!({
        "accessKey": "sampleaccesskey",
        "timestamp": NOW.to_string(),
        "signature": sign("sampleaccesskey", "samplesecretkey", &NOW.to_string()),
    })
    .to_string();
    let reply = parse(&desk.post(&format!("/gateway{TOKEN}"), None, &request));
    assert_eq!(reply["code"], "SUCCESS");
    let reply = parse(&desk.post(TOKEN, None, &request));
    assert_eq!(reply["message"], "HTTP 404 - Not Found");
}

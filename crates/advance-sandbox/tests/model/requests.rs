//! What is no call at all, and what every reply has.

use advance_sandbox::VendorConfig;
use advance_sandbox::model::{Endpoint, MAX_BODY};
use http::Request;

use crate::desk::{Desk, RESULT, TOKEN, URL, parse, verdict};

fn client_error(message: &str) -> (&str, &str) {
    ("CLIENT_ERROR", message)
}

#[test]
fn other_paths_do_not_exist() {
    let mut desk = Desk::new();
    for path in [
        "/openapi",
        &format!("{TOKEN}/"),
        &TOKEN.to_uppercase(),
        "/__sandbox",
        "/h5-idv",
    ] {
        let reply = desk.post(path, None, "{}");
        assert_eq!(reply.status(), 200, "{path}");
        assert_eq!(
            verdict(&parse(&reply)),
            client_error("HTTP 404 - Not Found"),
            "{path}"
        );
    }
}

#[test]
fn only_post_is_allowed() {
    let mut desk = Desk::new();
    for path in [TOKEN, URL, RESULT] {
        for method in ["GET", "PUT", "DELETE", "OPTIONS", "HEAD", "STRANGE"] {
            let request = Request::builder()
                .method(method)
                .uri(path)
                .body(Vec::new())
                .unwrap();
            let reply = parse(&desk.handle(&request));
            assert_eq!(verdict(&reply), client_error("HTTP 405 - Method Not Allowed"));
        }
    }
    assert_eq!(desk.vendor.token_requests(), 0);
}

#[test]
fn only_json_is_read() {
    let mut desk = Desk::new();
    let body = desk
        .signed("sampleaccesskey", "samplesecretkey")
        .to_string()
        .into_bytes();
    for (media_type, code) in [
        (Some("application/json"), "SUCCESS"),
        (Some("application/json;charset=UTF-8"), "SUCCESS"),
        (Some("Application/JSON ; charset=utf-8"), "SUCCESS"),
        (Some("application/jsonx"), "CLIENT_ERROR"),
        (Some("application/x-www-form-urlencoded"), "CLIENT_ERROR"),
        (Some("text/plain; application/json"), "CLIENT_ERROR"),
        (None, "CLIENT_ERROR"),
    ] {
        let mut request = Request::post(TOKEN);
        if let Some(media_type) = media_type {
            request = request.header("content-type", media_type);
        }
        let reply = parse(&desk.handle(&request.body(body.clone()).unwrap()));
        assert_eq!(reply["code"], code, "{media_type:?}");
    }
}

#[test]
fn a_body_has_at_most_a_mebibyte() {
    let mut desk = Desk::new();
    let request = desk.signed("sampleaccesskey", "samplesecretkey").to_string();
    let padded = |length: usize| format!("{request}{}", " ".repeat(length - request.len()));
    let reply = parse(&desk.post(TOKEN, None, &padded(MAX_BODY)));
    assert_eq!(reply["code"], "SUCCESS");
    let reply = parse(&desk.post(TOKEN, None, &padded(MAX_BODY + 1)));
    assert_eq!(verdict(&reply), client_error("HTTP 413 - Payload Too Large"));
}

#[test]
fn what_is_no_json_object_is_a_bad_request() {
    let mut desk = Desk::new();
    let token = desk.token();
    let deep = "[".repeat(100_000);
    for path in [TOKEN, URL, RESULT] {
        for body in ["", "[]", "null", "{", "{\"a\":1}x", &deep] {
            let reply = parse(&desk.post(path, Some(&token), body));
            assert_eq!(verdict(&reply), client_error("HTTP 400 - Bad Request"));
        }
    }
}

#[test]
fn a_signature_id_has_to_be_a_string_with_something_in_it() {
    let mut desk = Desk::new();
    let token = desk.token();
    for (body, message) in [
        ("{}", "Parameter should not be empty"),
        (r#"{"signatureId":null}"#, "Parameter should not be empty"),
        (r#"{"signatureId":""}"#, "Parameter should not be empty"),
        (r#"{"signatureId":7}"#, "Parameter error,please check you input."),
    ] {
        let reply = parse(&desk.post(RESULT, Some(&token), body));
        assert_eq!(verdict(&reply), ("PARAMETER_ERROR", message), "{body}");
    }
}

#[test]
fn every_envelope_has_six_keys_an_id_of_its_own_and_a_date() {
    let mut desk = Desk::new();
    let token = desk.token();
    let mut ids = std::collections::BTreeSet::new();
    for (path, body) in [
        (TOKEN, "{}"),
        (URL, "{}"),
        (RESULT, "{}"),
        ("/x", "{}"),
        (TOKEN, ""),
    ] {
        let reply = desk.post(path, Some(&token), body);
        assert_eq!(reply.headers()["content-type"], "application/json");
        assert_eq!(reply.headers()["date"], "Mon, 17 Oct 2022 07:58:42 GMT");
        let reply = parse(&reply);
        let keys: Vec<_> = reply.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            keys,
            [
                "code",
                "data",
                "extra",
                "message",
                "pricingStrategy",
                "transactionId"
            ]
        );
        assert_eq!(reply["pricingStrategy"], "FREE");
        let id = reply["transactionId"].as_str().unwrap().to_owned();
        assert!(
            id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{id}"
        );
        assert!(ids.insert(id));
    }
}

#[test]
fn the_same_seed_and_times_give_the_same_bytes() {
    let run = |seed| {
        let mut desk = Desk::with(VendorConfig::seeded(seed));
        let token = desk.token();
        let data = desk.begin(&token, "sbx-ok").to_string();
        desk.now += 1;
        let id = serde_json::from_str::<serde_json::Value>(&data).unwrap()["signatureId"].clone();
        let result = desk.poll(&token, id.as_str().unwrap()).to_string();
        (token, data, result)
    };
    assert_eq!(run(1), run(1));
    let (one, two) = (run(1), run(2));
    assert!(one.0 != two.0 && one.1 != two.1 && one.2 != two.2);
}

#[test]
fn endpoints_say_their_paths() {
    assert_eq!(Endpoint::GenerateToken.path(), TOKEN);
    assert_eq!(Endpoint::GenerateUrl.path(), URL);
    assert_eq!(Endpoint::GetResult.path(), RESULT);
}

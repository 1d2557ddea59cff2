//! Every request is answered, hostile ones too.

use http::{HeaderValue, Method, Request};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::desk::{Desk, RESULT, TOKEN, URL, parse};

const PATHS: &[&str] = &[
    TOKEN,
    URL,
    RESULT,
    "/nowhere",
    "/",
    "/s/x",
    "/h5-idv/",
    "/h5-idv/page.css",
    "/__sandbox/journal",
    "/__sandbox/journal/1",
    "/__sandbox/clock",
    "/__sandbox/stubs",
    "/__sandbox/verifications",
    "/__sandbox/health",
    "/__sandbox/faults",
    "/__sandbox/verifications/x",
    "/__sandbox/images/x_v1_front_SCAN.png",
    "/__sandbox/images/",
    "/__sandbox/",
];
const NAMES: [&str; 9] = [
    "accessKey",
    "signature",
    "timestamp",
    "periodSecond",
    "signatureId",
    "returnUrl",
    "failReturnUrl",
    "region",
    "userId",
];

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<f64>().prop_map(|number| serde_json::Value::from(number).to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<String>().prop_map(|text| serde_json::Value::from(text).to_string()),
        select(
            &[
                "null",
                "true",
                "[]",
                "{}",
                "\"\"",
                "\"IDN\"",
                "\"https://x\"",
                "\"sampleaccesskey\""
            ][..]
        )
        .prop_map(str::to_owned),
    ]
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..200),
        vec((select(&NAMES[..]), value()), 0..9).prop_map(|members| {
            let members: Vec<_> = members
                .iter()
                .map(|(name, value)| format!("\"{name}\":{value}"))
                .collect();
            format!("{{{}}}", members.join(",")).into_bytes()
        }),
        "(token|signatureId|outcome|=|&|%[0-9a-fA-F]?|x){0,20}".prop_map(String::into_bytes),
    ]
}

proptest! {
    #[test]
    fn there_is_an_answer(
        path in select(PATHS),
        query in "[!-~&&[^#]]{0,60}|(Expires|Signature|token|signatureId|=|&|%[0-9a-fA-F]?|9){0,20}",
        method in select(&[Method::GET, Method::POST, Method::DELETE][..]),
        json in any::<bool>(),
        header in vec(0x20..=0x7e_u8, 0..40),
        good_token in any::<bool>(),
        body in body(),
        now in prop_oneof![any::<u64>(), 0..9_999_999_999_999_u64],
    ) {
        let mut desk = Desk::new();
        desk.now = now;
        let uri = format!("{path}?{query}");
        prop_assume!(uri.parse::<http::Uri>().is_ok());
        let token =
            if good_token { HeaderValue::try_from(desk.token_or_none()) } else { HeaderValue::from_bytes(&header) };
        let request = Request::builder()
            .method(method)
            .uri(uri)
            .header("content-type", if json { "application/json" } else { "x" })
            .header("X-ACCESS-TOKEN", token.unwrap())
            .body(body)
            .unwrap();
        let reply = desk.handle(&request);
        prop_assert!(reply.headers().contains_key("date"));
        if [TOKEN, URL, RESULT, "/nowhere"].contains(&path) {
            prop_assert_eq!(reply.status(), 200);
            prop_assert_eq!(parse(&reply).as_object().unwrap().len(), 6);
        } else {
            prop_assert!(!reply.status().is_server_error());
        }
        prop_assert!(desk.vendor.journal().total() <= 2);
    }
}

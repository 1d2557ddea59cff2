//! `inspect` finds replies and requests wherever they are.

use std::io::Write as _;

use serde_json::{Value, json};

use crate::support::{Ran, SandboxProcess, advance, link, run, run_with_input, with_keys};

const REPLY: &str = r#"{"code":"SERVICE_BUSY","message":"busy","data":null,"extra":null,"transactionId":"t-1","pricingStrategy":"FREE"}"#;
const RESULT: &str = include_str!("../../../advance-core/fixtures/get-result.success.json");

fn inspect(bytes: &[u8], extra: &[&str]) -> Ran {
    run_with_input(&mut advance(&[&["inspect", "-"], extra].concat()), bytes)
}

fn documents(bytes: &[u8]) -> Vec<Value> {
    let told = inspect(bytes, &["--json"]).succeeded().json();
    told["documents"].as_array().unwrap().clone()
}

/// The one reply in it.
#[track_caller]
fn one(bytes: &[u8]) -> Value {
    let documents = documents(bytes);
    assert_eq!(documents.len(), 1, "{documents:#?}");
    documents[0].clone()
}

#[test]
fn in_whatever_encoding() {
    let utf16: Vec<u8> = RESULT.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(RESULT.as_bytes()).unwrap();
    for bytes in [
        [b"\xff\xfe", &utf16[..]].concat(),
        utf16.clone(),
        [
            b"\xfe\xff".to_vec(),
            RESULT.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        ]
        .concat(),
        [b"\xef\xbb\xbf", RESULT.as_bytes()].concat(),
        gzip.finish().unwrap(),
    ] {
        let found = one(&bytes);
        assert_eq!(
            (&found["endpoint"], &found["verdict"]["outcome"]),
            (&json!("get-result"), &json!("needs_review"))
        );
    }
}

#[test]
fn in_the_output_of_tools() {
    let head = "HTTP/1.1 503 Service Unavailable\r\nDate: Thu, 26 Nov 2026 12:00:00 GMT\r\nRetry-After: 30.5\r\nContent-Type: application/json\r\n\r\n";
    let curl_i = format!("HTTP/1.1 100 Continue\r\n\r\n{head}{REPLY}");
    let curl_v = format!(
        "*   Trying 192.0.2.1:443...\n> POST /intl/openapi/face-identity/h5-idv/v1/get-result HTTP/1.1\n> Host: api.advance.ai\n> X-ACCESS-TOKEN: abc\n> \n< {}< \n{REPLY}\n* Connection #0 to host api.advance.ai left intact\n",
        head.trim_end().replace("\r\n", "\n< ") + "\n"
    );
    let har = json!({"log": {"version": "1.2", "entries": [{
        "request": {"method": "POST", "url": "https://api.advance.ai/intl/openapi/face-identity/h5-idv/v1/get-result", "headers": []},
        "response": {"status": 503, "headers": [{"name": "Retry-After", "value": "30.5"}], "content": {"text": REPLY}},
    }]}})
    .to_string();
    for (text, call) in [(curl_i, false), (curl_v, true), (har, true)] {
        let found = one(text.as_bytes());
        assert_eq!(
            (&found["code"], &found["httpStatus"], &found["retryAfter"]),
            (&json!("SERVICE_BUSY"), &json!(503), &json!("30.5")),
            "{text}"
        );
        assert_eq!(found["endpoint"] == "get-result", call, "{text}");
    }
}

#[test]
fn in_logs_and_strings() {
    let escaped = serde_json::to_string(REPLY).unwrap();
    for text in [
        format!("2026-11-26T12:00:00Z INFO vendor replied {REPLY} in 30 ms\n"),
        format!("2026-11-26T12:00:00Z body={escaped} took=30\n"),
        escaped.clone(),
        serde_json::to_string(&escaped).unwrap(),
        json!({"level": "info", "msg": "reply", "body": REPLY}).to_string(),
        json!({"level": "info", "reply": serde_json::from_str::<Value>(REPLY).unwrap()}).to_string(),
        format!("[{REPLY}]"),
        format!("{{ not json\n{REPLY}\n"),
    ] {
        assert_eq!(one(text.as_bytes())["transactionId"], "t-1", "{text}");
    }
}

#[test]
fn several_in_a_file() {
    for text in [
        format!("{REPLY}\n{RESULT}"),
        format!("{REPLY}{}", RESULT.trim()),
        format!("[{REPLY},{RESULT}]"),
    ] {
        let found = documents(text.as_bytes());
        assert_eq!(
            (&found[0]["code"], &found[1]["code"]),
            (&json!("SERVICE_BUSY"), &json!("SUCCESS")),
            "{text}"
        );
    }
    let text = inspect(format!("{REPLY}\n{RESULT}").as_bytes(), &[])
        .succeeded()
        .stdout;
    assert!(
        text.starts_with("1 of 2 (value 1)\n") && text.contains("\n2 of 2 (value 2)\n"),
        "{text}"
    );
    let broken = r#"{"code":"SUCCESS","data":{"idvCode":7}}"#;
    let ran = inspect(format!("{REPLY}\n{broken}").as_bytes(), &[]);
    assert_eq!(ran.exit, 1);
    assert!(
        ran.stderr.starts_with("error: 1 of 2 do not fit"),
        "{}",
        ran.stderr
    );
    assert!(ran.stdout.contains("data.idvCode"), "{}", ran.stdout);
}

#[test]
fn our_own_output() {
    let sandbox = SandboxProcess::start(&[]);
    let id = link(&sandbox, "sbx-forged");
    let call = |args: &[&str]| run(with_keys(args).env("ADVANCE_BASE_URL", &sandbox.base_url)).stdout;
    for (args, endpoint) in [
        (&["wait", &id, "--json"][..], "get-result"),
        (&["result", &id, "--json"], "get-result"),
        (&["link", "--json"], "generate-url"),
        (&["token", "--json"], "generate-token"),
    ] {
        let found = one(call(args).as_bytes());
        assert_eq!(
            (&found["endpoint"], &found["code"]),
            (&json!(endpoint), &json!("SUCCESS"))
        );
    }
    let found = one(call(&["result", &id, "--json"]).as_bytes());
    assert_eq!(found["verdict"]["outcome"], "failed");
    let failed = one(call(&["token", "--base-url", "http://127.0.0.1:1", "--json"]).as_bytes());
    assert_eq!(
        (&failed["what"], &failed["failure"]["kind"]),
        (&json!("failure"), &json!("transport"))
    );
}

#[test]
fn replies_of_siblings_and_of_another_call() {
    let sibling = r#"{"code":"SUCCESS","message":"OK","data":{"livenessScore":98.1,"status":"DONE"},"transactionId":"t-9","pricingStrategy":"PAY"}"#;
    let found = one(sibling.as_bytes());
    assert_eq!(
        (&found["endpoint"], &found["charge"]),
        (&Value::Null, &json!("PAY"))
    );
    assert_eq!(found["dataMembers"], json!(["livenessScore", "status"]));
    // Said to be a result, it is none.
    let token = r#"{"code":"SUCCESS","pricingStrategy":"PAY","data":{"token":"abc.def.ghi","expiredTime":1790003600000}}"#;
    inspect(token.as_bytes(), &["--as", "get-result"]).failed(1);
    let found = one(token.as_bytes());
    assert_eq!(
        (&found["endpoint"], &found["expired"]),
        (&json!("generate-token"), &json!(true))
    );
}

/// The checks of a request.
fn checks(body: &str) -> String {
    let mut command = with_keys(&["inspect", "-", "--json"]);
    let ran = run_with_input(&mut command, body.as_bytes());
    let told = ran.document();
    assert_eq!(told["what"], "request", "{told}");
    let checks = told["checks"].to_string();
    // A script hears by the exit status that the vendor would refuse it.
    let refused = checks.contains(r#""state":"failure""#);
    assert_eq!(ran.exit, i32::from(refused), "{checks}");
    assert_eq!(ran.json()["error"]["kind"] == "request", refused, "{checks}");
    checks
}

#[test]
fn requests_and_what_is_wrong_with_them() {
    const RIGHT: &str = "02209bbeaf0d0a3dd587f6a1ba22f84c98d142e3b545e77db7e4906ca56349f5";
    let token = |signature: &str, timestamp: Value| {
        json!({"accessKey": "sampleaccesskey", "signature": signature, "timestamp": timestamp}).to_string()
    };
    assert!(checks(&token(RIGHT, json!(1_665_993_522_952_u64))).contains("the signature is right"));
    assert!(checks(&token(RIGHT, json!("1665993522952"))).contains("the signature is right"));
    assert!(checks(&token(&RIGHT.to_uppercase(), json!(1_665_993_522_952_u64))).contains("capital letters"));
    assert!(checks(&token(RIGHT, json!(1_665_993_522_u64))).contains("in seconds"));
    assert!(checks(&token(RIGHT, json!(1_665_993_522_950_u64))).contains("by 2 ms"));
    let url = checks(r#"{"returnUrl":"javascript://h1dden","region":"idn","userId":""}"#);
    for expected in [
        "returnUrl must not use the schemes",
        "failReturnUrl is missing",
        "region must be three capital letters",
        "userId must not be empty",
    ] {
        assert!(url.contains(expected), "{url}");
    }
    assert!(!url.contains("h1dden"), "{url}");
    assert!(checks(r#"{"signatureId":"f302f5d2454a85c2"}"#).contains("keeps the rules"));
    // With its head.
    let head = "POST /intl/openapi/face-identity/h5-idv/v1/get-result HTTP/1.1\r\nHost: api.advance.ai\r\nContent-Type: text/plain\r\n\r\n";
    let said = checks(&format!("{head}{{\"signatureId\":\"f302f5d2454a85c2\"}}"));
    assert!(
        said.contains("Content-Type must be application/json") && said.contains("X-ACCESS-TOKEN is missing"),
        "{said}"
    );
}

#[test]
fn a_signature_can_be_checked_by_hand() {
    let check = |signature: &str| {
        run(&mut with_keys(&[
            "sign",
            "--timestamp",
            "1665993522952",
            "--check",
            signature,
        ]))
    };
    assert_eq!(
        check("02209bbeaf0d0a3dd587f6a1ba22f84c98d142e3b545e77db7e4906ca56349f5")
            .succeeded()
            .stdout,
        "the signature is right\n"
    );
    assert!(check("abc").failed(1).stderr.contains("3 characters"));
}

#[test]
fn a_hostile_file_ends_in_time() {
    for text in [
        "{\"".repeat(20_000),
        "[".repeat(100_000),
        "\"{".repeat(50_000),
        format!("{{\"a\":{}", "{\"a\":".repeat(20_000)),
    ] {
        let begun = std::time::Instant::now();
        inspect(text.as_bytes(), &[]).failed(1);
        assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    }
}

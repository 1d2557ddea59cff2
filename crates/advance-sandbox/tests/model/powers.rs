//! What the sandbox can do beyond the three calls: changes of an outcome, stubs, snapshots, strictness, explanations.

use advance_sandbox::model::{Endpoint, Stub};
use advance_sandbox::{Ending, Outcome, Ready, UnixMs};
use http::{Method, Request, Response};
use serde_json::{Value, json};

use crate::desk::{Desk, NOW, RESULT, TOKEN, URL, body, parse, sign, text, url_body, verdict};

fn control(desk: &mut Desk, path: &str, request: &str) -> Response<Vec<u8>> {
    desk.post(&format!("/__sandbox/{path}"), None, request)
}

#[test]
fn data_is_delivered_byte_by_byte() {
    let mut desk = Desk::new();
    let token = desk.token();
    let id = text(&desk.begin(&token, "someone")["signatureId"]);
    let data = r#"{"z":1,"a":12345678901234567890123,"amp":"b\u0026w","z":2}"#;
    let done = control(
        &mut desk,
        &format!("verifications/{id}"),
        &format!(r#"{{"data":{data}}}"#),
    );
    assert_eq!(done.status(), 200, "{}", body(&done));
    let reply = desk.post(RESULT, Some(&token), &json!({"signatureId": id}).to_string());
    assert!(
        body(&reply).contains(&format!(r#""data":{data},"#)),
        "{}",
        body(&reply)
    );
    control(
        &mut desk,
        &format!("verifications/{id}"),
        r#"{"data":null,"again":true}"#,
    );
    assert_eq!(desk.poll(&token, &id)["data"], Value::Null);
}

#[test]
fn an_outcome_can_be_changed_and_come_later() {
    let mut desk = Desk::new();
    let token = desk.token();
    let id = text(&desk.begin(&token, "someone")["signatureId"]);
    let request =
        r#"{"outcome":"ok","override":{"imageType":"MANUAL","ocrResult":{"name":null}},"afterMs":1000}"#;
    assert_eq!(
        control(&mut desk, &format!("verifications/{id}"), request).status(),
        200
    );
    assert_eq!(desk.poll(&token, &id)["data"]["idvCode"], Value::Null);
    desk.now += 1000;
    let data = desk.poll(&token, &id)["data"].clone();
    assert_eq!(
        (&data["imageType"], &data["ocrResult"]["name"]),
        (&json!("MANUAL"), &Value::Null)
    );
    assert_eq!(data["ocrResult"]["religion"], "ISLAM", "the rest is as it was");
    desk.vendor.finish_when(&id, Outcome::Blur, Ready::Never);
    assert_eq!(desk.poll(&token, &id)["data"]["idvCode"], Value::Null);
    let exact = serde_json::value::RawValue::from_string("[]".to_owned()).unwrap();
    desk.vendor
        .finish_when(&id, Ending::exactly(exact), Ready::At(UnixMs(desk.now)));
    assert_eq!(desk.poll(&token, &id)["data"], json!([]));
}

#[test]
fn every_outcome_gives_the_data_that_its_help_says() {
    for outcome in Outcome::ALL {
        let mut desk = Desk::new();
        let token = desk.token();
        let id = text(&desk.begin(&token, &format!("sbx-{}", outcome.name()))["signatureId"]);
        let reply = desk.poll(&token, &id);
        assert_eq!(reply["code"], "SUCCESS");
        let data = &reply["data"];
        match outcome {
            Outcome::NullData => assert_eq!(data, &Value::Null),
            Outcome::AbsentFields => {
                assert!(data.get("croppedImage").is_none() && data["ocrResult"].get("bloodType").is_none());
            }
            Outcome::NullStrings => assert_eq!(data["ocrResult"]["birthday"], "null"),
            Outcome::Manual => assert_eq!(data["imageType"], "MANUAL"),
            _ => assert_eq!(data.as_object().unwrap().len(), 7, "{outcome:?}"),
        }
        for code in ["idvCode", "ocrCode"] {
            if let Some(code) = data[code].as_str() {
                let said = outcome.help().contains(code)
                    || outcome.help().starts_with("As `ok`")
                    || code == "SUCCESS";
                assert!(said, "{outcome:?} {code}");
            }
        }
    }
}

#[test]
fn scenarios_of_an_account_do_what_they_say() {
    for (key, codes) in [
        (
            "sbx-out-of-balance",
            ["INSUFFICIENT_BALANCE", "INSUFFICIENT_BALANCE"],
        ),
        ("sbx-account-disabled-inside", ["IAM_FAILED", "IAM_FAILED"]),
        ("sbx-country-denied", ["IAM_FAILED", "SIGNATURE_NOT_EXIST"]),
        ("sbx-busy-10s", ["SUCCESS", "SERVICE_BUSY"]),
        ("sbx-token-rejected-every-2", ["SUCCESS", "IAM_FAILED"]),
        ("sbx-bad-node-1", ["IAM_FAILED", "IAM_FAILED"]),
        ("sbx-token-late-0", ["SUCCESS", "SIGNATURE_NOT_EXIST"]),
    ] {
        let mut desk = Desk::new();
        let request = desk.signed(key, "samplesecretkey");
        let token = text(&desk.ask_token(&request)["data"]["token"]);
        let seen = [desk.call(URL, &token, &url_body()), desk.poll(&token, "x")];
        assert_eq!(seen.each_ref().map(|reply| text(&reply["code"])), codes, "{key}");
    }
    let mut desk = Desk::new();
    let refused = desk.ask_token(&desk.signed("sbx-account-disabled", "samplesecretkey"));
    assert_eq!(verdict(&refused), ("ACCOUNT_DISABLED", "Account Disabled"));
    let unknown = desk.ask_token(&desk.signed("sbx-nope", "samplesecretkey"));
    assert!(text(&unknown["message"]).contains("sbx-token-late-TIME"));
    let wrong = desk.ask_token(&desk.signed("sbx-out-of-balance", "another"));
    assert_eq!(wrong["message"], "Signature error");
    let token = text(&desk.ask_token(&desk.signed("sbx-table-spelling", "samplesecretkey"))["data"]["token"]);
    assert_eq!(
        desk.poll(&token, "x")["message"],
        "This signatureId is not exist."
    );
}

#[test]
fn scenarios_of_a_person_do_what_they_say() {
    let mut desk = Desk::new();
    let token = desk.token();
    let begin = |user_id: &str, desk: &mut Desk| text(&desk.begin(&token, user_id)["signatureId"]);
    let busy = begin("sbx-result-busy-30.5", &mut desk);
    let request = json!({"signatureId": busy}).to_string();
    for _ in 0..2 {
        let reply = desk.post(RESULT, Some(&token), &request);
        assert_eq!(reply.headers()["retry-after"], "30.5");
        assert_eq!(parse(&reply)["code"], "SERVICE_BUSY");
    }
    assert_eq!(desk.poll(&token, &busy)["data"]["idvCode"], "SUCCESS");
    let after = begin("sbx-after-90s", &mut desk);
    desk.now += 89_999;
    assert_eq!(desk.poll(&token, &after)["data"]["idvCode"], Value::Null);
    desk.now += 1;
    assert_eq!(desk.poll(&token, &after)["data"]["idvCode"], "SUCCESS");
    let extra = begin("sbx-extra", &mut desk);
    assert!(desk.poll(&token, &extra)["extra"].is_object());
    let nameless = begin("sbx-no-transaction-id", &mut desk);
    assert!(desk.poll(&token, &nameless).get("transactionId").is_none());
    let expired = desk.begin(&token, "sbx-link-expired");
    assert_eq!(desk.get(&text(&expired["url"])).status(), 410);
    let mut body = url_body();
    body["userId"] = "sbx-nope".into();
    let refused = desk.call(URL, &token, &body);
    assert_eq!(refused["code"], "PARAMETER_ERROR");
    assert!(text(&refused["message"]).contains(" sbx-pending-N "));
}

#[test]
fn a_stub_is_a_call_like_the_others() {
    let mut desk = Desk::new();
    let stub =
        r#"{"method":"GET","path":"/openapi/other/v1/check","data":{"b":1,"a":2},"price":"PAY","times":2}"#;
    assert_eq!(control(&mut desk, "stubs", stub).status(), 200);
    let get = |token: &str| {
        let request = Request::get("/openapi/other/v1/check").header("x-access-token", token);
        request.body(Vec::new()).unwrap()
    };
    let refused = desk.handle(&get("x"));
    assert_eq!(parse(&refused)["message"], "Token not found or expired");
    let token = desk.token();
    let reply = desk.handle(&get(&token));
    assert!(
        body(&reply).contains(r#""data":{"b":1,"a":2}"#),
        "{}",
        body(&reply)
    );
    let reply = parse(&reply);
    assert_eq!(
        (&reply["pricingStrategy"], &reply["extra"]),
        (&json!("PAY"), &Value::Null)
    );
    assert_eq!(desk.vendor.ledger().total().pay, 1);
    assert_eq!(
        desk.vendor.journal().entries().last().unwrap().path,
        "/openapi/other/v1/check"
    );
    assert_eq!(
        parse(&desk.post("/openapi/other/v1/check", Some(&token), "{}"))["message"],
        "HTTP 405 - Method Not Allowed"
    );
    desk.handle(&get(&token));
    assert_eq!(
        parse(&desk.handle(&get(&token)))["message"],
        "HTTP 404 - Not Found",
        "it is used up"
    );

    desk.vendor.stub(
        Stub::post("/x")
            .code("OVER_QUERY_LIMIT", "used up")
            .open()
            .method(Method::PUT),
    );
    let put = Request::put("/x")
        .body(b"multipart, or anything".to_vec())
        .unwrap();
    assert_eq!(
        verdict(&parse(&desk.handle(&put))),
        ("OVER_QUERY_LIMIT", "used up")
    );
    for wrong in [
        r#"{"path":"x"}"#,
        r#"{"path":"/__sandbox/reset"}"#,
        r#"{"path":"/x","price":"CHEAP"}"#,
    ] {
        assert_eq!(control(&mut desk, "stubs", wrong).status(), 400, "{wrong}");
    }
}

#[test]
fn a_snapshot_brings_back_everything_and_ids_go_on_from_there() {
    let mut desk = Desk::new();
    let token = desk.token();
    let id = text(&desk.begin(&token, "someone")["signatureId"]);
    assert_eq!(control(&mut desk, "restore", "{}").status(), 409);
    assert_eq!(control(&mut desk, "snapshot", "{}").status(), 200);
    let later = desk.begin(&token, "sbx-ok");
    desk.vendor.finish(&id, Outcome::Ok);
    control(&mut desk, "clock", r#"{"advanceMs":90000000}"#);
    for _ in 0..2 {
        assert_eq!(control(&mut desk, "restore", "{}").status(), 200);
        assert_eq!(desk.poll(&token, &id)["data"]["idvCode"], Value::Null);
    }
    control(&mut desk, "restore", "{}");
    assert_eq!(
        desk.begin(&token, "sbx-ok"),
        later,
        "the same ids at the same time"
    );
}

#[test]
fn the_clock_is_moved_over_http() {
    let mut desk = Desk::new();
    let reply = parse(&control(
        &mut desk,
        "clock",
        r#"{"freeze":true,"nowMs":1000,"advanceMs":500}"#,
    ));
    assert_eq!((&reply["nowMs"], &reply["frozen"]), (&json!(1500), &json!(true)));
    desk.now += 60_000;
    let shown = desk.get("/__sandbox/clock");
    assert_eq!(parse(&shown)["nowMs"], 1500);
    assert_eq!(shown.headers()["date"], "Thu, 01 Jan 1970 00:00:01 GMT");
    control(&mut desk, "clock", r#"{"freeze":false,"speed":60}"#);
    desk.now += 1000;
    assert_eq!(parse(&desk.get("/__sandbox/clock"))["nowMs"], 61_500);
    for wrong in [
        r#"{"speed":0}"#,
        r#"{"speed":-1,"advanceMs":5}"#,
        r#"{"nowMs":-1}"#,
        r#"{"now":1}"#,
        "[]",
    ] {
        assert_eq!(control(&mut desk, "clock", wrong).status(), 400, "{wrong}");
    }
    assert_eq!(
        parse(&desk.get("/__sandbox/clock"))["nowMs"],
        61_500,
        "all or nothing"
    );
    control(&mut desk, "clock", r#"{"reset":true}"#);
    assert_eq!(parse(&desk.get("/__sandbox/clock"))["nowMs"], desk.now);
}

#[test]
fn a_refusal_says_what_probably_went_wrong() {
    let mut desk = Desk::new();
    let seconds = NOW / 1000;
    let signature = sign("sampleaccesskey", "samplesecretkey", &seconds.to_string());
    let request = json!({"accessKey": "sampleaccesskey", "timestamp": NOW, "signature": signature});
    let reply = desk.post(TOKEN, None, &request.to_string());
    assert_eq!(
        parse(&reply)["extra"],
        Value::Null,
        "the reply is the documented one"
    );
    assert!(
        reply.headers()["x-sandbox-hint"]
            .to_str()
            .unwrap()
            .contains("seconds")
    );
    assert!(desk.vendor.journal().entries().last().unwrap().hint.is_some());
    let reply = parse(&desk.post("/auth/ticket/v1/generate-token", None, "{}"));
    assert!(
        text(&reply["extra"]).starts_with(&format!("did you mean {TOKEN}")),
        "{reply}"
    );
    assert_eq!(desk.vendor.ledger().of(Endpoint::GenerateToken).free, 1);
    assert_eq!(desk.vendor.journal().of(Endpoint::GenerateToken).count(), 1);
}

#[test]
fn strictness_refuses_what_the_document_does_not_have() {
    let mut desk = Desk::new();
    desk.vendor.behaviour_mut().strict = true;
    let mut request = desk.signed("sampleaccesskey", "samplesecretkey");
    let token = text(&desk.ask_token(&request)["data"]["token"]);
    request["nonce"] = 1.into();
    let reply = desk.ask_token(&request);
    assert!(
        text(&reply["message"]).starts_with("Sandbox (strict): the document has no member nonce"),
        "{reply}"
    );
    let mut plain = url_body();
    plain["returnUrl"] = "http://shop.example".into();
    for (uri, body) in [(URL.to_owned(), plain), (format!("{URL}?x=1"), url_body())] {
        let reply = desk.call(&uri, &token, &body);
        assert!(
            text(&reply["message"]).starts_with("Sandbox (strict): "),
            "{reply}"
        );
    }
    assert_eq!(desk.call(URL, &token, &url_body())["code"], "SUCCESS");
}

#[test]
fn the_journal_is_read_in_pieces_and_bodies_are_shown_when_asked() {
    let mut config = advance_sandbox::VendorConfig::default();
    config.held_bytes = 1 << 20;
    let mut desk = Desk::with(config);
    let token = desk.token();
    for _ in 0..5 {
        desk.poll(&token, "x");
    }
    let ns = |desk: &mut Desk, query: &str| -> Vec<u64> {
        let entries = parse(&desk.get(&format!("/__sandbox/journal?{query}")));
        entries
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["n"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(ns(&mut desk, "since=3"), [4, 5, 6]);
    assert_eq!(ns(&mut desk, "since=1&count=2"), [2, 3]);
    assert_eq!(ns(&mut desk, "since=99"), [0; 0]);
    assert_eq!(desk.get("/__sandbox/journal?since=x").status(), 400);
    let redacted = desk.get("/__sandbox/journal/1");
    assert!(!body(&redacted).contains(&token) && !body(&redacted).contains("sampleaccesskey"));
    assert!(body(&redacted).contains("SUCCESS"));
    assert!(body(&desk.get("/__sandbox/journal/1?reveal=true")).contains(&token));
    assert_eq!(desk.get("/__sandbox/journal/99").status(), 404);
}

#[test]
fn a_live_token_stays_known_however_many_follow() {
    let mut desk = Desk::new();
    let first = desk.token();
    for _ in 0..2_000 {
        desk.token();
    }
    assert_eq!(desk.call(URL, &first, &url_body())["code"], "SUCCESS");
}

//! The control calls over HTTP, and what the journal keeps to itself.

use advance_sandbox::Outcome;
use http::Response;
use serde_json::{Value, json};

use crate::desk::{Desk, TOKEN, URL, body, parse, sign, text, url_body, verdict};

fn control(desk: &mut Desk, path: &str, request: &Value) -> Response<Vec<u8>> {
    desk.post(&format!("/__sandbox/{path}"), None, &request.to_string())
}

#[test]
fn a_verification_ends_as_told() {
    let mut desk = Desk::new();
    let token = desk.token();
    let id = text(&desk.begin(&token, "someone")["signatureId"]);
    let path = format!("verifications/{id}");
    for (outcome, code) in [
        ("ok", "SUCCESS"),
        ("forged", "FORGERY_DETECTED"),
        ("low-quality", "LOW_QUALITY_IMAGE"),
        ("no-card", "CARD_NOT_FOUND"),
        ("ocr-empty", "SUCCESS"),
        ("sample", "SUCCESS"),
    ] {
        let reply = control(&mut desk, &path, &json!({"outcome": outcome, "again": true}));
        assert_eq!(reply.status(), 200, "{outcome}");
        assert_eq!(desk.poll(&token, &id)["data"]["idvCode"], code, "{outcome}");
    }
    let data = json!({"idvCode": "SUCCESS", "new": [1, {"a": null}]});
    let exactly = json!({"data": data, "again": true});
    assert_eq!(control(&mut desk, &path, &exactly).status(), 200);
    assert_eq!(desk.poll(&token, &id)["data"], data);
}

#[test]
fn what_has_ended_is_not_ended_otherwise() {
    let mut desk = Desk::new();
    let token = desk.token();
    let id = text(&desk.begin(&token, "someone")["signatureId"]);
    let path = format!("verifications/{id}");
    // Until it can be heard, a tester may think again.
    for ending in [
        json!({"outcome": "blur", "afterMs": 1000}),
        json!({"outcome": "ok"}),
    ] {
        assert_eq!(control(&mut desk, &path, &ending).status(), 200);
    }
    assert_eq!(control(&mut desk, &path, &json!({"outcome": "ok"})).status(), 200);
    for other in [
        json!({"outcome": "forged"}),
        json!({"data": {}}),
        json!({"outcome": "ok", "override": {"a": 1}}),
    ] {
        let refused = control(&mut desk, &path, &other);
        assert_eq!(refused.status(), 409, "{other}");
        assert!(
            body(&refused).contains("has ended already: ok"),
            "{}",
            body(&refused)
        );
    }
    assert_eq!(desk.poll(&token, &id)["data"]["idvCode"], "SUCCESS");
}

#[test]
fn what_the_page_fetches_by_itself_is_not_in_the_journal() {
    let mut desk = Desk::new();
    let token = desk.token();
    let data = desk.begin(&token, "someone");
    let url = text(&data["url"]);
    let before = desk.vendor.journal().total();
    let (page, query) = url.split_once('?').unwrap();
    for part in ["page.css", "page.js", "icon.svg", "card.svg", "status"] {
        assert_eq!(desk.get(&format!("{page}{part}?{query}")).status(), 200, "{part}");
    }
    assert_eq!(desk.vendor.journal().total(), before);
    desk.get(&url);
    desk.get(&format!("{page}nothing"));
    assert_eq!(
        desk.vendor.journal().total(),
        before + 2,
        "people and strangers are"
    );
}

#[test]
fn mistakes_are_told_apart() {
    let mut desk = Desk::new();
    let token = desk.token();
    let id = text(&desk.begin(&token, "someone")["signatureId"]);
    let known = format!("verifications/{id}");
    let big = json!({"data": "x".repeat(1 << 20)});
    for (path, request, status) in [
        ("verifications/unknown", json!({"outcome": "ok"}), 404),
        ("unknown", json!({}), 404),
        (&known, json!({"outcome": "perfect"}), 400),
        (&known, json!({}), 400),
        (&known, json!({"outcome": "ok", "data": null}), 400),
        (&known, big, 413),
        ("faults", json!({"buzy": {}}), 400),
        ("faults", json!({"busy": {"endpoint": "get-results"}}), 400),
        (
            "faults",
            json!({"busy": {"endpoint": "get-result", "retryAfter": "1\n2"}}),
            400,
        ),
        (
            "faults",
            json!({"busy": {"endpoint": "get-result", "status": 99}}),
            400,
        ),
        (
            "faults",
            json!({"disableAccount": "nobody", "revokeTokens": true}),
            404,
        ),
        ("faults", json!({"charging": "twice"}), 400),
    ] {
        let reply = control(&mut desk, path, &request);
        assert_eq!(reply.status(), status, "{path} {}", body(&reply));
        assert!(parse(&reply)["error"].is_string());
    }
    assert_eq!(desk.get("/__sandbox/reset").status(), 405);
    assert_eq!(
        control(&mut desk, "verifications", &json!({})).headers()["allow"],
        "GET"
    );
    assert_eq!(
        control(&mut desk, "journal", &json!({})).headers()["allow"],
        "GET"
    );
    assert_eq!(
        desk.poll(&token, &id)["data"]["idvCode"],
        Value::Null,
        "nothing was changed"
    );
}

#[test]
fn faults_can_be_set_over_http() {
    let mut desk = Desk::new();
    let token = desk.token();
    let id = text(&desk.begin(&token, "someone")["signatureId"]);
    let faults = json!({
        "busy": {"endpoint": "get-result", "times": 2, "retryAfter": "10s"},
        "error": {"endpoint": "generate-url"},
        "retryLater": {"endpoint": "generate-token", "status": 503},
        "charging": "pay-per-poll",
        "unfinished": "null-data",
        "region": "parameter-error",
        "expiredTimeOffsetMs": -1,
        "dateOffsetMs": 1000,
    });
    assert_eq!(body(&control(&mut desk, "faults", &faults)), r#"{"ok":true}"#);
    for _ in 0..2 {
        assert_eq!(desk.poll(&token, &id)["code"], "SERVICE_BUSY");
    }
    let reply = desk.poll(&token, &id);
    assert_eq!(
        (&reply["pricingStrategy"], &reply["data"]),
        (&json!("PAY"), &Value::Null)
    );
    assert_eq!(desk.call(URL, &token, &url_body())["code"], "ERROR");
    let mut elsewhere = url_body();
    elsewhere["region"] = "SGP".into();
    assert_eq!(
        verdict(&desk.call(URL, &token, &elsewhere)),
        ("PARAMETER_ERROR", "Region is wrong")
    );
    let reply = desk.post(TOKEN, None, "{}");
    assert_eq!(
        (reply.status().as_u16(), &parse(&reply)["code"]),
        (503, &json!("RETRY_LATER"))
    );
    let reply = desk.ask_token(&desk.signed("sampleaccesskey", "samplesecretkey"));
    assert_eq!(reply["data"]["expiredTime"], desk.now + 3_600_000 - 1);

    let fail = json!({"fail": {"endpoint": "get-result", "code": "NEW", "message": "new"}});
    control(&mut desk, "faults", &fail);
    assert_eq!(verdict(&desk.poll(&token, &id)), ("NEW", "new"));
    control(&mut desk, "faults", &json!({"disableAccount": "sampleaccesskey"}));
    assert_eq!(desk.poll(&token, &id)["message"], "Account is disabled");
    control(&mut desk, "faults", &json!({"enableAccount": "sampleaccesskey"}));
    assert_eq!(desk.poll(&token, &id)["code"], "SUCCESS");
    control(&mut desk, "faults", &json!({"revokeTokens": true}));
    assert_eq!(desk.poll(&token, &id)["message"], "Token not found or expired");
}

#[test]
fn reset_forgets_everything_but_the_accounts() {
    let mut desk = Desk::new();
    desk.vendor.add_account("second", "secret");
    desk.vendor.set_account_enabled("second", false);
    let token = desk.token();
    let first = desk.begin(&token, "sbx-ok");
    let fresh = desk.vendor.behaviour().clone();
    let faults = json!({"charging": "omit", "error": {"endpoint": "generate-token", "times": 9}});
    control(&mut desk, "faults", &faults);
    assert_eq!(control(&mut desk, "reset", &json!({})).status(), 200);
    assert_eq!(desk.vendor.behaviour(), &fresh);
    assert_eq!(desk.vendor.journal().total(), 0);
    assert_eq!(desk.vendor.token_requests(), 0);
    assert_eq!(desk.vendor.ledger().total().free, 0);
    assert_eq!(desk.poll(&token, "x")["message"], "Token not found or expired");
    let reply = desk.ask_token(&desk.signed("second", "secret"));
    assert_eq!(reply["code"], "SUCCESS");
    let token = desk.token();
    assert_eq!(
        desk.poll(&token, &text(&first["signatureId"]))["code"],
        "SIGNATURE_NOT_EXIST"
    );
    assert_ne!(desk.begin(&token, "sbx-ok")["signatureId"], first["signatureId"]);
}

#[test]
fn the_journal_tells_what_was_asked_and_no_secret() {
    let mut desk = Desk::new();
    let token = desk.token();
    let data = desk.begin(&token, "sbx-ok");
    let (id, url) = (text(&data["signatureId"]), text(&data["url"]));
    let result = desk.poll(&token, &id);
    let image = text(&result["data"]["image"]);
    desk.get(&image);
    desk.get(&url);
    desk.vendor.finish(&id, Outcome::Ok);
    desk.post("/elsewhere?token=abc", Some(&token), "{}");
    desk.get("/__sandbox/ledger");

    let journal = desk.get("/__sandbox/journal");
    let entries = parse(&journal);
    let paths: Vec<_> = entries
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| text(&entry["path"]))
        .collect();
    assert_eq!(paths.len(), 6, "control calls are not in it");
    assert_eq!(paths[0], TOKEN);
    assert!(paths[3].starts_with("/__sandbox/images/"), "{}", paths[3]);
    assert_eq!(paths[5], "/elsewhere");
    assert_eq!(entries[1]["userId"], "sbx-ok");
    assert_eq!(entries[1]["signatureId"], id);
    assert_eq!(entries[2]["transactionId"], result["transactionId"]);
    assert_eq!(entries[2]["n"], 3);
    assert_eq!(entries[2]["at"], desk.now);
    assert_eq!(entries[3].get("code"), None);
    assert_eq!(entries[5]["code"], "CLIENT_ERROR");

    let signature = sign("sampleaccesskey", "samplesecretkey", &desk.now.to_string());
    let page_token = url.split("token=").nth(1).unwrap().split('&').next().unwrap();
    let presigned = image.split("Signature=").nth(1).unwrap();
    let texts = [
        body(&journal).to_owned(),
        format!("{:?}", desk.vendor),
        format!("{:?}", desk.vendor.journal()),
    ];
    for text in texts {
        for secret in [
            "sampleaccesskey",
            "samplesecretkey",
            &signature,
            &token,
            page_token,
            presigned,
            "3174065708900000",
            "CONTOH",
            "abc",
        ] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
}

#[test]
fn the_journal_keeps_little_of_much() {
    let mut desk = Desk::new();
    let token = desk.token();
    desk.begin(&token, &"u".repeat(100_000));
    desk.poll(&token, &"s".repeat(100_000));
    desk.get(&format!("/{}", "p".repeat(10_000)));
    let longest = parse(&desk.get("/__sandbox/journal")).to_string().len();
    assert!(longest < 2_000, "{longest}");
}

#[test]
fn the_ledger_over_http() {
    let mut desk = Desk::new();
    let token = desk.token();
    desk.poll(&token, "x");
    let ledger = parse(&desk.get("/__sandbox/ledger"));
    assert_eq!((&ledger["FREE"], &ledger["PAY"]), (&json!(2), &json!(0)));
    assert_eq!(ledger["get-result"]["FREE"], 1);
}

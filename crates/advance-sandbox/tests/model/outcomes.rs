//! What get-result says, by how the verification ended.

use advance_sandbox::Outcome;
use advance_sandbox::model::{Behaviour, Charging, Endpoint, RegionRefusal, Unfinished};
use serde_json::{Value, json};

use crate::desk::{Desk, URL, text, url_body, verdict};

const NOTHING: [&str; 7] = [
    "image",
    "croppedImage",
    "imageType",
    "idvCode",
    "idvResult",
    "ocrCode",
    "ocrResult",
];

fn result_of(user_id: &str) -> Value {
    let mut desk = Desk::new();
    let token = desk.token();
    let id = text(&desk.begin(&token, user_id)["signatureId"]);
    let reply = desk.poll(&token, &id);
    assert_eq!(verdict(&reply), ("SUCCESS", "OK"));
    reply["data"].clone()
}

fn assert_unfinished(reply: &Value) {
    assert_eq!(verdict(reply), ("SUCCESS", "OK"));
    assert_eq!(reply["data"].as_object().unwrap().len(), 7);
    for name in NOTHING {
        assert_eq!(reply["data"].get(name), Some(&Value::Null), "{name}");
    }
}

/// The names of the fields of the card, of which there are some.
fn names(data: &Value) -> Vec<&str> {
    let fields = data["ocrResult"].as_object().unwrap();
    assert!(!fields.is_empty());
    fields.keys().map(String::as_str).collect()
}

#[test]
fn ok() {
    let data = result_of("sbx-ok");
    assert_eq!(data["idvCode"], "SUCCESS");
    assert_eq!(data["imageType"], "SCAN");
    let fine = json!({"forgeryLabels": [], "isLowQuality": false, "qualityLabels": []});
    assert_eq!(data["idvResult"], fine);
    assert_eq!(data["ocrCode"], "SUCCESS");
    assert_eq!(data["ocrResult"]["idNumber"], "3174065708900000");
    let sample: Value = serde_json::from_str(include_str!("../../fixtures/get-result.success.json")).unwrap();
    for name in names(&sample["data"]) {
        assert!(data["ocrResult"].get(name).is_some(), "{name} is documented");
    }
}

#[test]
fn forged() {
    let data = result_of("sbx-forged");
    assert_eq!(data["idvCode"], "FORGERY_DETECTED");
    assert_eq!(
        data["idvResult"]["forgeryLabels"],
        json!(["modifiedNIK", "b&wPhotocopied"])
    );
    assert_eq!(data["ocrCode"], "SUCCESS");
    assert!(data["ocrResult"].is_object());
}

#[test]
fn low_quality() {
    let data = result_of("sbx-low-quality");
    assert_eq!(data["idvCode"], "LOW_QUALITY_IMAGE");
    let blurred = json!({"forgeryLabels": [], "isLowQuality": true, "qualityLabels": ["blur", "dim"]});
    assert_eq!(data["idvResult"], blurred);
    assert_eq!(
        (&data["ocrCode"], &data["ocrResult"]),
        (&Value::Null, &Value::Null)
    );
    assert!(data["image"].is_string() && data["croppedImage"].is_string());
}

#[test]
fn no_card() {
    let data = result_of("sbx-no-card");
    assert_eq!(data["idvCode"], "CARD_NOT_FOUND");
    assert_eq!(
        (&data["ocrCode"], &data["ocrResult"]),
        (&Value::Null, &Value::Null)
    );
    assert!(data["image"].is_string());
    assert_eq!(data["croppedImage"], Value::Null);
}

#[test]
fn ocr_empty() {
    let data = result_of("sbx-ocr-empty");
    assert_eq!(
        (&data["idvCode"], &data["ocrCode"]),
        (&json!("SUCCESS"), &json!("OCR_NO_RESULT"))
    );
    assert_eq!(names(&data), names(&result_of("sbx-ok")));
    let fields = data["ocrResult"].as_object().unwrap();
    assert!(fields.values().all(Value::is_null));
}

#[test]
fn pending_ends_with_the_third_poll() {
    let mut desk = Desk::new();
    let token = desk.token();
    let id = text(&desk.begin(&token, "sbx-pending-3")["signatureId"]);
    assert_unfinished(&desk.poll(&token, &id));
    assert_unfinished(&desk.poll(&token, &id));
    for _ in 0..2 {
        assert_eq!(desk.poll(&token, &id)["data"]["idvCode"], "SUCCESS");
    }
}

#[test]
fn what_is_pending_can_be_ended_early() {
    let mut desk = Desk::new();
    let token = desk.token();
    let id = text(&desk.begin(&token, "sbx-pending-3")["signatureId"]);
    assert!(desk.vendor.finish(&id, Outcome::Forged));
    assert_eq!(desk.poll(&token, &id)["data"]["idvCode"], "FORGERY_DETECTED");
}

#[test]
fn anybody_else_stays_unfinished_until_a_test_says_otherwise() {
    let mut desk = Desk::new();
    let token = desk.token();
    let id = text(&desk.begin(&token, "8e44f0089b076e18a718eb9ca3d94674")["signatureId"]);
    for _ in 0..5 {
        assert_unfinished(&desk.poll(&token, &id));
    }
    assert!(desk.vendor.finish(&id, Outcome::NoCard));
    assert_eq!(desk.poll(&token, &id)["data"]["idvCode"], "CARD_NOT_FOUND");
    assert!(desk.vendor.finish_with(&id, json!({"idvCode": "NEW_CODE"})));
    assert_eq!(desk.poll(&token, &id)["data"], json!({"idvCode": "NEW_CODE"}));
    assert!(!desk.vendor.finish("f302f5d2454a85c2", Outcome::Ok));
}

#[test]
fn unfinished_has_three_faces() {
    let mut desk = Desk::new();
    let token = desk.token();
    let id = text(&desk.begin(&token, "")["signatureId"]);
    desk.vendor.behaviour_mut().unfinished = Unfinished::NullData;
    let reply = desk.poll(&token, &id);
    assert_eq!(
        (verdict(&reply), &reply["data"]),
        (("SUCCESS", "OK"), &Value::Null)
    );
    desk.vendor.behaviour_mut().unfinished = Unfinished::SignatureNotExist;
    assert_eq!(desk.poll(&token, &id)["code"], "SIGNATURE_NOT_EXIST");
    desk.vendor.behaviour_mut().unfinished = Unfinished::NullFields;
    assert_unfinished(&desk.poll(&token, &id));
}

#[test]
fn a_region_is_refused_with_either_code() {
    let mut desk = Desk::new();
    let token = desk.token();
    let mut body = url_body();
    body["region"] = "ZZZ".into();
    assert_eq!(
        verdict(&desk.call(URL, &token, &body)),
        ("REGION_WRONG", "Region is wrong")
    );
    desk.vendor.behaviour_mut().region_refusal = RegionRefusal::ParameterError;
    assert_eq!(
        verdict(&desk.call(URL, &token, &body)),
        ("PARAMETER_ERROR", "Region is wrong")
    );
}

#[test]
fn prices_follow_the_contract_and_the_ledger_follows_the_prices() {
    for (charging, expected) in [
        (Charging::Documented, ["FREE", "FREE", "FREE"]),
        (Charging::PayPerResult, ["FREE", "PAY", "FREE"]),
        (Charging::PayPerPoll, ["PAY", "PAY", "PAY"]),
        (Charging::Omit, ["", "", ""]),
    ] {
        let mut desk = Desk::new();
        desk.vendor.behaviour_mut().charging = charging;
        let token = desk.token();
        let id = text(&desk.begin(&token, "sbx-pending-2")["signatureId"]);
        let prices = [(); 3].map(|()| {
            let reply = desk.poll(&token, &id);
            reply.get("pricingStrategy").map_or(String::new(), text)
        });
        assert_eq!(prices, expected, "{charging:?}");
        assert_eq!(desk.poll(&token, "unknown")["pricingStrategy"], "FREE");
        let ledger = desk.vendor.ledger();
        let count = |price: &str| prices.iter().filter(|said| *said == price).count() as u64;
        let result = ledger.of(Endpoint::GetResult);
        assert_eq!(result.pay, count("PAY"));
        assert_eq!(result.free, count("FREE") + 1);
        assert_eq!(result.unstated, count(""));
        assert_eq!(ledger.of(Endpoint::GenerateToken).free, 1);
        assert_eq!(ledger.of(Endpoint::GenerateUrl).free, 1);
        assert_eq!(ledger.total().free, result.free + 2);
    }
}

#[test]
fn the_defaults_are_the_documented_ones() {
    let habits = Behaviour::default();
    assert_eq!(habits.link_life.as_secs(), 3600);
    assert_eq!(habits.image_life.as_secs(), 86_400);
}

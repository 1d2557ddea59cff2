//! generate-token, and what its tokens are good for.

use advance_sandbox::VendorConfig;
use advance_sandbox::model::Account;
use serde_json::{Value, json};

use crate::desk::{Desk, NOW, RESULT, TOKEN, URL, parse, sign, text, url_body, verdict};

const IAM: (&str, &str) = ("IAM_FAILED", "Token not found or expired");

fn at(timestamp: &str, quoted: bool) -> Value {
    let number: Value = timestamp.parse::<u64>().map_or(Value::Null, Value::from);
    json!({
        "accessKey": "sampleaccesskey",
        "timestamp": if quoted { timestamp.into() } else { number },
        "signature": sign("sampleaccesskey", "samplesecretkey", timestamp),
    })
}

#[test]
fn a_timestamp_may_be_300_000_ms_off_and_no_more() {
    for quoted in [false, true] {
        for (timestamp, message) in [
            (NOW - 300_000, "OK"),
            (NOW + 300_000, "OK"),
            (NOW - 300_001, "Timestamp error"),
            (NOW + 300_001, "Timestamp error"),
        ] {
            let reply = Desk::new().ask_token(&at(&timestamp.to_string(), quoted));
            assert_eq!(reply["message"], message, "{timestamp} {quoted}");
        }
    }
}

#[test]
fn a_timestamp_has_thirteen_digits() {
    for timestamp in [
        "1665993522",
        "01665993522952",
        "+665993522952",
        "1665993522952 ",
        "x",
    ] {
        let reply = Desk::new().ask_token(&at(timestamp, true));
        assert_eq!(
            verdict(&reply),
            ("PARAMETER_ERROR", "Timestamp error"),
            "{timestamp:?}"
        );
    }
    let mut float = at(&NOW.to_string(), true);
    float["timestamp"] = json!(1_665_993_522_952.5);
    assert_eq!(Desk::new().ask_token(&float)["message"], "Timestamp error");
    float["timestamp"] = json!(true);
    let message = "Parameter error,please check you input.";
    assert_eq!(Desk::new().ask_token(&float)["message"], message);
}

#[test]
fn a_period_is_60_to_86400_seconds_and_3600_by_default() {
    let refused = "Parameter error,please check you input.";
    for (period, expected) in [
        (json!(null), Ok(3600)),
        (json!(60), Ok(60)),
        (json!("60"), Ok(60)),
        (json!(86_400), Ok(86_400)),
        (json!("86400"), Ok(86_400)),
        (json!(59), Err(refused)),
        (json!(86_401), Err(refused)),
        (json!("0"), Err(refused)),
        (json!(-60), Err(refused)),
        (json!(60.5), Err(refused)),
        (json!("an hour"), Err(refused)),
        (json!(true), Err(refused)),
    ] {
        let mut request = at(&NOW.to_string(), false);
        request["periodSecond"] = period.clone();
        let reply = Desk::new().ask_token(&request);
        match expected {
            Ok(seconds) => assert_eq!(reply["data"]["expiredTime"], NOW + seconds * 1000, "{period}"),
            Err(message) => assert_eq!(verdict(&reply), ("PARAMETER_ERROR", message), "{period}"),
        }
    }
}

#[test]
fn only_the_right_signature_passes() {
    let mut desk = Desk::new();
    let right = sign("sampleaccesskey", "samplesecretkey", &NOW.to_string());
    for wrong in [
        right.to_uppercase(),
        sign("sampleaccesskey", "samplesecretkeY", &NOW.to_string()),
        sign("sampleaccesskey", "samplesecretkey", &(NOW + 1).to_string()),
        format!("{right}0"),
        right[1..].to_owned(),
    ] {
        let mut request = at(&NOW.to_string(), false);
        request["signature"] = wrong.into();
        let reply = desk.ask_token(&request);
        assert_eq!(verdict(&reply), ("PARAMETER_ERROR", "Signature error"));
    }
    assert_eq!(desk.vendor.token_requests(), 5);
}

#[test]
fn an_unknown_access_key_is_an_iam_failure() {
    let mut desk = Desk::new();
    let reply = desk.ask_token(&desk.signed("nobody", "samplesecretkey"));
    assert_eq!(verdict(&reply), ("IAM_FAILED", "Access key not found or expired"));
}

#[test]
fn a_token_is_good_until_it_expires() {
    let mut desk = Desk::new();
    let mut request = desk.signed("sampleaccesskey", "samplesecretkey");
    request["periodSecond"] = 60.into();
    let reply = desk.ask_token(&request);
    let token = text(&reply["data"]["token"]);
    desk.now = reply["data"]["expiredTime"].as_u64().unwrap() - 1;
    assert_eq!(desk.call(URL, &token, &url_body())["code"], "SUCCESS");
    desk.now += 1;
    assert_eq!(verdict(&desk.call(URL, &token, &url_body())), IAM);
    assert_eq!(verdict(&desk.poll(&token, "x")), IAM);
}

#[test]
fn a_new_token_leaves_the_old_one_alone() {
    let mut desk = Desk::new();
    let (old, new) = (desk.token(), desk.token());
    assert_ne!(old, new, "of the same millisecond");
    for token in [&old, &new] {
        assert_eq!(desk.call(URL, token, &url_body())["code"], "SUCCESS");
    }
    assert_eq!(desk.vendor.token_requests(), 2);
}

#[test]
fn without_a_token_nothing_is_told() {
    let mut desk = Desk::new();
    for path in [URL, RESULT] {
        assert_eq!(verdict(&parse(&desk.post(path, None, "{}"))), IAM);
        for token in ["", "x", "eyJhbGciOiJIUzUxMiJ9.e30.x"] {
            assert_eq!(verdict(&parse(&desk.post(path, Some(token), "{}"))), IAM);
        }
    }
}

#[test]
fn tokens_can_be_revoked_one_by_one_and_all_at_once() {
    let mut desk = Desk::new();
    let [one, two, three] = [desk.token(), desk.token(), desk.token()];
    assert!(desk.vendor.revoke_token(&one));
    assert!(!desk.vendor.revoke_token(&one));
    assert_eq!(verdict(&desk.call(URL, &one, &url_body())), IAM);
    assert_eq!(desk.call(URL, &two, &url_body())["code"], "SUCCESS");
    assert_eq!(desk.vendor.revoke_all_tokens(), 2);
    assert_eq!(verdict(&desk.call(URL, &two, &url_body())), IAM);
    assert_eq!(verdict(&desk.call(URL, &three, &url_body())), IAM);
}

#[test]
fn a_disabled_account_has_one_name_at_the_door_and_another_inside() {
    let mut desk = Desk::new();
    let token = desk.token();
    assert!(desk.vendor.set_account_enabled("sampleaccesskey", false));
    assert!(!desk.vendor.set_account_enabled("nobody", false));
    let reply = desk.ask_token(&desk.signed("sampleaccesskey", "samplesecretkey"));
    assert_eq!(verdict(&reply), ("ACCOUNT_DISABLED", "Account Disabled"));
    let disabled = ("IAM_FAILED", "Account is disabled");
    assert_eq!(verdict(&desk.call(URL, &token, &url_body())), disabled);
    assert_eq!(verdict(&desk.poll(&token, "x")), disabled);
    desk.vendor.set_account_enabled("sampleaccesskey", true);
    assert_eq!(desk.call(URL, &token, &url_body())["code"], "SUCCESS");
}

#[test]
fn what_one_account_began_does_not_exist_for_another() {
    let mut config = VendorConfig::default();
    config.accounts.push(Account::new("second", "secret"));
    let mut desk = Desk::with(config);
    let mine = desk.token();
    desk.vendor.add_account("third", "secret");
    let id = text(&desk.begin(&mine, "sbx-ok")["signatureId"]);
    for other in ["second", "third"] {
        let reply = desk.ask_token(&desk.signed(other, "secret"));
        let token = text(&reply["data"]["token"]);
        assert_eq!(desk.poll(&token, &id)["code"], "SIGNATURE_NOT_EXIST");
    }
    assert_eq!(desk.poll(&mine, &id)["data"]["idvCode"], "SUCCESS");
}

#[test]
fn the_secret_key_can_change() {
    let mut desk = Desk::new();
    desk.vendor.add_account("sampleaccesskey", "new");
    let old = desk.ask_token(&desk.signed("sampleaccesskey", "samplesecretkey"));
    assert_eq!(old["message"], "Signature error");
    let new = desk.ask_token(&desk.signed("sampleaccesskey", "new"));
    assert_eq!(new["code"], "SUCCESS");
    assert_eq!(parse(&desk.post(TOKEN, None, "[]"))["code"], "CLIENT_ERROR");
}

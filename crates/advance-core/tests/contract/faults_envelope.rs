//! Envelopes whose members are missing, of a wrong type, or odd.

use advance_core::Code;
use advance_core::wire::{DecodeFault, PricingStrategy};
use serde_json::{Value, json};

use crate::support::{CALLS, Call, refused};

#[test]
fn fault_43_a_code_must_be_text() {
    assert_eq!(refused(Call::GetResult, "{}").to_string(), "code: is missing");
    for code in [
        json!(null),
        json!(0),
        json!(""),
        json!(true),
        json!([]),
        json!({}),
    ] {
        let error = refused(Call::GetResult, Call::GetResult.with("/code", code));
        assert_eq!(error.error.path(), "code");
        assert_eq!(error.code, None);
        assert_eq!(error.transaction_id.unwrap().as_str(), "d3fde1547eeaf226");
        assert_eq!(error.pricing_strategy, Some(PricingStrategy::Free));
    }
}

#[test]
fn fault_43_only_the_exact_word_is_success() {
    let long = "S".repeat(10 << 20);
    for word in [
        "success",
        "Success",
        "SUCCESS ",
        "ＳＵＣＣＥＳＳ",
        "SUCCESS\0",
        &long,
    ] {
        let read = Call::GetResult
            .parse(Call::GetResult.with("/code", word))
            .unwrap();
        assert!(matches!(read.code, Code::Unknown(_)));
        assert_eq!(read.code, word);
        assert_eq!(read.data, None);
        assert!(read.debug.len() < 4_000);
    }
    let escaped = Call::GetResult.replaced(r#""code": "SUCCESS""#, r#""code": "\u0053UCCESS""#);
    assert_eq!(Call::GetResult.parse(escaped).unwrap().code, Code::Success);
}

#[test]
fn fault_43_a_message_may_be_missing() {
    for body in [
        Call::GetResult.without("/message"),
        Call::GetResult.with("/message", Value::Null),
    ] {
        assert_eq!(Call::GetResult.parse(body).unwrap().message, None);
    }
    for wrong in [json!(1), json!(true), json!({}), json!([])] {
        assert_eq!(
            refused(Call::GetResult, Call::GetResult.with("/message", wrong))
                .error
                .path(),
            "message"
        );
    }
}

#[test]
fn fault_44_success_without_data_is_told_apart_from_data_of_a_wrong_type() {
    for call in CALLS {
        for body in [call.without("/data"), call.with("/data", Value::Null)] {
            let read = call.parse(body).unwrap();
            assert_eq!((read.code, read.data), (Code::Success, None));
            assert!(read.transaction_id.is_some() && read.pricing.is_some());
        }
        for wrong in [json!("x"), json!(7), json!(true), json!([{}]), json!("null")] {
            let error = refused(call, call.with("/data", wrong));
            assert_eq!(error.error.path(), "data");
            assert_eq!(error.error.fault(), DecodeFault::Shape);
            assert_eq!(error.code, Some(Code::Success));
            assert!(error.transaction_id.is_some() && error.pricing_strategy.is_some());
        }
    }
}

#[test]
fn fault_45_data_beside_a_failure_is_not_looked_at() {
    for data in [json!({ "token": 7 }), json!([1]), json!("x")] {
        for call in CALLS {
            let body = json!({ "code": "ERROR", "data": data, "transactionId": "t-1" }).to_string();
            let read = call.parse(body).unwrap();
            assert_eq!((read.code, read.data), (Code::Error, None));
        }
    }
}

#[test]
fn fault_46_a_transaction_id_is_kept_whole_and_shown_safely() {
    for body in [
        Call::GetResult.without("/transactionId"),
        Call::GetResult.with("/transactionId", Value::Null),
    ] {
        assert_eq!(Call::GetResult.parse(body).unwrap().transaction_id, None);
    }
    let hostile = format!("\r\n\u{1b}[2J{}", "7".repeat(100));
    let read = Call::GetResult
        .parse(Call::GetResult.with("/transactionId", hostile.as_str()))
        .unwrap();
    assert_eq!(read.transaction_id.as_deref(), Some(hostile.as_str()));
    assert!(!read.debug.contains('\u{1b}') && !read.debug.contains('\r'));
    assert!(!read.debug.contains(&"7".repeat(65)) && read.debug.contains(&"7".repeat(50)));
    let error = refused(Call::GetResult, Call::GetResult.with("/transactionId", 7));
    assert_eq!(
        (error.error.path(), error.transaction_id.is_none()),
        ("transactionId", true)
    );
}

#[test]
fn fault_47_pricing_other_than_the_two_words_is_kept_and_says_nothing() {
    for body in [
        Call::GetResult.without("/pricingStrategy"),
        Call::GetResult.with("/pricingStrategy", Value::Null),
    ] {
        assert_eq!(Call::GetResult.parse(body).unwrap().pricing, None);
    }
    for word in ["pay", "DISCOUNT", ""] {
        let read = Call::GetResult.parse(Call::GetResult.with("/pricingStrategy", word));
        let pricing = read.unwrap().pricing.unwrap();
        assert!(matches!(pricing, PricingStrategy::Unknown(_)));
        assert_eq!(pricing, word);
        assert_eq!(
            advance_core::Charge::of(Some(&pricing)),
            advance_core::Charge::Unknown
        );
    }
    let error = refused(Call::GetResult, Call::GetResult.with("/pricingStrategy", 0));
    assert_eq!(error.error.path(), "pricingStrategy");
}

#[test]
fn a_message_is_kept_whole_and_shown_short_and_on_one_line() {
    let message = format!("a\nb \u{1b}[2J{}", "x".repeat(1_000));
    for body in [
        Call::GetResult.with("/message", message.as_str()),
        json!({ "code": "ERROR", "message": message }).to_string(),
    ] {
        let read = Call::GetResult.parse(body).unwrap();
        assert_eq!(read.message.as_deref(), Some(message.as_str()));
        assert!(read.debug.contains("[2Jx") && !read.debug.contains('\u{1b}'));
        assert!(!read.debug.contains(&"x".repeat(200)) && read.debug.contains('…'));
    }
}

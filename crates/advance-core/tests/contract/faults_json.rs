//! Bodies that are no JSON, or JSON that is no envelope.

use advance_core::Code;
use advance_core::wire::{DecodeFault, PricingStrategy};
use serde_json::json;

use crate::support::{CALLS, Call, EXAMPLES, refused};

/// Nested this deep, a parser that recurses overflows any stack.
const DEEP: usize = 100_000;

#[test]
fn fault_36_a_reply_cut_anywhere_is_no_reply() {
    for example in EXAMPLES {
        let body = example.body.trim_end().as_bytes();
        for end in 0..body.len() {
            for call in CALLS {
                let error = refused(call, &body[..end]);
                assert_eq!(
                    error.error.fault(),
                    DecodeFault::Truncated,
                    "{} cut at {end}: {error}",
                    example.name
                );
            }
        }
    }
}

#[test]
fn fault_36_what_stood_before_the_cut_is_told() {
    let body = r#"{"transactionId":"t-1","pricingStrategy":"PAY","code":"SUCCESS","data":{"tok"#;
    let error = refused(Call::GenerateToken, body);
    assert_eq!(error.code, Some(Code::Success));
    assert_eq!(error.transaction_id.unwrap().as_str(), "t-1");
    assert_eq!(error.pricing_strategy, Some(PricingStrategy::Pay));
    assert_eq!(error.error.to_string(), "data: ends too early, at line 1");
    // A value that is itself cut says nothing.
    let cut = r#"{"code":"SUCCESS","pricingStrategy":"PAY"#;
    assert_eq!(refused(Call::GetResult, cut).pricing_strategy, None);
}

#[test]
fn fault_37_a_byte_order_mark_and_white_space_pass_and_garbage_does_not() {
    for example in EXAMPLES {
        let plain = example.call.parse(example.body).unwrap();
        for body in [
            format!("\u{feff}{}", example.body),
            format!("{}\r\n\t  ", example.body),
            format!(" \n{}", example.body),
        ] {
            assert_eq!(example.call.parse(body).unwrap(), plain, "{}", example.name);
        }
        for tail in ["x", "{}", ",", "\0", "\u{feff}", "null", "]"] {
            let error = refused(example.call, format!("{}{tail}", example.body.trim_end()));
            assert_eq!(error.error.fault(), DecodeFault::Syntax, "{tail:?}");
            assert_eq!(error.code, Some(plain.code.clone()));
            assert_eq!(
                error.transaction_id.unwrap().as_str(),
                plain.transaction_id.as_deref().unwrap()
            );
        }
        refused(example.call, format!("\u{feff}\u{feff}{}", example.body));
    }
}

#[test]
fn fault_38_bytes_that_are_no_utf8_are_refused_and_the_rest_is_told() {
    for at in ["OK", "R**A", "SCAN", "blur"] {
        let text = Call::GetResult.success();
        let at = text.find(at).unwrap();
        let mut body = text.as_bytes().to_vec();
        body[at] = 0xff;
        let error = refused(Call::GetResult, body);
        assert_eq!(error.error.fault(), DecodeFault::Utf8);
        assert_eq!(error.code, Some(Code::Success));
        assert_eq!(error.transaction_id.unwrap().as_str(), "d3fde1547eeaf226");
        assert_eq!(error.pricing_strategy, Some(PricingStrategy::Free));
    }
    for overlong in [&b"\xc0\x80"[..], b"\xed\xa0\x80", b"\xf5\x80\x80\x80"] {
        refused(Call::GetResult, overlong);
    }
}

#[test]
fn fault_38_a_word_whose_own_bytes_are_broken_is_not_told() {
    for word in ["SUCCESS", "d3fde1547eeaf226", "FREE"] {
        let text = Call::GetResult.success();
        // The last byte of it: what is left looks like a word.
        let at = text.find(&format!("\"{word}\"")).unwrap() + word.len();
        let mut body = text.as_bytes().to_vec();
        body[at] = 0xff;
        let error = refused(Call::GetResult, body);
        let told = [
            error.code.map(|code| code.to_string()),
            error.transaction_id.map(|id| id.to_string()),
            error.pricing_strategy.map(|pricing| pricing.to_string()),
        ];
        assert_eq!(told.iter().flatten().count(), 2, "{told:?}");
        assert!(
            !told.iter().flatten().any(|told| told.starts_with(&word[..3])),
            "{told:?}"
        );
    }
    // A replacement character that the vendor sent is a word's own.
    let own = r#"{"code":"SUCCESS","transactionId":"t\ufffd","message":7}"#;
    assert_eq!(
        refused(Call::GetResult, own).transaction_id.unwrap().as_str(),
        "t\u{fffd}"
    );
}

#[test]
fn fault_38_a_lone_surrogate_is_refused_where_it_is_read() {
    for (old, path) in [
        (r#""R**A M**H A**H,""#, "data.ocrResult.name"),
        (r#""SCAN""#, "data.imageType"),
        (r#""OK""#, "message"),
    ] {
        for lone in [r#""\ud800""#, r#""\udc00""#, r#""\ud800x""#, r#""\ud800\ud800""#] {
            let error = refused(Call::GetResult, Call::GetResult.replaced(old, lone));
            assert_eq!(error.error.path(), path, "{lone}");
            assert_eq!(error.code, Some(Code::Success));
        }
    }
    let pair = Call::GetResult.replaced(r#""SCAN""#, r#""\ud83d\ude00""#);
    assert!(Call::GetResult.parse(pair).is_ok());
}

#[test]
fn fault_38_a_nul_is_kept_and_shown_escaped() {
    let body = json!({ "code": "A\0B", "message": "m\0n", "transactionId": "t\0u" }).to_string();
    let read = Call::GetResult.parse(body).unwrap();
    assert_eq!(read.code.as_str(), "A\0B");
    assert_eq!(read.message.as_deref(), Some("m\0n"));
    assert_eq!(read.transaction_id.as_deref(), Some("t\0u"));
    assert!(!read.debug.contains('\0'), "{:?}", read.debug);
}

/// Runs on a stack as small as a thread's may get.
fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new()
        .stack_size(128 * 1024)
        .spawn(run)
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn fault_39_depth_bombs_do_not_overflow_a_small_stack() {
    on_a_small_stack(|| {
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            let bomb = format!("{}0{}", open.repeat(DEEP), close.repeat(DEEP));
            let unclosed = open.repeat(DEEP);
            for call in CALLS {
                for body in [bomb.as_str(), unclosed.as_str()] {
                    refused(call, body);
                }
                for name in ["message", "transactionId", "pricingStrategy", "code"] {
                    refused(call, call.with_raw(&format!("/{name}"), &bomb));
                    refused(call, call.with_raw(&format!("/{name}"), &unclosed));
                }
                for name in ["extra", "unknown"] {
                    assert!(
                        call.judge(call.with_raw(&format!("/{name}"), &bomb)).is_ok(),
                        "{name}"
                    );
                    refused(call, call.with_raw(&format!("/{name}"), &unclosed));
                }
                assert!(call.judge(call.with_raw("/data/unknown", &bomb)).is_ok());
            }
            // An object of one unknown member is a fine object, but no result (row 91).
            let fine = open != "[";
            let call = Call::GetResult;
            for place in ["data/idvResult", "data/ocrResult"] {
                let read = call.judge(call.with_raw(&format!("/{place}"), &bomb));
                assert_eq!(read.is_ok(), fine, "{place}");
            }
            refused(call, call.with_raw("/data", &bomb));
            for name in ["image", "idvCode", "ocrCode", "imageType"] {
                refused(
                    Call::GetResult,
                    Call::GetResult.with_raw(&format!("/data/{name}"), &bomb),
                );
            }
            for place in [
                "idvResult/forgeryLabels",
                "idvResult/isLowQuality",
                "ocrResult/idNumber",
            ] {
                refused(
                    Call::GetResult,
                    Call::GetResult.with_raw(&format!("/data/{place}"), &bomb),
                );
            }
            for name in ["idvResult/unknown", "ocrResult/unknown"] {
                let body = Call::GetResult.with_raw(&format!("/data/{name}"), &bomb);
                assert!(Call::GetResult.judge(body).is_ok(), "{name}");
            }
            refused(
                Call::GenerateToken,
                Call::GenerateToken.with_raw("/data/expiredTime", &bomb),
            );
            refused(
                Call::GenerateUrl,
                Call::GenerateUrl.with_raw("/data/signatureId", &bomb),
            );
        }
    });
}

#[test]
fn a_number_past_every_range_is_json_all_the_same() {
    for number in ["1e999", "-1e999"] {
        let body = Call::GetResult.with_raw("/data/ocrResult/name", number);
        let error = refused(Call::GetResult, body);
        assert_eq!(
            error.to_string(),
            "data.ocrResult.name: holds a number out of range"
        );
        assert_eq!(error.error.fault(), DecodeFault::Shape);
    }
    let error = refused(Call::GetResult, r#"{"code":1e999,"transactionId":"t-1"}"#);
    assert_eq!(error.to_string(), "code: holds a number out of range");
}

#[test]
fn fault_40_a_member_that_stands_twice_is_refused() {
    for name in [
        "code",
        "message",
        "data",
        "extra",
        "transactionId",
        "pricingStrategy",
    ] {
        for call in CALLS {
            let body = call.doubled("", name);
            let error = refused(call, &body);
            assert_eq!(error.error.fault(), DecodeFault::Shape);
            assert_eq!(error.error.path(), name, "{error}");
        }
    }
    for (call, parent, name) in [
        (Call::GenerateToken, "/data", "token"),
        (Call::GenerateUrl, "/data", "url"),
        (Call::GetResult, "/data", "idvCode"),
        (Call::GetResult, "/data/idvResult", "forgeryLabels"),
        (Call::GetResult, "/data/ocrResult", "idNumber"),
    ] {
        let error = refused(call, call.doubled(parent, name));
        let expected = format!("{}.{name}", parent[1..].replace('/', "."));
        assert_eq!(error.error.path(), expected, "{error}");
        assert_eq!(error.code, Some(Code::Success));
    }
}

#[test]
fn fault_40_a_member_that_contradicts_itself_tells_nothing() {
    let twice = |a, b| format!(r#"{{"code":"{a}","code":"{b}","transactionId":"t-1"}}"#);
    let error = refused(Call::GetResult, twice("SUCCESS", "ERROR"));
    assert_eq!(error.code, None);
    assert_eq!(error.transaction_id.unwrap().as_str(), "t-1");
    let error = refused(Call::GetResult, twice("ERROR", "ERROR"));
    assert_eq!(error.code, Some(Code::Error));
    let thrice = r#"{"code":"ERROR","code":"SUCCESS","code":"SUCCESS","pricingStrategy":"FREE","pricingStrategy":"PAY","pricingStrategy":"FREE"}"#;
    let error = refused(Call::GetResult, thrice);
    assert_eq!((error.code, error.pricing_strategy), (None, None));
    for half in [r#"{"code":"ERROR","code":7}"#, r#"{"code":7,"code":"ERROR"}"#] {
        assert_eq!(refused(Call::GetResult, half).code, None);
    }
}

#[test]
fn fault_41_an_array_is_no_envelope() {
    for body in [
        r#"["SUCCESS","OK",null,null,"t-1","FREE"]"#,
        r#"["SUCCESS"]"#,
        "  [{}]",
    ] {
        let error = refused(Call::GetResult, body);
        assert_eq!(error.error.fault(), DecodeFault::Shape);
        assert!(error.to_string().contains("an object"), "{error}");
        assert_eq!(error.code, None);
    }
    // The same inside: serde alone would read an array as a struct there too.
    for (call, place) in [
        (Call::GenerateToken, "data"),
        (Call::GenerateUrl, "data"),
        (Call::GetResult, "data"),
        (Call::GetResult, "data/idvResult"),
        (Call::GetResult, "data/ocrResult"),
    ] {
        for array in [json!([]), json!(["a", 1]), json!([[], true, []])] {
            let error = refused(call, call.with(&format!("/{place}"), array));
            assert_eq!(error.error.path(), place.replace('/', "."));
        }
    }
}

#[test]
fn fault_42_other_json_is_no_envelope() {
    for body in ["null", "[]", "\"x\"", "1", "true", "-0.5e3", "\"\""] {
        for call in CALLS {
            let error = refused(call, body);
            assert_eq!(error.error.fault(), DecodeFault::Shape, "{body}");
            assert_eq!(error.error.path(), "");
            assert_eq!(error.to_string(), "the reply: expected an object");
        }
    }
    for body in ["", " ", "\u{feff}"] {
        assert_eq!(
            refused(Call::GetResult, body).error.fault(),
            DecodeFault::Truncated
        );
    }
    for body in ["nul1", "{code:1}", "<html>", "{'code':'SUCCESS'}", "NaN"] {
        assert_eq!(
            refused(Call::GetResult, body).error.fault(),
            DecodeFault::Syntax,
            "{body}"
        );
    }
}

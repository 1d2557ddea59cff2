//! `data` that is odd, partial or wrong in one place.

use advance_core::domain::{ForgeryLabel, IdvCode, ImageType, OcrCode, QualityLabel};
use advance_core::wire::{DecodeFault, PricingStrategy};
use advance_core::{Code, UnixMillis, Verification};
use serde_json::{Value, json};

use crate::support::{CALLS, Call, Data, link, token, verification};

#[test]
fn fault_48_expired_time_is_a_whole_number_in_any_notation() {
    for call in [Call::GenerateToken, Call::GenerateUrl] {
        for (raw, expected) in [
            ("1642580192430", Some(1_642_580_192_430)),
            ("\"1642580192430\"", Some(1_642_580_192_430)),
            ("1642580192430.0", Some(1_642_580_192_430)),
            ("1.64258019243e12", Some(1_642_580_192_430)),
            ("0", Some(0)),
            ("1642580192", Some(1_642_580_192)),
            ("9999999999999999", Some(9_999_999_999_999_999)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("99999999999999999999999", None),
            ("-1", None),
            ("-1.5", None),
            ("1642580192430.5", None),
            ("1e400", None),
            ("\"soon\"", None),
            ("\"-1\"", None),
            ("\"1642580192430.0\"", None),
            ("\"\"", None),
            ("\"٣\"", None),
            ("null", None),
            ("true", None),
            ("{}", None),
            ("[1642580192430]", None),
        ] {
            let body = call.with_raw("/data/expiredTime", raw);
            let read = call.parse(&body).map(|read| match read.data {
                Some(Data::Token(issued)) => issued.expired_time,
                Some(Data::Link(link)) => link.expires_at(),
                other => panic!("{other:?}"),
            });
            assert_eq!(
                read.as_ref().ok(),
                expected.map(UnixMillis::new).as_ref(),
                "{raw}"
            );
            if let Err(error) = read {
                assert_eq!(error.error.path(), "data.expiredTime", "{raw}: {error}");
            }
        }
        let error = call.parse(call.without("/data/expiredTime")).unwrap_err();
        assert_eq!(error.to_string(), "data.expiredTime: is missing");
    }
}

#[test]
fn fault_49_a_token_that_cannot_be_sent_is_refused() {
    let long = "t".repeat(1 << 20);
    for bad in [
        "",
        "abc\r\nX-Injected: 1",
        "abc\n",
        "abc\0",
        "abc def",
        "tökén",
        "\u{feff}abc",
        &long,
    ] {
        let error = Call::GenerateToken
            .parse(Call::GenerateToken.with("/data/token", bad))
            .unwrap_err();
        assert_eq!(error.error.path(), "data.token");
        assert_eq!(error.code, Some(Code::Success));
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("abc") && !shown.contains("tttt"), "{shown}");
    }
    // Tokens that are no JWT are the vendor's business.
    let body = Call::GenerateToken.with("/data/token", "opaque-0123");
    assert_eq!(token(body).token.expose(), "opaque-0123");
}

#[test]
fn fault_49_a_link_that_is_no_web_address_is_refused() {
    for bad in [
        "",
        "null",
        "h5.advance.ai/h5-idv/",
        "https://",
        "https:///path",
        "javascript:alert(1)",
        "javascript://h5.advance.ai/%0aalert(1)",
        "file:///etc/passwd",
        "https://h5.advance.ai/\r\nX: y",
        "https://h5.advance.ai/a b",
        "https://h5.advance.ai:99999/",
        "https://h5.advance.ai/#\r\nX: y",
    ] {
        let error = Call::GenerateUrl
            .parse(Call::GenerateUrl.with("/data/url", bad))
            .expect_err(bad);
        assert_eq!(error.error.path(), "data.url", "{bad}");
    }
    let long = "s".repeat(1 << 20);
    for bad in ["", "a\nb", "\0", &long] {
        let error = Call::GenerateUrl
            .parse(Call::GenerateUrl.with("/data/signatureId", bad))
            .unwrap_err();
        assert_eq!(error.error.path(), "data.signatureId");
        assert!(error.to_string().contains("1 to 256 bytes"), "{error}");
    }
    // The sandbox lives on this machine.
    let body = Call::GenerateUrl.with("/data/url", "http://127.0.0.1:8080/h5?token=t");
    let link = link(body);
    assert_eq!(link.expose_url(), "http://127.0.0.1:8080/h5?token=t");
    assert_eq!(link.origin(), "http://127.0.0.1:8080");
}

#[test]
fn fault_50_members_nobody_documented_change_nothing() {
    for (call, places) in [
        (Call::GenerateToken, &["", "/data"][..]),
        (Call::GenerateUrl, &["", "/data"]),
        (
            Call::GetResult,
            &["", "/data", "/data/idvResult", "/data/ocrResult"],
        ),
    ] {
        let plain = call.parse(call.success()).unwrap();
        for place in places {
            for value in [
                json!(null),
                json!(1),
                json!("x"),
                json!([[]]),
                json!({ "code": "ERROR" }),
            ] {
                for name in ["unknown", "Code", "", "token2", "ÿ", "idNumber "] {
                    let body = call.with(&format!("{place}/{name}"), value.clone());
                    assert_eq!(call.parse(body).unwrap(), plain, "{place}/{name}");
                }
            }
        }
    }
}

#[test]
fn fault_51_words_nobody_documented_survive() {
    let word = "neu & \"ungewöhnlich\"\u{1f4a9}";
    for pointer in ["/data/idvCode", "/data/ocrCode", "/data/imageType"] {
        let result = verification(Call::GetResult.with(pointer, word));
        let words = [
            result.idv_code().map(IdvCode::as_str),
            result.ocr_code().map(OcrCode::as_str),
            result.image_type().map(ImageType::as_str),
        ];
        assert!(words.contains(&Some(word)), "{pointer}: {words:?}");
    }
    let body = json!({ "forgeryLabels": [word, "", "RETAKE"], "qualityLabels": [word] });
    let result = verification(Call::GetResult.with("/data/idvResult", body));
    let checks = result.idv_result().unwrap();
    let forged: Vec<_> = checks
        .forgery_labels()
        .unwrap()
        .iter()
        .map(ForgeryLabel::as_str)
        .collect();
    assert_eq!(forged, [word, "", "RETAKE"]);
    assert!(matches!(
        checks.quality_labels(),
        Some([QualityLabel::Unknown(_)])
    ));
    assert_eq!(checks.quality_labels().unwrap()[0], word);
    let read = Call::GetResult
        .parse(Call::GetResult.with("/code", word))
        .unwrap();
    assert_eq!(read.code.as_str(), word);
}

#[cfg(feature = "serialize")]
#[test]
fn fault_51_words_nobody_documented_serialise_back() {
    for pointer in [
        "/code",
        "/pricingStrategy",
        "/transactionId",
        "/message",
        "/data/idvCode",
        "/data/ocrCode",
        "/data/imageType",
        "/data/idvResult/forgeryLabels/0",
        "/data/idvResult/qualityLabels/1",
        "/data/ocrResult/name",
    ] {
        let mut reply: Value = serde_json::from_str(Call::GetResult.success()).unwrap();
        *reply.pointer_mut(pointer).unwrap() = json!("neu & \"un\u{0}\"\u{1f4a9}");
        let read = Call::GetResult.parse(reply.to_string()).unwrap();
        let back: Value = serde_json::from_str(&read.json).unwrap();
        assert_eq!(back.pointer(pointer), reply.pointer(pointer), "{pointer}");
    }
}

#[test]
fn fault_52_success_with_forgery_labels_parses() {
    let result = verification(Call::GetResult.success());
    assert_eq!(result.idv_code(), Some(&IdvCode::Success));
    assert!(!result.idv_result().unwrap().forgery_labels().unwrap().is_empty());
}

#[test]
fn fault_53_an_ocr_code_against_the_rule_parses() {
    let result = verification(Call::GetResult.with("/data/idvCode", "LOW_QUALITY_IMAGE"));
    assert_eq!(result.ocr_code(), Some(&OcrCode::Success));
    let result = verification(Call::GetResult.with("/data/ocrCode", Value::Null));
    assert_eq!(result.idv_code(), Some(&IdvCode::Success));
    assert_eq!(result.ocr_code(), None);
}

#[test]
fn fault_91_a_strangers_data_is_no_result_and_is_named() {
    for (data, looks_like) in [
        (
            r#"{"token":"abc.def.ghi","expiredTime":1790003600000}"#,
            "a reply to generate-token",
        ),
        (
            r#"{"signatureId":"s","url":"https://h5.example/?t=1","expiredTime":1}"#,
            "a reply to generate-url",
        ),
        (
            r#"{"livenessScore":98.1,"status":"DONE","idvcode":"SUCCESS"}"#,
            "the reply of another endpoint",
        ),
        (
            r#"{"code":"SUCCESS","data":{"idvCode":"SUCCESS"}}"#,
            "a whole reply inside another",
        ),
    ] {
        let body =
            format!(r#"{{"code":"SUCCESS","data":{data},"transactionId":"t","pricingStrategy":"PAY"}}"#);
        let error = Call::GetResult.parse(&body).unwrap_err();
        assert_eq!(
            (error.error.path(), error.error.fault()),
            ("data", DecodeFault::Shape)
        );
        let text = error.to_string();
        assert!(text.contains("none of the documented members"), "{text}");
        assert!(text.contains(looks_like), "{text}");
        // What could be told of it is told.
        assert_eq!(error.transaction_id.unwrap().as_str(), "t");
        assert_eq!(error.pricing_strategy.unwrap(), PricingStrategy::Pay);
        for word in ["abc.def", "h5.example", "98.1", "liveness"] {
            assert!(!text.contains(word), "{text}");
        }
    }
    // One documented member is enough, and so is nothing at all: the vendor has not begun.
    for data in [
        r#"{"imageType":null,"livenessScore":1}"#,
        "{}",
        r#"{"idvCode":null}"#,
    ] {
        let body = format!(r#"{{"code":"SUCCESS","data":{data}}}"#);
        assert_eq!(verification(&body).idv_code(), None, "{data}");
    }
}

#[test]
fn a_place_is_named_as_far_as_its_names_are_documented() {
    for (body, place) in [
        (r#"{"code":"SUCCESS","data":{"stranger":[1,}}"#, "data"),
        (r#"{"stranger":{"name":[1,}}"#, ""),
        (
            r#"{"code":"SUCCESS","data":{"ocrResult":{"stranger":1,"name":[2]}}}"#,
            "data.ocrResult.name",
        ),
        (
            r#"{"code":"SUCCESS","data":{"idvResult":{"forgeryLabels":["a",1]}}}"#,
            "data.idvResult.forgeryLabels[1]",
        ),
    ] {
        let error = Call::GetResult.parse(body).unwrap_err();
        assert_eq!(error.error.path(), place, "{body}");
        assert!(!error.to_string().contains('?'), "{error}");
    }
}

const PRINTED: [&str; 18] = [
    "idNumber",
    "name",
    "bloodType",
    "religion",
    "gender",
    "birthPlaceBirthday",
    "province",
    "city",
    "district",
    "village",
    "rtrw",
    "occupation",
    "expiryDate",
    "nationality",
    "maritalStatus",
    "address",
    "placeOfBirth",
    "birthday",
];

/// What came for one field: its text, and its text as it stood there.
fn field(result: &Verification, name: &str) -> (Option<String>, Option<String>) {
    let fields = result.ocr_result().unwrap().fields();
    let (_, printed) = fields.iter().find(|(known, _)| *known == name).unwrap();
    (
        printed.text().map(str::to_owned),
        printed.raw().map(str::to_owned),
    )
}

#[test]
fn fault_54_four_ways_to_say_not_read() {
    for name in PRINTED {
        let pointer = format!("/data/ocrResult/{name}");
        for (body, raw) in [
            (Call::GetResult.with(&pointer, Value::Null), None),
            (Call::GetResult.without(&pointer), None),
            (Call::GetResult.with(&pointer, ""), Some("")),
            (Call::GetResult.with(&pointer, "null"), Some("null")),
        ] {
            let result = verification(&body);
            let (text, kept) = field(&result, name);
            assert_eq!((text, kept.as_deref()), (None, raw), "{name}");
            // The other seventeen are untouched.
            let read = result.ocr_result().unwrap().fields();
            assert_eq!(
                read.iter()
                    .filter(|(_, printed)| printed.text().is_some())
                    .count(),
                17
            );
            #[cfg(feature = "serialize")]
            {
                let back = Call::GetResult.parse(&body).unwrap().json;
                let back: Value = serde_json::from_str(&back).unwrap();
                let came: Value = serde_json::from_str(&body).unwrap();
                assert_eq!(back, came, "{name}");
            }
        }
    }
}

#[test]
fn fault_55_a_birthday_is_kept_as_printed_whatever_it_says() {
    for text in [
        "1989/06/01",
        "1989/6/1",
        "0000/00/00",
        "1989/02/30",
        "19**/0*/01",
        "١٩٨٩/٠٦/٠١",
    ] {
        let result = verification(Call::GetResult.with("/data/ocrResult/birthday", text));
        assert_eq!(field(&result, "birthday").1.as_deref(), Some(text));
    }
}

#[test]
fn fault_56_birth_place_and_birthday_are_kept_as_printed_whatever_they_say() {
    for text in [
        "SEMARANG 01-06-1989",
        "SEMARANG, 01-06-1989",
        "SEMARANG,, 01-06-1989",
        "A, B, C,, 01-06-1989",
        ",,,",
        ",",
        " ",
    ] {
        let result = verification(Call::GetResult.with("/data/ocrResult/birthPlaceBirthday", text));
        assert_eq!(field(&result, "birthPlaceBirthday").1.as_deref(), Some(text));
    }
}

#[test]
fn fault_57_an_odd_image_link_parses_and_stays_what_it_is() {
    for pointer in ["/data/image", "/data/croppedImage"] {
        let read = |body: String| {
            let result = verification(body);
            let link = match pointer {
                "/data/image" => result.image(),
                _ => result.cropped_image(),
            };
            link.map(|link| link.expose_url().to_owned())
        };
        assert_eq!(read(Call::GetResult.with(pointer, Value::Null)), None);
        assert_eq!(read(Call::GetResult.with(pointer, "")), None);
        for odd in [
            "not a URL",
            "http://images.example/1.png",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "https://169.254.169.254/latest/meta-data",
            "https://user:pass@images.example/1.png",
        ] {
            assert_eq!(read(Call::GetResult.with(pointer, odd)).as_deref(), Some(odd));
        }
        for wrong in [json!(1), json!(true), json!([]), json!({})] {
            let error = Call::GetResult
                .parse(Call::GetResult.with(pointer, wrong))
                .unwrap_err();
            assert_eq!(error.error.path(), pointer[1..].replace('/', "."));
        }
    }
}

#[test]
fn fault_58_the_place_is_named_down_to_the_element() {
    for (pointer, path, rule) in [
        (
            "/data/ocrResult/idNumber",
            "data.ocrResult.idNumber",
            "expected a string or null",
        ),
        (
            "/data/idvResult/isLowQuality",
            "data.idvResult.isLowQuality",
            "expected a boolean",
        ),
        (
            "/data/idvResult/forgeryLabels/1",
            "data.idvResult.forgeryLabels[1]",
            "expected a string",
        ),
        (
            "/data/idvResult/qualityLabels/0",
            "data.idvResult.qualityLabels[0]",
            "expected a string",
        ),
        ("/data/ocrResult", "data.ocrResult", "expected an object or null"),
        ("/transactionId", "transactionId", "expected a string or null"),
    ] {
        let mut reply: Value = serde_json::from_str(Call::GetResult.success()).unwrap();
        *reply.pointer_mut(pointer).unwrap() = json!(3_374_001_506_890_002_u64);
        let error = Call::GetResult.parse(reply.to_string()).unwrap_err();
        assert_eq!(error.error.path(), path);
        assert_eq!(error.to_string(), format!("{path}: {rule}"));
    }
    for call in CALLS {
        let error = call.parse(call.with("/data", 5)).unwrap_err();
        assert_eq!(error.to_string(), "data: expected an object");
    }
}

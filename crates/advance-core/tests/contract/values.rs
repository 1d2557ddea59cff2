//! The small words of the domain: what they are read from, and what they say.

use std::collections::BTreeSet;

use advance_core::domain::{CheckReason, PictureFormat};
use advance_core::wire::CodeClass;
use advance_core::{
    Advice, Charge, Charges, Code, Error, ErrorKind, GetResult, Outcome, Region, Response, ReturnUrl,
    ReturnedUrl, SignatureId, TransactionId, UnixMillis, UserId, Verification, VerificationLink,
};

#[test]
fn ids_and_urls_are_read_from_text_by_the_rules_of_new() {
    assert_eq!("ed8b21c0c87ad617".parse(), SignatureId::new("ed8b21c0c87ad617"));
    assert_eq!("8e44f008".parse(), UserId::new("8e44f008"));
    assert_eq!(
        "https://shop.example/?a=1".parse(),
        ReturnUrl::new("https://shop.example/?a=1")
    );
    assert_eq!("IDN".parse(), Ok(Region::IDN));
    for kind in [
        "".parse::<SignatureId>().unwrap_err().kind(),
        "".parse::<UserId>().unwrap_err().kind(),
        "shop.example/without-a-scheme"
            .parse::<ReturnUrl>()
            .unwrap_err()
            .kind(),
        "idn".parse::<Region>().unwrap_err().kind(),
    ] {
        assert_eq!(kind, ErrorKind::Invalid);
    }
}

#[cfg(feature = "serialize")]
#[test]
fn what_a_request_is_made_of_serialises_as_its_text() {
    let url = "https://shop.example/?a=%31";
    assert_eq!(serde_json::json!(ReturnUrl::new(url).unwrap()), url);
    assert_eq!(serde_json::json!(Region::IDN), "IDN");
    assert_eq!(serde_json::json!(UserId::new("8e44").unwrap()), "8e44");
}

#[test]
fn an_id_may_be_as_long_as_anybody_could_need_and_no_longer() {
    assert!(SignatureId::new("x".repeat(256)).is_ok());
    let error = SignatureId::new("x".repeat(257)).unwrap_err();
    assert!(error.to_string().contains("256 bytes"), "{error}");
}

#[test]
fn a_request_says_whose_result_it_asks_for() {
    let id = SignatureId::new("f302f5d2454a85c2").unwrap();
    assert_eq!(GetResult::new(id.clone()).signature_id(), &id);
    assert_eq!(
        TransactionId::from("b6d722f7e9f553ae").as_str(),
        "b6d722f7e9f553ae"
    );
}

#[test]
fn a_format_knows_its_ending_and_its_media_type() {
    assert_eq!(PictureFormat::Png.extension(), "png");
    assert_eq!(PictureFormat::Png.media_type(), "image/png");
    assert_eq!(PictureFormat::Jpeg.extension(), "jpg");
    assert_eq!(PictureFormat::Jpeg.media_type(), "image/jpeg");
}

#[test]
fn each_reason_of_a_check_is_explained_in_words_of_its_own() {
    let reasons = [
        CheckReason::SameDate,
        CheckReason::DifferentDate,
        CheckReason::NikHasNoRealDate,
        CheckReason::UnbelievableDate,
        CheckReason::SameSex,
        CheckReason::DifferentSex,
        CheckReason::NikTellsNoSex,
        CheckReason::NotRead,
        CheckReason::Masked,
        CheckReason::Unreadable,
    ];
    let words: BTreeSet<&str> = reasons.iter().map(|reason| reason.explanation()).collect();
    assert_eq!(words.len(), reasons.len());
    assert!(words.iter().all(|words| words.len() > 10), "{words:?}");
}

#[test]
fn each_class_of_codes_has_its_advice() {
    for (class, advice) in [
        (CodeClass::Success, Advice::ContactSupport),
        (CodeClass::Request, Advice::FixRequest),
        (CodeClass::NotFound, Advice::CheckSignatureId),
        (CodeClass::Auth, Advice::CheckAccount),
        (CodeClass::Credentials, Advice::CheckCredentials),
        (CodeClass::Account, Advice::CheckAccount),
        (CodeClass::Balance, Advice::TopUp),
        (CodeClass::Throttle, Advice::TryLater),
        (CodeClass::Server, Advice::TryLater),
        (CodeClass::Unknown, Advice::ContactSupport),
    ] {
        assert_eq!(class.advice(), advice, "{class:?}");
    }
}

#[test]
fn an_outcome_comes_back_from_what_it_writes() {
    for outcome in [
        Outcome::Passed,
        Outcome::Failed,
        Outcome::NeedsReview,
        Outcome::NotFinished,
    ] {
        assert_eq!(outcome.as_str().parse::<Outcome>().unwrap(), outcome);
    }
    assert!("PASSED".parse::<Outcome>().is_err() && "".parse::<Outcome>().is_err());
}

#[test]
fn numbers_fit_a_column_of_sql() {
    for (millis, column) in [
        (0, 0),
        (1_700_000_000_000, 1_700_000_000_000),
        (u64::MAX, i64::MAX),
    ] {
        assert_eq!(UnixMillis::new(millis).to_i64(), column);
    }
    assert_eq!(UnixMillis::from_i64(7), Some(UnixMillis::new(7)));
    assert_eq!(UnixMillis::from_i64(-1), None);
    let charges = Charges {
        free: 3,
        pay: u64::MAX,
        unknown: 0,
    };
    assert_eq!(charges.to_i64(), [3, i64::MAX, 0]);
}

#[test]
fn a_parameter_of_the_callers_own_comes_back() {
    let came =
        ReturnedUrl::parse("/done?order=17%20a&state=x&state=x&two=1&two=2&bad=%ff#/?in=fragment").unwrap();
    for (name, value) in [
        ("order", Some("17 a")),
        ("state", Some("x")),
        ("two", None),
        ("none", None),
        ("bad", Some("\u{fffd}")),
        ("in", Some("fragment")),
    ] {
        assert_eq!(came.parameter(name).as_deref(), value, "{name}");
    }
}

#[test]
fn an_error_can_be_made_for_a_test() {
    let error = Error::of_code(Code::ServiceBusy).with_charges(Charges {
        free: 2,
        pay: 0,
        unknown: 1,
    });
    assert_eq!((error.sends(), error.charge()), (3, Charge::Unknown));
    assert_eq!(error.code(), Some(&Code::ServiceBusy));
    assert_eq!(Error::of_kind(ErrorKind::MissingData).charge(), Charge::Free);
    assert_eq!(Response::of(7).into_data(), 7);
}

#[test]
fn a_result_comes_back_from_what_was_stored() {
    let stored = r#"{"idvCode":"SUCCESS","ocrResult":{"idNumber":"hidden"}}"#;
    let result = Verification::from_json(stored).unwrap();
    assert_eq!(result.ocr_result().unwrap().id_number().text(), Some("hidden"));
    let wrong = Verification::from_json(r#"{"idvCode":{"hidden":1}}"#)
        .unwrap_err()
        .to_string();
    assert!(wrong.contains("idvCode") && !wrong.contains("hidden"), "{wrong}");
    assert!(VerificationLink::from_json(r#"{"signatureId":"x"}"#).is_err());
}

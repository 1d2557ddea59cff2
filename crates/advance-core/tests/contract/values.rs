//! The small words of the domain: what they are read from, and what they say.

use std::collections::BTreeSet;

use advance_core::domain::{CheckReason, PictureFormat};
use advance_core::wire::CodeClass;
use advance_core::{Advice, ErrorKind, GetResult, Region, ReturnUrl, SignatureId, TransactionId, UserId};

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

//! The fifteen documented replies, as typed values and back.

use advance_core::domain::{ForgeryLabel, IdvCode, ImageType, OcrCode, QualityLabel};
use advance_core::wire::PricingStrategy;
use advance_core::{Code, UnixMillis};

use crate::support::{CALLS, Call, EXAMPLES, example, link, token, verification};

#[test]
fn all_fifteen_are_here_and_parse() {
    assert_eq!(EXAMPLES.len(), 15);
    for example in EXAMPLES {
        let read = example.call.parse(example.body).unwrap();
        assert!(
            !matches!(read.code, Code::Unknown(_)),
            "{}: {}",
            example.name,
            read.code
        );
        assert_eq!(
            read.data.is_some(),
            read.code == Code::Success,
            "{}",
            example.name
        );
        assert_eq!(read.pricing, Some(PricingStrategy::Free), "{}", example.name);
        assert_eq!(read.transaction_id.unwrap().len(), 16, "{}", example.name);
        assert_eq!(read.extra, None, "{}", example.name);
    }
}

#[test]
fn a_failure_reads_the_same_whoever_asked() {
    for example in EXAMPLES
        .iter()
        .filter(|example| !example.name.ends_with("success"))
    {
        let read = example.call.parse(example.body).unwrap();
        for call in CALLS {
            assert_eq!(call.parse(example.body).unwrap(), read, "{}", example.name);
        }
    }
}

#[test]
fn codes_and_messages_are_the_documented_ones() {
    for (name, code, message) in [
        ("generate-token.success", Code::Success, "OK"),
        (
            "generate-token.account-disabled",
            Code::AccountDisabled,
            "Account Disabled",
        ),
        (
            "generate-token.client-error",
            Code::ClientError,
            "HTTP 400 - Bad Request",
        ),
        ("generate-url.error", Code::Error, "Server error"),
        ("generate-url.region-wrong", Code::RegionWrong, "Region is wrong"),
        (
            "get-result.signature-not-exist",
            Code::SignatureNotExist,
            "This signatureId is not exist",
        ),
    ] {
        let read = Call::GetResult.parse(example(name).replace("\"data\":{", "\"was\":{"));
        let read = read.unwrap();
        assert_eq!(
            (read.code, read.message.as_deref()),
            (code, Some(message)),
            "{name}"
        );
    }
}

#[test]
fn the_token_is_read_whole() {
    let issued = token(Call::GenerateToken.success());
    assert_eq!(issued.token.expose().len(), 314);
    assert_eq!(issued.token.expose().split('.').count(), 3);
    assert_eq!(issued.expired_time, UnixMillis::new(1_642_580_192_430));
}

#[test]
fn the_link_is_read_whole() {
    let link = link(Call::GenerateUrl.success());
    assert_eq!(link.signature_id().as_str(), "ed8b21c0c87ad617");
    assert_eq!(link.expires_at(), UnixMillis::new(1_642_580_192_430));
    let url = link.expose_url();
    assert!(url.starts_with("https://h5.advance.ai/h5-idv/?token=eyJhbGciOiJIUzUxMiJ9."));
    assert!(url.ends_with("&signatureId=ed8b21c0c87ad617"));
}

#[test]
fn the_result_is_read_whole() {
    let result = verification(Call::GetResult.success());
    assert_eq!(result.image_type(), Some(&ImageType::Scan));
    assert_eq!(result.idv_code(), Some(&IdvCode::Success));
    assert_eq!(result.ocr_code(), Some(&OcrCode::Success));
    let checks = result.idv_result().unwrap();
    assert_eq!(checks.is_low_quality(), Some(true));
    assert_eq!(
        checks.forgery_labels(),
        Some(&[ForgeryLabel::Screenshot, ForgeryLabel::Scan][..])
    );
    assert_eq!(
        checks.quality_labels(),
        Some(&[QualityLabel::Blur, QualityLabel::Dim][..])
    );
    for link in [result.image(), result.cropped_image()] {
        assert!(link.unwrap().expose_url().contains(".png?Expires="));
    }
    let printed = result.ocr_result().unwrap().fields();
    let document: serde_json::Value = serde_json::from_str(Call::GetResult.success()).unwrap();
    let document = document["data"]["ocrResult"].as_object().unwrap();
    assert_eq!(document.len(), 18);
    for (name, field) in printed {
        assert_eq!(field.text(), document[name].as_str(), "{name}");
    }
}

#[cfg(feature = "serialize")]
#[test]
fn all_fifteen_serialise_back_to_equal_json() {
    for example in EXAMPLES {
        let came: serde_json::Value = serde_json::from_str(example.body).unwrap();
        let back = example.call.parse(example.body).unwrap().json;
        let back: serde_json::Value = serde_json::from_str(&back).unwrap();
        assert_eq!(back, came, "{}", example.name);
    }
}

#[cfg(feature = "serialize")]
#[test]
fn what_was_serialised_parses_to_the_same_value() {
    for example in EXAMPLES {
        let read = example.call.parse(example.body).unwrap();
        assert_eq!(example.call.parse(&read.json).unwrap(), read, "{}", example.name);
    }
}

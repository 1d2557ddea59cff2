//! Where the document contradicts itself, its examples or its siblings about a result: one test a contradiction.

use advance_core::Code;
use advance_core::domain::{ForgeryLabel, IdvCode, ImageType, OcrCode, QualityLabel};
use serde_json::{Value, json};

use crate::support::{Call, example, verification};

#[test]
fn q14_a_result_that_contradicts_itself_parses_as_it_came() {
    let result = verification(Call::GetResult.success());
    let checks = result.idv_result().unwrap();
    assert_eq!(result.idv_code(), Some(&IdvCode::Success));
    assert_eq!(checks.is_low_quality(), Some(true));
    assert_eq!(checks.forgery_labels().unwrap().len(), 2);
}

#[test]
fn q15_labels_outside_the_list_survive() {
    let body = Call::GetResult.replaced(
        r#"["screenshot", "scan"]"#,
        r#"["screenshot", "scan", "b\u0026wPhotocopied", "b&wPhotocopied", "hologram"]"#,
    );
    let labels = verification(&body);
    let labels = labels.idv_result().unwrap().forgery_labels().unwrap();
    assert_eq!(
        labels,
        [
            ForgeryLabel::Screenshot,
            ForgeryLabel::Scan,
            ForgeryLabel::BwPhotocopied,
            ForgeryLabel::BwPhotocopied,
            ForgeryLabel::from("hologram"),
        ]
    );
    for documented in [
        "retake",
        "colorPhotocopied",
        "cutoffCorner",
        "pastedPhoto",
        "b&wPhotocopied",
        "modifiedNIK",
        "oldKTP",
    ] {
        assert!(
            ForgeryLabel::ALL.contains(&ForgeryLabel::from(documented)),
            "{documented}"
        );
    }
}

#[test]
fn q16_quality_labels_have_no_list_and_all_survive() {
    let result =
        verification(Call::GetResult.with("/data/idvResult/qualityLabels", json!(["blur", "dim", "glare"])));
    assert_eq!(
        result.idv_result().unwrap().quality_labels().unwrap(),
        [QualityLabel::Blur, QualityLabel::Dim, QualityLabel::from("glare")]
    );
}

#[test]
fn q17_the_checks_may_be_partial_empty_null_or_missing() {
    for (checks, low, forged) in [
        (json!({}), None, None),
        (json!({ "forgeryLabels": null, "isLowQuality": null }), None, None),
        (json!({ "forgeryLabels": [] }), None, Some(0)),
        (json!({ "isLowQuality": false }), Some(false), None),
    ] {
        let result = verification(Call::GetResult.with("/data/idvResult", checks));
        let checks = result.idv_result().unwrap();
        assert_eq!(checks.is_low_quality(), low);
        assert_eq!(checks.forgery_labels().map(<[_]>::len), forged);
    }
    for none in [
        Call::GetResult.with("/data/idvResult", Value::Null),
        Call::GetResult.without("/data/idvResult"),
    ] {
        assert_eq!(verification(none).idv_result(), None);
    }
}

#[test]
fn q18_ocr_code_and_result_are_read_whatever_idv_code_says() {
    for ocr in ["SUCCESS", "OCR_NO_RESULT", "ERROR"] {
        let result = verification(Call::GetResult.with("/data/ocrCode", ocr));
        assert_eq!(result.ocr_code(), Some(&OcrCode::from(ocr)));
        assert!(result.ocr_result().is_some());
    }
    let result = verification(Call::GetResult.with("/data/ocrCode", Value::Null));
    assert_eq!(result.ocr_code(), None);
    let result = verification(Call::GetResult.with("/data/ocrResult", Value::Null));
    assert_eq!(result.ocr_result(), None);
}

#[test]
fn q19_image_type_is_what_the_member_says_and_open() {
    let result = verification(Call::GetResult.success());
    assert!(result.image().unwrap().expose_url().contains("_MANUAL.png"));
    assert_eq!(result.image_type(), Some(&ImageType::Scan));
    let result = verification(Call::GetResult.with("/data/imageType", "UPLOAD"));
    let unlisted = result.image_type().unwrap();
    assert!(matches!(unlisted, ImageType::Unknown(_)));
    assert_eq!(*unlisted, "UPLOAD");
}

#[test]
fn q20_an_image_link_keeps_its_percent_encoding_and_hides_its_query() {
    let result = verification(Call::GetResult.success());
    let link = result.image().unwrap();
    assert!(
        link.expose_url()
            .ends_with("&Signature=ioMc4tH%2Bp8lZuuqlLcPKBbaBaAg%3D")
    );
    let shown = format!("{result:?}");
    for hidden in ["Signature", "LTAI", "Expires=", "h5_iqa", "ioMc4tH"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}

#[test]
fn q21_a_result_without_a_cropped_image_is_complete() {
    let result = verification(Call::GetResult.without("/data/croppedImage"));
    assert!(result.image().is_some() && result.cropped_image().is_none());
}

/// One field of the card, after this text came for it.
fn printed(name: &str, text: &str) -> Option<String> {
    let result = verification(Call::GetResult.with(&format!("/data/ocrResult/{name}"), text));
    let fields = result.ocr_result().unwrap().fields();
    let (_, field) = fields.iter().find(|(known, _)| *known == name).unwrap();
    assert_eq!(field.raw(), Some(text));
    field.text().map(str::to_owned)
}

#[test]
fn q24_birth_place_and_birthday_are_kept_as_printed() {
    for text in ["SEMARANG,, 01-06-1989", "SE M**N, 01-06-1989", "LAKI-LAKI"] {
        assert_eq!(printed("birthPlaceBirthday", text).as_deref(), Some(text));
    }
}

#[test]
fn q25_a_stray_comma_is_not_trimmed() {
    let result = verification(Call::GetResult.success());
    assert_eq!(
        result.ocr_result().unwrap().name().text(),
        Some("R**A M**H A**H,")
    );
    assert_eq!(printed("city", " K**A ,").as_deref(), Some(" K**A ,"));
}

#[test]
fn q26_the_word_null_means_not_read() {
    for text in ["null", ""] {
        assert_eq!(printed("placeOfBirth", text), None);
    }
    // A name that only begins like it is a name.
    assert_eq!(printed("name", "null ").as_deref(), Some("null "));
    assert_eq!(printed("name", "NULL").as_deref(), Some("NULL"));
}

#[test]
fn q27_printed_values_are_text_and_nothing_is_demanded_of_them() {
    for (name, text) in [
        ("idNumber", "33******02"),
        ("idNumber", "0123456789012345"),
        ("expiryDate", "SEUMUR HIDUP"),
        ("expiryDate", "S**R H**P"),
        ("rtrw", "011/002"),
        ("gender", "PEREMPUAN"),
    ] {
        assert_eq!(printed(name, text).as_deref(), Some(text));
    }
}

#[test]
fn q28_words_of_the_card_are_no_enums() {
    for (name, text) in [
        ("bloodType", "-"),
        ("religion", "KATHOLIK"),
        ("maritalStatus", "BELUM KAWIN"),
    ] {
        assert_eq!(printed(name, text).as_deref(), Some(text));
    }
}

#[test]
fn q29_a_result_before_its_end_is_a_result_without_codes() {
    let names = [
        "image",
        "croppedImage",
        "imageType",
        "idvCode",
        "idvResult",
        "ocrCode",
        "ocrResult",
    ];
    let nulls: serde_json::Map<String, Value> = names
        .map(|name| (name.to_owned(), Value::Null))
        .into_iter()
        .collect();
    for data in [Value::Object(nulls), json!({})] {
        let result = verification(Call::GetResult.with("/data", data));
        assert!(result.idv_code().is_none() && result.ocr_code().is_none() && result.image().is_none());
    }
    let nothing = Call::GetResult
        .parse(Call::GetResult.with("/data", Value::Null))
        .unwrap();
    assert_eq!((nothing.code, nothing.data), (Code::Success, None));
}

#[test]
fn q32_three_errors_are_three_things() {
    let result = verification(Call::GetResult.with("/data/idvCode", "ERROR"));
    assert_eq!(result.idv_code(), Some(&IdvCode::Error));
    assert_eq!(result.ocr_code(), Some(&OcrCode::Success));
    let result = verification(Call::GetResult.with("/data/ocrCode", "ERROR"));
    assert_eq!(result.ocr_code(), Some(&OcrCode::Error));
    let envelope = Call::GetResult.parse(example("get-result.error")).unwrap();
    assert_eq!(envelope.code, Code::Error);
    for irregular in ["NO_SUPPORTED_CARD", "INCOMPLETED_CARD", "TOO_SMALL_CARD"] {
        assert!(IdvCode::ALL.contains(&IdvCode::from(irregular)), "{irregular}");
    }
}

#[test]
fn q33_a_video_that_no_table_describes_is_skipped() {
    let body = Call::GetResult.with("/data/video", json!({ "url": "https://v.example/1" }));
    assert_eq!(verification(body), verification(Call::GetResult.success()));
}

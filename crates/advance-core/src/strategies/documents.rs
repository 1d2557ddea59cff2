//! Replies in the documented format, as JSON text.
//!
//! "Documented" is taken as wide as the documents contradict one another: members may be null or absent where some
//! page or example has them so, `expiredTime` may be a number or a string of digits, words may be unknown.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::text::{any_text, maybe};
use super::{cards, scalars};
use crate::suites::parser::Ask;
use crate::wire::Code;

/// A whole reply to this question: a success with data, one without, or a failure.
pub fn reply(ask: Ask) -> impl Strategy<Value = String> {
    document(ask).prop_map(|document| document.to_string())
}

/// A reply with `SUCCESS` and data.
pub fn success(ask: Ask) -> impl Strategy<Value = String> {
    success_document(ask).prop_map(|document| document.to_string())
}

/// A reply with any other code.
pub fn failure() -> impl Strategy<Value = String> {
    failure_document().prop_map(|document| document.to_string())
}

pub(crate) fn document(ask: Ask) -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => success_document(ask),
        1 => envelope(Just("SUCCESS".to_owned()).boxed(), maybe(Just(Value::Null)).boxed()),
        2 => failure_document(),
    ]
    .boxed()
}

pub(crate) fn success_document(ask: Ask) -> impl Strategy<Value = Value> {
    envelope(
        Just("SUCCESS".to_owned()).boxed(),
        data(ask).prop_map(Some).boxed(),
    )
    .boxed()
}

pub(crate) fn failure_document() -> impl Strategy<Value = Value> {
    let code = prop_oneof![
        3 => scalars::code().prop_map(|code| code.as_str().to_owned()),
        1 => any_text(),
    ]
    .prop_filter("another code than SUCCESS", |code| {
        !code.is_empty() && code != Code::Success.as_str()
    });
    envelope(code.boxed(), maybe(any_json()).boxed()).boxed()
}

fn text() -> impl Strategy<Value = Value> {
    any_text().prop_map(Value::String)
}

/// Any JSON, a few levels deep.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text(),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((any_text(), inner), 0..4).prop_map(|members| {
                let members: Map<String, Value> = members.into_iter().collect();
                Value::Object(members)
            }),
        ]
    })
    .boxed()
}

fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let members = members.into_iter();
    Value::Object(
        members
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect(),
    )
}

fn envelope(code: BoxedStrategy<String>, data: BoxedStrategy<Option<Value>>) -> impl Strategy<Value = Value> {
    let pricing = prop_oneof![
        4 => prop::sample::select(vec!["FREE", "PAY"]).prop_map(Value::from),
        1 => text(),
    ];
    (
        code,
        maybe(text()),
        data,
        maybe(any_json()),
        maybe(text()),
        maybe(pricing),
    )
        .prop_map(|(code, message, data, extra, transaction_id, pricing)| {
            object([
                ("code", Some(code.into())),
                ("message", message),
                ("data", data),
                ("extra", extra),
                ("transactionId", transaction_id),
                ("pricingStrategy", pricing),
            ])
        })
        .boxed()
}

/// `data` of a success.
pub(crate) fn data(ask: Ask) -> BoxedStrategy<Value> {
    match ask {
        Ask::GenerateToken => (scalars::access_token(), millis())
            .prop_map(|(token, expired)| json!({ "token": token.expose(), "expiredTime": expired }))
            .boxed(),
        Ask::GenerateUrl => (scalars::signature_id(), scalars::web_url(), millis())
            .prop_map(|(id, url, expired)| json!({ "signatureId": id.as_str(), "url": url, "expiredTime": expired }))
            .boxed(),
        Ask::GetResult => verification().boxed(),
    }
}

fn millis() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => scalars::unix_millis().prop_map(|time| Value::from(time.get())),
        1 => scalars::unix_millis().prop_map(|time| Value::from(time.get().to_string())),
    ]
}

/// Documented words, and sometimes another.
fn word<T: 'static>(all: &'static [T], as_str: fn(&T) -> &str) -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => prop::sample::select((0..all.len()).collect::<Vec<_>>())
            .prop_map(move |index| Value::from(all.get(index).map(as_str).unwrap_or_default())),
        1 => text(),
    ]
    .boxed()
}

/// `data` of get-result: a success with nothing against it, nothing yet, or anything that the document allows.
fn verification() -> impl Strategy<Value = Value> {
    prop_oneof![3 => clean(), 1 => unfinished(), 6 => any_verification()].boxed()
}

fn link() -> impl Strategy<Value = Option<Value>> {
    maybe(prop_oneof![4 => scalars::web_url().prop_map(Value::from), 1 => text()])
}

fn clean() -> impl Strategy<Value = Value> {
    use crate::domain::ImageType;
    let picture = maybe(prop::sample::select(ImageType::ALL).prop_map(|word| word.as_str().into()));
    let quality = maybe(Just(json!([])));
    (link(), link(), picture, quality, cards::card())
        .prop_map(|(image, cropped, image_type, quality, card)| {
            object([
                ("image", image),
                ("croppedImage", cropped),
                ("imageType", image_type),
                ("idvCode", Some("SUCCESS".into())),
                (
                    "idvResult",
                    Some(object([
                        ("isLowQuality", Some(false.into())),
                        ("forgeryLabels", Some(json!([]))),
                        ("qualityLabels", quality),
                    ])),
                ),
                ("ocrCode", Some("SUCCESS".into())),
                ("ocrResult", Some(card)),
            ])
        })
        .boxed()
}

fn unfinished() -> impl Strategy<Value = Value> {
    let names = [
        "image",
        "croppedImage",
        "imageType",
        "idvCode",
        "idvResult",
        "ocrCode",
        "ocrResult",
    ];
    any::<[bool; 7]>()
        .prop_map(move |there| {
            let there = names.into_iter().zip(there).filter(|(_, there)| *there);
            Value::Object(there.map(|(name, _)| (name.to_owned(), Value::Null)).collect())
        })
        .boxed()
}

fn any_verification() -> impl Strategy<Value = Value> {
    use crate::domain::{IdvCode, ImageType, OcrCode};
    (
        link(),
        link(),
        maybe(word(ImageType::ALL, ImageType::as_str)),
        maybe(word(IdvCode::ALL, IdvCode::as_str)),
        maybe(checks()),
        maybe(word(OcrCode::ALL, OcrCode::as_str)),
        maybe(prop_oneof![cards::card(), cards::any_card()]),
    )
        .prop_map(
            |(image, cropped, image_type, idv_code, idv_result, ocr_code, ocr_result)| {
                object([
                    ("image", image),
                    ("croppedImage", cropped),
                    ("imageType", image_type),
                    ("idvCode", idv_code),
                    ("idvResult", idv_result),
                    ("ocrCode", ocr_code),
                    ("ocrResult", ocr_result),
                ])
            },
        )
        .boxed()
}

fn checks() -> impl Strategy<Value = Value> {
    use crate::domain::{ForgeryLabel, QualityLabel};
    fn labels<T: 'static>(all: &'static [T], as_str: fn(&T) -> &str) -> impl Strategy<Value = Value> {
        prop::collection::vec(word(all, as_str), 0..5).prop_map(Value::from)
    }
    (
        maybe(any::<bool>().prop_map(Value::from)),
        maybe(labels(ForgeryLabel::ALL, ForgeryLabel::as_str)),
        maybe(labels(QualityLabel::ALL, QualityLabel::as_str)),
    )
        .prop_map(|(low, forged, quality)| {
            object([
                ("isLowQuality", low),
                ("forgeryLabels", forged),
                ("qualityLabels", quality),
            ])
        })
        .boxed()
}

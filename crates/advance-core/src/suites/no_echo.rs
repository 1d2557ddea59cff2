//! What was read off a card, and what opens a door, stays out of every text.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use super::runner::{fault, for_each_ask};
use super::{Ask, Parser};
use crate::strategies::hostile;

/// A word that stands nowhere else.
const CANARY: &str = "kanarienvogel";
const NUMBER: &str = "7734915502683";

/// Secrets and personal data of a documented success, and anything of a wrong type in any place beside them, show up
/// in no `Debug`, no `Display` and no source of an error.
///
/// # Panics
/// If the property does not hold.
pub fn what_is_personal_is_never_shown(parser: &impl Parser) {
    let wrong = prop_oneof![
        Just(None),
        prop::sample::select(vec![
            json!(CANARY),
            json!(7_734_915_502_683_u64),
            json!(7_734_915_502_683.5),
            json!([CANARY, 7_734_915_502_683_u64]),
            json!({ "kanarienvogel": 7_734_915_502_683_u64 }),
            json!(true),
        ])
        .prop_map(Some),
    ];
    for_each_ask(
        parser,
        "what is personal is never shown",
        |_| (wrong.clone(), any::<Index>(), any::<Option<Index>>()),
        |ask, (wrong, at, cut)| {
            let mut document = personal(ask);
            let places = hostile::places(&document);
            let place = at.get(&places);
            if let (Some(wrong), Some(there)) = (
                wrong.filter(|wrong| !is_public(place, wrong)),
                document.pointer_mut(place),
            ) {
                *there = wrong;
            }
            let body = document.to_string();
            let end = cut.map_or(body.len(), |cut| cut.index(body.len()));
            let body = &body.as_bytes()[..end];
            let parsed = parser.parse(ask, body);
            let shown = parsed.shown.to_lowercase();
            if shown.contains(CANARY) || shown.contains(NUMBER) {
                return Err(fault("shows what is personal", body, &parsed));
            }
            Ok(())
        },
    );
}

/// Words and times of the vendor's that may be shown.
fn is_public(place: &str, value: &Value) -> bool {
    let words = [
        "code",
        "message",
        "transactionId",
        "pricingStrategy",
        "signatureId",
        "idvCode",
        "ocrCode",
        "imageType",
    ];
    let word = words.iter().any(|word| place.ends_with(word)) || place.contains("Labels/");
    (word && value.is_string()) || (place.ends_with("expiredTime") && value.is_u64())
}

/// A success in which everything personal or secret says so.
fn personal(ask: Ask) -> Value {
    let data = match ask {
        Ask::GenerateToken => json!({ "token": format!("{CANARY}.{NUMBER}"), "expiredTime": 1 }),
        Ask::GenerateUrl => json!({
            "signatureId": "s",
            "url": format!("https://h5.example/{CANARY}?token={NUMBER}"),
            "expiredTime": 1,
        }),
        Ask::GetResult => {
            let names = crate::Ktp::default().fields().map(|(name, _)| name);
            let card: serde_json::Map<String, Value> = names
                .iter()
                .map(|name| ((*name).to_owned(), json!(format!("{CANARY} {NUMBER}"))))
                .collect();
            json!({
                "image": format!("https://i.example/{CANARY}?Signature={NUMBER}"),
                "croppedImage": format!("{CANARY} {NUMBER}"),
                "imageType": "SCAN",
                "idvCode": "SUCCESS",
                "idvResult": { "isLowQuality": false, "forgeryLabels": ["retake"], "qualityLabels": ["blur"] },
                "ocrCode": "SUCCESS",
                "ocrResult": card,
            })
        }
    };
    json!({
        "code": "SUCCESS", "message": "OK", "data": data, "extra": [CANARY, 7_734_915_502_683_u64],
        "transactionId": "t", "pricingStrategy": "FREE",
    })
}

//! What came and is documented comes back as equal JSON.

use serde_json::{Value, json};

use super::runner::{fault, for_each_ask};
use super::{Ask, Data, EXAMPLES, Parsed, Parser};
use crate::charge::Charge;
use crate::strategies::documents;
use crate::wire::{Code, PricingStrategy};

/// Documented replies, the fifteen examples first, are taken as they are: code, message, transaction id and charge as
/// they came, and data that serialises back to JSON that is equal to it. Absent and null are one, except in
/// `ocrResult`; `expiredTime` comes back as a number.
///
/// # Panics
/// If the property does not hold.
pub fn documented_replies_come_back_equal(parser: &impl Parser) {
    for example in EXAMPLES
        .iter()
        .filter(|example| parser.asks().contains(&example.ask))
    {
        let parsed = parser.parse(example.ask, example.body.as_bytes());
        let came = serde_json::from_str(example.body).unwrap_or_default();
        assert_eq!(
            lost(example.ask, &came, &parsed),
            None,
            "{}: {parsed:?}",
            example.name
        );
    }
    for_each_ask(
        parser,
        "documented replies come back equal",
        documents::reply,
        |ask, body| {
            let came = serde_json::from_str(&body).unwrap_or_default();
            let parsed = parser.parse(ask, body.as_bytes());
            match lost(ask, &came, &parsed) {
                None => Ok(()),
                Some(what) => Err(fault(what, &body, &parsed)),
            }
        },
    );
}

/// What the parser made something else of.
fn lost(ask: Ask, came: &Value, parsed: &Parsed) -> Option<&'static str> {
    if !parsed.is_reply {
        return Some("refused a documented reply");
    }
    let code = parsed.code.as_ref().map(Code::as_str);
    if code != came["code"].as_str() {
        return Some("lost the code");
    }
    // An error for a missing `data` needs no message.
    let data = (code == Some("SUCCESS") && !came["data"].is_null()).then_some(&came["data"]);
    let silent = code == Some("SUCCESS") && data.is_none();
    if !silent && parsed.message.as_deref() != came["message"].as_str() {
        return Some("lost the message");
    }
    let id = parsed.transaction_id.as_ref().map(crate::TransactionId::as_str);
    if id != came["transactionId"].as_str() {
        return Some("lost the transaction id");
    }
    let pricing = came["pricingStrategy"].as_str().map(PricingStrategy::from);
    if parsed.charge != Charge::of(pricing.as_ref()) {
        return Some("lost the charge");
    }
    let back = match &parsed.data {
        // A stranger may leave out what is null.
        Some(Data::Strangers(data)) => documented(ask, &data.0),
        data => serde_json::to_value(data).unwrap_or_default(),
    };
    let expected = data.map(|data| documented(ask, data)).unwrap_or_default();
    (back != expected).then_some("lost some data")
}

/// The documented members of `data` in the one notation that is written.
fn documented(ask: Ask, data: &Value) -> Value {
    let millis = || {
        let time = &data["expiredTime"];
        let digits = time.as_str().and_then(|text| text.parse::<u64>().ok());
        digits.map_or_else(|| time.clone(), Value::from)
    };
    match ask {
        Ask::GenerateToken => json!({ "token": data["token"], "expiredTime": millis() }),
        Ask::GenerateUrl => {
            json!({ "signatureId": data["signatureId"], "url": data["url"], "expiredTime": millis() })
        }
        Ask::GetResult => {
            let checks = &data["idvResult"];
            let checks = if checks.is_null() {
                Value::Null
            } else {
                json!({
                    "isLowQuality": checks["isLowQuality"],
                    "forgeryLabels": checks["forgeryLabels"],
                    "qualityLabels": checks["qualityLabels"],
                })
            };
            json!({
                "image": data["image"],
                "croppedImage": data["croppedImage"],
                "imageType": data["imageType"],
                "idvCode": data["idvCode"],
                "idvResult": checks,
                "ocrCode": data["ocrCode"],
                "ocrResult": data["ocrResult"],
            })
        }
    }
}

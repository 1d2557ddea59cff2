//! Any bytes get an answer, and any word is kept.

use serde_json::Value;

use super::runner::{fault, for_each_ask};
use super::{Ask, Parser};
use crate::strategies::{any_text, hostile};
use crate::wire::Code;

/// The longest text that an error or a reply may have for a `Debug` of one line, after any reply.
const LONGEST: usize = 40_000;

/// No body makes it panic, and nothing it says holds a control character or goes on without end.
///
/// # Panics
/// If the property does not hold.
pub fn any_bytes_are_judged(parser: &impl Parser) {
    for_each_ask(parser, "any bytes are judged", hostile::body, |ask, body| {
        let parsed = parser.parse(ask, &body);
        if parsed.shown.contains(|c: char| c.is_control()) {
            return Err(fault("shows a control character", &body, &parsed));
        }
        if parsed.shown.len() > LONGEST {
            return Err(fault("goes on without end", &body, &parsed));
        }
        if parsed.data.is_some() && (!parsed.is_reply || parsed.code != Some(Code::Success)) {
            return Err(fault("has data without success", &body, &parsed));
        }
        if !parsed.is_reply && parsed.shown.is_empty() {
            return Err(fault("does not say why", &body, &parsed));
        }
        Ok(())
    });
}

/// Words that are not documented come back as they came: the code, the transaction id, the message, and in a result
/// every code and label.
///
/// # Panics
/// If the property does not hold.
pub fn unknown_words_survive(parser: &impl Parser) {
    for_each_ask(
        parser,
        "unknown words survive",
        |_| (any_text(), any_text(), any_text()),
        |ask, (code, message, id)| {
            let reply = serde_json::json!({ "code": code, "message": message, "transactionId": id });
            let parsed = parser.parse(ask, reply.to_string().as_bytes());
            let kept = parsed.code.as_ref().map(Code::as_str) == Some(&code)
                && parsed.message.as_ref() == Some(&message)
                && parsed.transaction_id.as_ref().map(crate::TransactionId::as_str) == Some(&id);
            if code.is_empty() {
                let refused = !parsed.is_reply && parsed.code.is_none();
                return if refused {
                    Ok(())
                } else {
                    Err(fault("took an empty code", reply.to_string(), &parsed))
                };
            }
            // A success without data is an error that needs no message.
            let silent = code == "SUCCESS";
            if kept || silent {
                Ok(())
            } else {
                Err(fault("lost a word", reply.to_string(), &parsed))
            }
        },
    );
    if !parser.asks().contains(&Ask::GetResult) {
        return;
    }
    let words = || (any_text(), any_text(), any_text(), any_text(), any_text());
    super::runner::check(
        "unknown words of a result survive",
        &words(),
        |(idv, ocr, image, forged, quality)| {
            let data = serde_json::json!({
                "idvCode": idv, "ocrCode": ocr, "imageType": image,
                "idvResult": { "forgeryLabels": [forged, forged], "qualityLabels": [quality] },
            });
            let reply = serde_json::json!({ "code": "SUCCESS", "data": data }).to_string();
            let parsed = parser.parse(Ask::GetResult, reply.as_bytes());
            let back = serde_json::to_value(&parsed.data).unwrap_or_default();
            let kept = ["idvCode", "ocrCode", "imageType"]
                .iter()
                .all(|name| back[name] == data[name])
                && back["idvResult"]["forgeryLabels"] == data["idvResult"]["forgeryLabels"]
                && back["idvResult"]["qualityLabels"] == data["idvResult"]["qualityLabels"]
                && back["image"] == Value::Null;
            if kept {
                Ok(())
            } else {
                Err(fault("lost a word", &reply, &parsed))
            }
        },
    );
}

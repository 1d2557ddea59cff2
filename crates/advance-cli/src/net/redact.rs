//! What may be shown of a request or a reply: the words of the protocol, and no value that is secret or personal.

use serde_json::{Map, Value};

/// Members whose values are words of the protocol, counters or the vendor's handles.
const OPEN: [&str; 15] = [
    "code",
    "croppedImageType",
    "expiredTime",
    "forgeryLabels",
    "idvCode",
    "imageType",
    "isLowQuality",
    "ocrCode",
    "periodSecond",
    "pricingStrategy",
    "qualityLabels",
    "region",
    "signatureId",
    "timestamp",
    "transactionId",
];

/// The body with all other values hidden; what is no JSON is only measured.
pub(super) fn body(body: &[u8]) -> String {
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => hidden(value).to_string(),
        Err(_) => format!("[{} bytes that are not JSON]", body.len()),
    }
}

fn hidden(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(members.into_iter().map(member).collect::<Map<_, _>>()),
        Value::Array(items) => Value::Array(items.into_iter().map(hidden).collect()),
        Value::Null => Value::Null,
        _ => "[redacted]".into(),
    }
}

fn member((name, value): (String, Value)) -> (String, Value) {
    let open = OPEN.contains(&name.as_str())
        && match &value {
            Value::Array(items) => items.iter().all(Value::is_string),
            other => !other.is_object(),
        };
    let value = if open { value } else { hidden(value) };
    (name, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_of_the_protocol_are_shown() {
        let reply = br#"{"code":"SUCCESS","message":"OK h1dden","data":{"idvCode":"SUCCESS","ocrResult":{"name":"h1dden","code":{"x":"h1dden"}},
            "idvResult":{"forgeryLabels":["scan"],"isLowQuality":true},"image":"https://h1dden"},"extra":null}"#;
        let shown = body(reply);
        assert!(!shown.contains("h1dden"), "{shown}");
        for word in [
            r#""idvCode":"SUCCESS""#,
            r#""forgeryLabels":["scan"]"#,
            r#""isLowQuality":true"#,
            r#""extra":null"#,
        ] {
            assert!(shown.contains(word), "{shown}");
        }
        assert_eq!(body(b"<html>"), "[6 bytes that are not JSON]");
    }
}

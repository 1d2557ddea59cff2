//! FAULTS row 58 in full: a wrong type in any place, and no error says what stood there.
//!
//! Each place of each documented success gets each kind of value in turn. Every value holds canaries: words and
//! numbers that stand nowhere else. Then every text the error can give is searched for them.

use std::error::Error;

use serde_json::{Value, json};

use crate::support::{CALLS, Call};

const WORDS: [&str; 4] = ["KANARIENVOGEL", "3374015006890002", "kanarien-key", "98765.4321"];

fn values() -> [Value; 6] {
    [
        json!("KANARIENVOGEL, expected 3374015006890002"),
        json!(3_374_015_006_890_002_u64),
        json!(98_765.432_1),
        json!(true),
        json!(["KANARIENVOGEL", 3_374_015_006_890_002_u64, 98_765.432_1]),
        json!({ "kanarien-key": "KANARIENVOGEL", "KANARIENVOGEL": 3_374_015_006_890_002_u64 }),
    ]
}

/// Every place in a JSON value, as pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut inner = |name: String, value| {
        let at = format!("{at}/{name}");
        places(value, &at, found);
        found.push(at);
    };
    match value {
        Value::Object(members) => members
            .iter()
            .for_each(|(name, value)| inner(name.clone(), value)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, value)| inner(index.to_string(), value)),
        _ => {}
    }
}

/// Everything an error can be made to say, its sources included.
fn texts(error: &(dyn Error + 'static)) -> String {
    let mut texts = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        texts.push(format!("{error} {error:?} {error:#?}"));
        next = error.source();
    }
    texts.join("\n")
}

#[test]
fn fault_58_no_error_quotes_what_stood_in_any_place() {
    let mut refused = 0;
    for call in CALLS {
        let reply: Value = serde_json::from_str(call.success()).unwrap();
        let mut all = Vec::new();
        places(&reply, "", &mut all);
        assert!(all.len() >= 8, "{all:?}");
        for place in all {
            for value in values() {
                let mut reply = reply.clone();
                *reply.pointer_mut(&place).unwrap() = value.clone();
                let shown = match call.parse(reply.to_string()) {
                    Ok(_)
                        if ["/code", "/message", "/transactionId", "/pricingStrategy"].contains(&&*place) =>
                    {
                        // Words that a text may show: they are no personal data.
                        continue;
                    }
                    // So is a time.
                    Ok(_) if place == "/data/expiredTime" => continue,
                    Ok(read) => read.debug,
                    Err(error) => {
                        refused += 1;
                        texts(&error)
                    }
                };
                // Undocumented labels and codes are shown: they are the vendor's words.
                if ["Labels/", "/idvCode", "/ocrCode", "/imageType", "/signatureId"]
                    .iter()
                    .any(|open| place.contains(open))
                    && value.is_string()
                {
                    continue;
                }
                for word in WORDS {
                    assert!(!shown.contains(word), "{place} <- {value}: {shown}");
                }
            }
        }
    }
    assert!(refused > 150, "only {refused} were refused");
}

#[test]
fn fault_58_no_error_quotes_a_neighbour() {
    // What stands beside the wrong place, and undocumented names, stay unsaid too.
    let mut reply: Value = serde_json::from_str(Call::GetResult.success()).unwrap();
    reply["data"]["ocrResult"]["name"] = json!("KANARIENVOGEL");
    reply["data"]["ocrResult"]["kanarien-key"] = json!(98_765.432_1);
    reply["data"]["image"] = json!("https://i.example/KANARIENVOGEL.png?Signature=3374015006890002");
    reply["data"]["ocrResult"]["birthday"] = json!(1);
    let error = Call::GetResult.parse(reply.to_string()).unwrap_err();
    let shown = [texts(&error), texts(&error.error)].concat();
    for word in WORDS {
        assert!(!shown.contains(word), "{shown}");
    }
}

#[test]
fn fault_58_broken_json_is_located_and_not_quoted() {
    for broken in [
        r#"{"code":"SUCCESS","data":{"ocrResult":{"name":"KANARIENVOGEL" 3374015006890002}}}"#,
        r#"{"code":"SUCCESS","KANARIENVOGEL"}"#,
        "KANARIENVOGEL",
        r#"{"code":"SUCCESS","data":{"ocrResult":{"name":"KANARIENVOGEL\ud800"}}}"#,
        r#"{"code":"SUCCESS","KANARIENVOGEL":"#,
    ] {
        let error = Call::GetResult.parse(broken).unwrap_err();
        let shown = texts(&error);
        for word in WORDS {
            assert!(!shown.contains(word), "{broken}: {shown}");
        }
    }
}

#[test]
fn debug_of_a_whole_result_shows_its_shape_alone() {
    let mut reply: Value = serde_json::from_str(Call::GetResult.success()).unwrap();
    let data = reply["data"].as_object_mut().unwrap();
    for printed in data["ocrResult"].as_object_mut().unwrap().values_mut() {
        *printed = json!("KANARIENVOGEL 3374015006890002");
    }
    for link in ["image", "croppedImage"] {
        data[link] = json!("https://i.example/kanarien-key.png?Signature=KANARIENVOGEL#98765.4321");
    }
    reply["extra"] = json!({ "kanarien-key": "KANARIENVOGEL" });
    let shown = Call::GetResult.parse(reply.to_string()).unwrap().debug;
    for word in WORDS {
        assert!(!shown.contains(word), "{shown}");
    }
    // `{:?}` and `{:#?}`: eighteen fields and two links each.
    assert_eq!(shown.matches(": read").count(), 2 * 18, "{shown}");
    assert_eq!(shown.matches("https://i.example/…").count(), 2 * 2, "{shown}");
}

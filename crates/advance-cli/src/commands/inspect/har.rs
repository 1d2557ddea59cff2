//! HAR: what a browser or a proxy saved.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::detect::Call;
use super::find::{self, Found};
use super::head::Head;

/// Whether it is one.
pub(super) fn is_one(object: &Map<String, Value>) -> bool {
    object
        .get("log")
        .and_then(|log| log.get("entries"))
        .is_some_and(Value::is_array)
}

/// The bodies of its requests and replies.
pub(super) fn entries(object: &Map<String, Value>) -> Vec<Found> {
    let entries = object
        .get("log")
        .and_then(|log| log.get("entries"))
        .and_then(Value::as_array);
    let mut found = Vec::new();
    for (index, entry) in entries.into_iter().flatten().enumerate() {
        let call = text(entry, "/request/url").and_then(Call::of_path);
        let number = index + 1;
        if let Some(body) = text(entry, "/request/postData/text") {
            let head = Head {
                call,
                status: None,
                headers: headers(entry, "/request/headers"),
            };
            find::in_string(body, &format!("entry {number}, request"), &head, 0, &mut found);
        }
        if let Some(body) = content(entry) {
            let status = entry.pointer("/response/status").and_then(Value::as_u64);
            let status = status.and_then(|status| u16::try_from(status).ok());
            let head = Head {
                call,
                status,
                headers: headers(entry, "/response/headers"),
            };
            find::in_string(&body, &format!("entry {number}, reply"), &head, 0, &mut found);
        }
    }
    found
}

fn content(entry: &Value) -> Option<String> {
    let body = text(entry, "/response/content/text")?;
    if text(entry, "/response/content/encoding") == Some("base64") {
        return String::from_utf8(STANDARD.decode(body).ok()?).ok();
    }
    Some(body.to_owned())
}

fn text<'a>(entry: &'a Value, pointer: &str) -> Option<&'a str> {
    entry.pointer(pointer)?.as_str()
}

fn headers(entry: &Value, pointer: &str) -> Vec<(String, String)> {
    let headers = entry.pointer(pointer).and_then(Value::as_array);
    let named = |header: &Value| {
        Some((
            text(header, "/name")?.to_owned(),
            text(header, "/value")?.to_owned(),
        ))
    };
    headers.into_iter().flatten().filter_map(named).collect()
}

//! What the sandbox tells as it happens.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use advance_sandbox::{Event, Sandbox};
use serde_json::json;

use crate::wire::{OWN, TOKEN, connect, control, raw, request};

#[test]
fn events_tell_what_was_answered_as_it_was() {
    let sandbox = Sandbox::start_blocking().unwrap();
    let mut events = sandbox.events();
    raw(
        sandbox.addr(),
        &request("POST", TOKEN, OWN, r#"{"accessKey":"secret-thing"}"#),
    );
    control(&sandbox, "POST", "clock", &json!({"advanceMs": 5}));
    let first = events.next_blocking().unwrap();
    let Event::Answered { entry, .. } = &*first else {
        panic!("{first:?}")
    };
    assert_eq!(entry.code.as_deref(), Some("PARAMETER_ERROR"));
    let json = serde_json::to_value(&*first).unwrap();
    assert_eq!(
        (&json["event"], &json["path"], &json["pricingStrategy"]),
        (&json!("answered"), &json!(TOKEN), &json!("FREE"))
    );
    assert!(json["durationMs"].is_number() && json["transactionId"].is_string());
    assert!(!json.to_string().contains("secret-thing"));
    let second = serde_json::to_value(&*events.next_blocking().unwrap()).unwrap();
    assert_eq!(
        (&second["path"], &second["n"]),
        (&json!("/__sandbox/clock"), &json!(0))
    );
    drop(sandbox);
    assert!(events.next_blocking().is_none());
}

#[test]
fn events_come_over_http_too() {
    let sandbox = Sandbox::start_blocking().unwrap();
    let mut stream = connect(sandbox.addr());
    stream
        .write_all(b"GET /__sandbox/events HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .unwrap();
    let mut read = String::new();
    let mut buffer = [0; 4096];
    while !read.contains("\"event\":\"answered\"") {
        if read.contains("text/event-stream") {
            raw(sandbox.addr(), &request("POST", TOKEN, OWN, "{}"));
        }
        let count = stream.read(&mut buffer).unwrap();
        read.push_str(&String::from_utf8_lossy(&buffer[..count]));
    }
    let began = Instant::now();
    sandbox.shutdown_blocking();
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "a reader of events holds up no shutdown"
    );
}

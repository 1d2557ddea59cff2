//! Connections that fail as planned, dawdle or break off.

use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use advance_sandbox::Sandbox;
use advance_sandbox::model::Stub;
use serde_json::json;

use crate::wire::{OWN, TOKEN, connect, control, raw, request, status};

#[test]
fn a_connection_fails_as_planned_and_then_no_more() {
    let sandbox = Sandbox::start_blocking().unwrap();
    let call = || raw(sandbox.addr(), &request("POST", TOKEN, OWN, "{}"));
    let whole = call().0.len();
    let reset = Some(ErrorKind::ConnectionReset);
    for (fault, done) in [
        ("reset-before", false),
        ("reset-unanswered", true),
        ("reset-in", true),
        ("reset-after", true),
        ("cut-body", true),
        ("garbage", true),
    ] {
        let asked = sandbox.with_vendor(|vendor| vendor.token_requests());
        let plan = json!({"plan": [{"endpoint": "generate-token", "times": 1, "socket": fault}]});
        assert_eq!(control(&sandbox, "POST", "faults", &plan), json!({"ok": true}));
        let (reply, ended) = call();
        let counted = sandbox.with_vendor(|vendor| vendor.token_requests()) - asked;
        assert_eq!(counted == 1, done, "{fault}");
        match fault {
            "reset-before" | "reset-unanswered" => {
                assert_eq!((reply.as_str(), ended), ("", reset), "{fault}");
            }
            "reset-in" => assert!(reply.len() < 50 && ended == reset, "{reply} {ended:?}"),
            "reset-after" => assert!(reply.len() == whole || ended == reset, "{reply} {ended:?}"),
            "cut-body" => {
                assert!(
                    reply.contains("\"code\"") && reply.len() < whole && ended.is_none(),
                    "{reply} {ended:?}"
                );
            }
            _ => assert!(!reply.starts_with("HTTP/") && !reply.is_empty(), "{reply}"),
        }
        assert!(call().0.starts_with("HTTP/1.1 200"), "{fault} is over");
    }
    let journal = control(&sandbox, "GET", "journal", &json!({}));
    assert_eq!(journal[1]["fault"], "reset-before");
}

#[test]
fn a_kept_connection_goes_stale() {
    let sandbox = Sandbox::start_blocking().unwrap();
    let plan = json!({"plan": [{"times": 1, "socket": "stale-keep-alive"}]});
    control(&sandbox, "POST", "faults", &plan);
    let mut stream = connect(sandbox.addr());
    let ask = format!("POST {TOKEN} HTTP/1.1\r\n{OWN}content-length: 2\r\n\r\n{{}}");
    stream.write_all(ask.as_bytes()).unwrap();
    let mut buffer = [0; 4096];
    let count = stream.read(&mut buffer).unwrap();
    assert!(buffer[..count].starts_with(b"HTTP/1.1 200"));
    std::thread::sleep(Duration::from_millis(100));
    stream.write_all(ask.as_bytes()).unwrap();
    let ended = loop {
        match stream.read(&mut buffer) {
            Ok(0) => break None,
            // The rest of the first reply.
            Ok(_) => {}
            Err(error) => break Some(error.kind()),
        }
    };
    assert_eq!(ended, Some(ErrorKind::ConnectionReset));
}

#[test]
fn a_slow_reply_holds_up_neither_control_calls_nor_pictures() {
    let sandbox = Sandbox::start_blocking().unwrap();
    let plan = json!({"plan": [{"delayMs": 700}, {"dribble": {"bytes": 40, "everyMs": 100}}]});
    let began = Instant::now();
    control(&sandbox, "POST", "faults", &plan);
    control(&sandbox, "GET", "health", &json!({}));
    assert!(began.elapsed() < Duration::from_millis(600));
    let began = Instant::now();
    let (reply, ended) = raw(sandbox.addr(), &request("POST", TOKEN, OWN, "{}"));
    assert!(
        reply.contains("PARAMETER_ERROR") || reply.contains("CLIENT_ERROR"),
        "{reply}"
    );
    assert_eq!(ended, None);
    assert!(
        began.elapsed() >= Duration::from_millis(900),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn a_body_that_breaks_off_is_a_bad_request() {
    let sandbox = Sandbox::builder()
        .read_timeout(Duration::from_millis(300))
        .start_blocking()
        .unwrap();
    let head = format!(
        "POST {TOKEN} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n"
    );
    let late = format!("{head}content-length: 10\r\n\r\n{{");
    let chunks = format!("{head}transfer-encoding: chunked\r\n\r\nZZZ\r\n");
    for request in [late, chunks] {
        let (reply, _) = raw(sandbox.addr(), request.as_bytes());
        assert!(
            reply.is_empty() || reply.contains("HTTP 400 - Bad Request") || status(&reply) == "400",
            "{reply}"
        );
        assert!(!reply.contains("HTTP 413"), "{reply}");
    }
}

#[test]
fn connections_that_do_nothing_are_closed() {
    let sandbox = Sandbox::builder()
        .idle_timeout(Duration::from_millis(300))
        .start_blocking()
        .unwrap();
    for begun in ["", "POST /x HTTP/1.1\r\nhost:"] {
        let began = Instant::now();
        raw(sandbox.addr(), begun.as_bytes());
        assert!(began.elapsed() < Duration::from_secs(5), "{begun}");
    }
}

#[test]
fn a_reader_that_does_not_read_is_let_go() {
    let sandbox = Sandbox::builder()
        .read_timeout(Duration::from_millis(300))
        .start_blocking()
        .unwrap();
    // Replies that no socket's buffers hold.
    let data = serde_json::value::to_raw_value(&"x".repeat(1 << 20)).unwrap();
    sandbox.with_vendor(|vendor| assert!(vendor.stub(Stub::post("/large").data(data).open())));
    let mut lazy = connect(sandbox.addr());
    let ask = "POST /large HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n";
    lazy.write_all(ask.repeat(20).as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    let mut all = Vec::new();
    // Whether it ends by a reset or by an end: it ends, and before twenty replies.
    let _ = lazy.read_to_end(&mut all);
    assert!(all.len() < 20 << 20, "{}", all.len());
}

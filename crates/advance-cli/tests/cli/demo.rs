//! `advance demo`

use std::io::Read as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use advance_core::Ktp;
use serde_json::{Value, json};

use crate::support::{SandboxProcess, advance, run, with_keys};

fn check(demo: &Value) {
    let id = demo["signatureId"].as_str().unwrap();
    let url = demo["url"].as_str().unwrap();
    assert!(url.starts_with("http://127.0.0.1:") && url.contains(id), "{url}");
    assert_eq!(demo["idvCode"], "SUCCESS");
    assert_eq!(demo["ocrCode"], "SUCCESS");
    assert_eq!(demo["verdict"], json!({"outcome": "passed", "reasons": []}));
    let card = demo["ocrResult"].as_object().unwrap();
    let fields = Ktp::default().fields().map(|(name, _)| name);
    let names: Vec<&str> = card.keys().map(String::as_str).collect();
    assert_eq!(names.len(), Ktp::COUNT);
    assert!(fields.iter().all(|field| card[*field].is_string()), "{names:?}");
    assert_eq!(demo["requests"], 3);
    assert_eq!(demo["charges"], json!({"free": 3, "pay": 0, "unknown": 0}));
    let asked: Vec<&Value> = demo["replies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reply| &reply["endpoint"])
        .collect();
    assert_eq!(asked, ["generate-token", "generate-url", "get-result"]);
}

#[test]
fn one_json_object_over_either_client() {
    check(&run(&mut advance(&["demo", "--json"])).succeeded().json());
    check(
        &run(&mut advance(&["--json", "demo", "--blocking"]))
            .succeeded()
            .json(),
    );
}

#[test]
fn a_person_reads_everything_in_order() {
    for args in [&["demo"][..], &["demo", "--blocking"]] {
        let text = run(&mut advance(args)).succeeded().stdout;
        let mut rest = text.as_str();
        for expected in [
            "http://127.0.0.1:",
            "ends with this command; --keep lets you open it",
            "signatureId",
            "A simulated person opens it",
            "Verdict: passed",
            "idvCode        SUCCESS  Document Verification is successful.",
            "ocrCode        SUCCESS  OCR is successful.",
            "forgeryLabels  none",
            "idNumber            3174065708900000",
            "birthday            1990/08/17",
            "idNumber agrees with birthday",
            "1  generate-token  SUCCESS  FREE",
            "2  generate-url    SUCCESS  FREE",
            "3  get-result      SUCCESS  FREE",
            "3 requests, none charged, by the sandbox's journal",
        ] {
            let at = rest
                .find(expected)
                .unwrap_or_else(|| panic!("no {expected:?} in {rest}"));
            rest = &rest[at..];
        }
        assert!(
            Ktp::default()
                .fields()
                .iter()
                .all(|(field, _)| text.contains(&format!("\n  {field}  "))),
            "{text}"
        );
        assert!(
            !text.contains('\u{1b}') && text.lines().all(|line| line.trim_end() == line),
            "{text:?}"
        );
    }
}

#[test]
fn the_user_id_says_how_it_ends() {
    for (user_id, idv, ocr, outcome) in [
        ("sbx-forged", "FORGERY_DETECTED", json!("SUCCESS"), "failed"),
        ("sbx-low-quality", "LOW_QUALITY_IMAGE", Value::Null, "failed"),
        ("sbx-no-card", "CARD_NOT_FOUND", Value::Null, "failed"),
        ("sbx-ocr-empty", "SUCCESS", json!("OCR_NO_RESULT"), "needs_review"),
        ("somebody", "SUCCESS", json!("SUCCESS"), "passed"),
    ] {
        let demo = run(&mut advance(&["demo", "--json", "--user-id", user_id]))
            .succeeded()
            .json();
        assert_eq!(
            (&demo["idvCode"], &demo["ocrCode"]),
            (&json!(idv), &ocr),
            "{user_id}"
        );
        assert_eq!(demo["verdict"]["outcome"], outcome, "{user_id}");
    }
    let labels = run(&mut advance(&["demo", "--user-id", "sbx-forged"]))
        .succeeded()
        .stdout;
    assert!(
        labels.contains("b&wPhotocopied") && labels.contains("A black-and-white photocopy."),
        "{labels}"
    );
}

#[test]
fn somebody_slow_is_waited_for() {
    let demo = run(&mut advance(&["demo", "--json", "--user-id", "sbx-pending-3"]))
        .succeeded()
        .json();
    assert_eq!(demo["idvCode"], "SUCCESS");
    // A token, a link, and three polls.
    assert_eq!(demo["requests"], 5);
    assert_eq!(demo["charges"]["free"], 5);
}

#[test]
fn at_a_host_it_counts_what_that_host_saw() {
    let sandbox = SandboxProcess::start(&["--charging", "pay-per-result"]);
    let args = [
        "demo",
        "--json",
        "--base-url",
        &sandbox.base_url,
        "--user-id",
        "sbx-ok",
    ];
    let demo = run(&mut with_keys(&args)).succeeded().json();
    assert_eq!(demo["requests"], 3);
    assert_eq!(demo["charges"], json!({"free": 2, "pay": 1, "unknown": 0}));
    assert!(demo["url"].as_str().unwrap().starts_with(&sandbox.base_url));
}

#[test]
fn at_a_host_it_ends_with_the_link_if_nobody_comes() {
    let sandbox = SandboxProcess::start(&["--link-life", "1"]);
    let args = ["demo", "--json", "--base-url", &sandbox.base_url, "--grace", "6"];
    let ran = run(&mut with_keys(&args));
    assert_eq!((ran.exit, ran.stderr.as_str()), (3, ""));
    let error = &ran.json()["error"];
    assert!(
        error["message"].as_str().unwrap().contains("link ended"),
        "{error}"
    );
    // It is asked for a while after the link ended, for a person may finish in its last second.
    assert!(error["requests"].as_u64().unwrap() > 2, "{error}");
    assert_eq!(
        (&error["kind"], &error["advice"]),
        (&json!("link_expired"), &json!("new_link"))
    );
}

#[test]
fn in_a_sandbox_it_takes_no_time() {
    for user_id in ["sbx-ok", "somebody"] {
        let begun = Instant::now();
        run(&mut advance(&["demo", "--user-id", user_id])).succeeded();
        // A wait for a fresh link asks after 5 s; no card has to be photographed here.
        assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    }
}

#[test]
fn at_a_host_that_does_not_know_the_id_at_first_it_waits() {
    let sandbox = SandboxProcess::start(&["--unfinished", "signature-not-exist"]);
    let args = [
        "demo",
        "--json",
        "--base-url",
        &sandbox.base_url,
        "--user-id",
        "sbx-pending-2",
    ];
    let demo = run(&mut with_keys(&args)).succeeded().json();
    assert_eq!(
        (&demo["idvCode"], &demo["requests"]),
        (&json!("SUCCESS"), &json!(4))
    );
}

#[test]
fn the_environments_host_is_left_alone() {
    let mut command = advance(&["demo", "--json"]);
    command.env("ADVANCE_BASE_URL", "https://192.0.2.1");
    check(&run(&mut command).succeeded().json());
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    for args in [&["demo"][..], &["demo", "--json"]] {
        let mut child = advance(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(child.wait().unwrap().success());
        assert_eq!(said, "");
    }
}

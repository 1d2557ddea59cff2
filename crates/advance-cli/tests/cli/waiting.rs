//! `wait`, `result --wait` and `result` with several ids.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Ran, SandboxProcess, run, with_keys};

fn call(sandbox: &SandboxProcess, args: &[&str]) -> Ran {
    let mut command = with_keys(args);
    command.env("ADVANCE_BASE_URL", &sandbox.base_url);
    run(&mut command)
}

fn link(sandbox: &SandboxProcess, user_id: &str) -> String {
    let url = "https://shop.example/";
    let args = [
        "link",
        "--json",
        "--return-url",
        url,
        "--fail-return-url",
        url,
        "--user-id",
        user_id,
    ];
    call(sandbox, &args).succeeded().json()["signatureId"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_wait_ends_when_the_person_has_finished() {
    let sandbox = SandboxProcess::start(&["--charging", "pay-per-poll"]);
    let id = link(&sandbox, "sbx-pending-2");
    let result = call(&sandbox, &["wait", &id, "--json"]).succeeded().json();
    assert_eq!(
        (&result["signatureId"], &result["idvCode"]),
        (&json!(id), &json!("SUCCESS"))
    );
    assert_eq!((&result["polls"], &result["requests"]), (&json!(2), &json!(3)));
    assert_eq!(result["charges"], json!({"free": 1, "pay": 2, "unknown": 0}));
}

#[test]
fn a_wait_ends_when_its_time_is_up() {
    let sandbox = SandboxProcess::start(&["--unfinished", "signature-not-exist"]);
    let id = link(&sandbox, "somebody");
    for args in [
        &["wait", &id, "--timeout", "3", "--unknown-is-unfinished"][..],
        &[
            "result",
            "--wait",
            &id,
            "--timeout",
            "3",
            "--unknown-is-unfinished",
            "--blocking",
        ],
    ] {
        let ran = call(&sandbox, args).failed(1);
        assert!(
            ran.stderr.starts_with("error: the person had not finished"),
            "{}",
            ran.stderr
        );
        assert!(ran.stderr.contains("SIGNATURE_NOT_EXIST"), "{}", ran.stderr);
    }
    let ran = call(&sandbox, &["wait", &id, "--json"]);
    assert_eq!(ran.exit, 1);
    assert_eq!(ran.json()["error"]["code"], "SIGNATURE_NOT_EXIST");
}

#[test]
fn no_data_yet_is_no_cause_of_a_wait_that_ran_out() {
    let sandbox = SandboxProcess::start(&["--unfinished", "null-data"]);
    let id = link(&sandbox, "somebody");
    let args = ["result", "--wait", &id, "--timeout", "2"];
    let ran = call(&sandbox, &args).failed(1);
    assert!(
        ran.stderr.starts_with("error: the person had not finished") && !ran.stderr.contains("cause:"),
        "{}",
        ran.stderr
    );
    let ran = call(&sandbox, &[&args[..], &["--json", "--blocking"]].concat());
    let error = &ran.json()["error"];
    assert_eq!(error["kind"], "not-finished");
    assert!(error.get("cause").is_none(), "{error}");
}

#[test]
fn several_results_keep_their_order_and_their_own_errors() {
    let sandbox = SandboxProcess::start(&[]);
    let (good, forged) = (link(&sandbox, "sbx-ok"), link(&sandbox, "sbx-forged"));
    for client in [&[][..], &["--blocking"]] {
        let args = [
            &["result", &good, "nobody", &forged, "--concurrency", "2"],
            client,
        ]
        .concat();
        let ran = call(&sandbox, &[&args[..], &["--json"]].concat());
        assert_eq!((ran.exit, ran.stderr.as_str()), (1, ""));
        let batch = ran.json();
        let results = batch["results"].as_array().unwrap();
        let ids: Vec<&Value> = results.iter().map(|one| &one["signatureId"]).collect();
        assert_eq!(ids, [&good, "nobody", &forged]);
        assert_eq!(results[0]["verdict"]["outcome"], "passed");
        assert_eq!(results[1]["error"]["code"], "SIGNATURE_NOT_EXIST");
        assert_eq!(results[2]["idvCode"], "FORGERY_DETECTED");
        assert_eq!(batch["failed"], 1);
        let error = &batch["error"];
        assert_eq!(
            (&error["kind"], &error["requests"], &error["charges"]),
            (&json!("batch"), &json!(4), &batch["charges"])
        );
        assert!(error["message"].as_str().unwrap().starts_with("1 of 3 results"));
        assert_eq!(batch["charges"], json!({"free": 4, "pay": 0, "unknown": 0}));

        let ran = call(&sandbox, &args);
        assert_eq!(ran.exit, 1);
        assert_eq!(ran.stderr, "error: 1 of 3 results could not be had\n");
        assert!(
            ran.stdout
                .contains("signatureId  nobody\nerror: SIGNATURE_NOT_EXIST"),
            "{}",
            ran.stdout
        );
        assert!(
            ran.stdout
                .ends_with("4 requests in all: 4 free, 0 charged, 0 of unknown cost\n"),
            "{}",
            ran.stdout
        );
    }
    let ran = call(&sandbox, &["result", &good, &forged, "--json"]).succeeded();
    assert_eq!(ran.json()["failed"], 0);
    assert!(ran.json().get("error").is_none(), "{}", ran.stdout);
    call(&sandbox, &["result", &good, &forged, "--wait"]).failed(2);
    call(&sandbox, &["result", &good, "--timeout", "3"]).failed(2);
}

#[test]
fn an_interval_is_kept_between_two_of_several() {
    let sandbox = SandboxProcess::start(&[]);
    let id = link(&sandbox, "sbx-ok");
    let begun = Instant::now();
    call(&sandbox, &["result", &id, &id, &id, "--interval", "400"]).succeeded();
    assert!(
        begun.elapsed() >= Duration::from_millis(800),
        "{:?}",
        begun.elapsed()
    );
}

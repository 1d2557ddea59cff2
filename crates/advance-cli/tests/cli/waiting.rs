//! `wait`, and `result` with several ids.

#[cfg(unix)]
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Ran, SandboxProcess, link, run, run_with_input, with_keys};

fn call(sandbox: &SandboxProcess, args: &[&str]) -> Ran {
    let mut command = with_keys(args);
    command.env("ADVANCE_BASE_URL", &sandbox.base_url);
    run(&mut command)
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
fn a_wait_reads_what_a_link_prints() {
    let sandbox = SandboxProcess::start(&[]);
    for json in [&[][..], &["--json"]] {
        let args = [&["link", "--user-id", "sbx-forged"], json].concat();
        let link = call(&sandbox, &args).succeeded().stdout;
        let mut command = with_keys(&["wait", "-", "--json", "--exit-status"]);
        command.env("ADVANCE_BASE_URL", &sandbox.base_url);
        let waited = run_with_input(&mut command, link.as_bytes());
        assert_eq!(waited.exit, 10, "{waited:?}");
        assert!(link.contains(waited.json()["signatureId"].as_str().unwrap()));
    }
    let mut command = with_keys(&["wait", "-"]);
    let ran = run_with_input(&mut command, b"").failed(2);
    assert!(ran.stderr.contains("standard input is empty"), "{}", ran.stderr);
}

#[test]
fn a_wait_ends_when_its_time_is_up() {
    let sandbox = SandboxProcess::start(&["--unfinished", "signature-not-exist"]);
    let id = link(&sandbox, "somebody");
    for client in [&[][..], &["--blocking"]] {
        let args = [
            &["wait", &id, "--timeout", "3", "--unknown-is-unfinished"],
            client,
        ]
        .concat();
        let ran = call(&sandbox, &args).failed(3);
        assert!(
            ran.stderr.starts_with("error: the person had not finished"),
            "{}",
            ran.stderr
        );
        assert!(ran.stderr.contains("SIGNATURE_NOT_EXIST"), "{}", ran.stderr);
    }
    let ran = call(&sandbox, &["wait", &id, "--until", "2020-01-01T00:00:00Z"]).failed(2);
    assert!(ran.stderr.contains("is over already"), "{}", ran.stderr);
}

#[test]
fn a_wait_for_what_a_link_prints_ends_with_the_link_and_its_grace() {
    let sandbox = SandboxProcess::start(&["--link-life", "1"]);
    let link = call(&sandbox, &["link", "--json"]).succeeded().stdout;
    for client in [&[][..], &["--blocking"]] {
        let args = [&["wait", "-", "--grace", "0", "--json"], client].concat();
        let mut command = with_keys(&args);
        command.env("ADVANCE_BASE_URL", &sandbox.base_url);
        let ran = run_with_input(&mut command, link.as_bytes());
        let error = &ran.json()["error"];
        assert_eq!((ran.exit, &error["kind"]), (3, &json!("link_expired")), "{error}");
    }
}

#[test]
fn a_wait_ends_when_so_many_questions_were_charged() {
    let sandbox = SandboxProcess::start(&["--charging", "pay-per-poll"]);
    let id = link(&sandbox, "somebody");
    let ran = call(&sandbox, &["wait", &id, "--max-charges", "1", "--json"]);
    let error = &ran.json()["error"];
    assert_eq!((ran.exit, &error["kind"]), (3, &json!("charge_limit")), "{error}");
    assert_eq!(error["charges"], json!({"free": 1, "pay": 1, "unknown": 0}));
}

#[cfg(unix)]
#[test]
fn a_wait_that_is_interrupted_tells_its_cost_and_how_to_go_on() {
    let sandbox = SandboxProcess::start(&["--charging", "pay-per-poll"]);
    let id = link(&sandbox, "somebody");
    for client in [&[][..], &["--blocking"]] {
        let args = [&["wait", &id, "--json", "--max-charges", "9"], client].concat();
        let mut command = with_keys(&args);
        command.env("ADVANCE_BASE_URL", &sandbox.base_url);
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(1_500));
        let killed = Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status();
        assert!(killed.unwrap().success());
        let begun = Instant::now();
        let output = child.wait_with_output().unwrap();
        assert!(begun.elapsed() < Duration::from_secs(2), "a pause ends at once");
        assert_eq!(output.status.code(), Some(130), "{output:?}");
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        let error = &said["error"];
        assert_eq!(error["kind"], "interrupted", "{error}");
        assert!(error["charges"]["pay"].as_u64().unwrap() >= 1, "{error}");
        assert!(
            error["hint"]
                .as_str()
                .unwrap()
                .contains(&format!("advance wait {id}")),
            "{error}"
        );
    }
}

#[test]
fn no_data_yet_is_no_cause_of_a_wait_that_ran_out() {
    let sandbox = SandboxProcess::start(&["--unfinished", "null-data"]);
    let id = link(&sandbox, "somebody");
    let args = ["wait", &id, "--timeout", "2"];
    let ran = call(&sandbox, &args).failed(3);
    assert!(
        ran.stderr.starts_with("error: the person had not finished") && !ran.stderr.contains("cause"),
        "{}",
        ran.stderr
    );
    let ran = call(&sandbox, &[&args[..], &["--json", "--blocking"]].concat());
    let error = &ran.json()["error"];
    assert_eq!((ran.exit, &error["kind"]), (3, &json!("not_finished")));
    assert!(error.get("cause").is_none(), "{error}");
}

#[test]
fn several_results_have_their_own_errors() {
    let sandbox = SandboxProcess::start(&[]);
    let (good, forged) = (link(&sandbox, "sbx-ok"), link(&sandbox, "sbx-forged"));
    for client in [&[][..], &["--blocking"]] {
        let args = [
            &["result", &good, "nobody", &forged, &good, "--concurrency", "1"],
            client,
        ]
        .concat();
        let ran = call(&sandbox, &[&args[..], &["--json"]].concat());
        assert_eq!((ran.exit, ran.stderr.as_str()), (1, ""));
        let batch = ran.json();
        let results = batch["results"].as_array().unwrap();
        // Each id once, and a line each, for a reader that cannot wait for the end.
        let ids: Vec<&Value> = results.iter().map(|one| &one["signatureId"]).collect();
        assert_eq!(ids, [&good, "nobody", &forged]);
        let lines = ran
            .stdout
            .lines()
            .filter(|line| line.starts_with("{\"signatureId\""));
        assert_eq!(lines.count(), 3, "{}", ran.stdout);
        assert_eq!(results[0]["verdict"]["outcome"], "passed");
        assert_eq!(results[1]["error"]["code"], "SIGNATURE_NOT_EXIST");
        assert_eq!(results[2]["idvCode"], "FORGERY_DETECTED");
        assert_eq!((&batch["ids"], &batch["failed"]), (&json!(3), &json!(1)));
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
            ran.stdout.ends_with(
                "2 results fetched (1 passed, 1 failed), 1 could not be had; 4 requests, none charged\n"
            ),
            "{}",
            ran.stdout
        );
    }
    let ran = call(&sandbox, &["result", &good, &forged, "--json"]).succeeded();
    assert_eq!(ran.json()["failed"], 0);
    assert!(ran.json().get("error").is_none(), "{}", ran.stdout);
    // One has the same shape.
    let one = call(&sandbox, &["result", &good, "--json"]).succeeded().json();
    assert_eq!(one["results"][0]["signatureId"], good.as_str());
    let none = call(&sandbox, &["result", "nobody", "--json"]).json();
    assert_eq!(none["results"][0]["error"]["code"], "SIGNATURE_NOT_EXIST");
    assert_eq!(none["error"]["code"], "SIGNATURE_NOT_EXIST");
}

#[test]
fn the_exit_status_tells_the_outcome_if_asked() {
    let sandbox = SandboxProcess::start(&[]);
    let ids: Vec<String> = ["sbx-ok", "sbx-forged", "sbx-ocr-empty", "somebody"]
        .iter()
        .map(|user| link(&sandbox, user))
        .collect();
    for (chosen, exit) in [
        (&[0][..], 0),
        (&[1], 10),
        (&[2], 11),
        (&[3], 12),
        (&[0, 3, 2, 1], 10),
        (&[3, 2], 11),
    ] {
        let chosen: Vec<&str> = chosen.iter().map(|at| ids[*at].as_str()).collect();
        let plain = [&["result"], &chosen[..]].concat();
        assert_eq!(call(&sandbox, &plain).exit, 0);
        let told = [&plain[..], &["--exit-status"]].concat();
        assert_eq!(call(&sandbox, &told).exit, exit, "{told:?}");
    }
}

#[test]
fn a_terminal_gets_nothing_personal_unless_asked() {
    let sandbox = SandboxProcess::start(&[]);
    let id = link(&sandbox, "sbx-ok");
    for command in ["result", "wait"] {
        let hidden = call(&sandbox, &[command, &id]).succeeded().stdout;
        let shown = call(&sandbox, &[command, &id, "--reveal"]).succeeded().stdout;
        for personal in ["CONTOH SANDBOX", "3174065708900000", "Signature="] {
            assert!(
                !hidden.contains(personal) && shown.contains(personal),
                "{personal}: {hidden}"
            );
        }
    }
}

#[test]
fn an_interval_is_kept_between_two_of_several() {
    let sandbox = SandboxProcess::start(&[]);
    let ids = [(); 3].map(|()| link(&sandbox, "sbx-ok"));
    for client in [&[][..], &["--blocking"]] {
        let args = [
            &["result", &ids[0], &ids[1], &ids[2], "--interval", "400"],
            client,
        ]
        .concat();
        let begun = Instant::now();
        call(&sandbox, &args).succeeded();
        assert!(
            begun.elapsed() >= Duration::from_millis(800),
            "{:?}",
            begun.elapsed()
        );
    }
}

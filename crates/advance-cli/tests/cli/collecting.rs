//! `advance collect`: what is remembered, asked about, told and shown.

use advance_sandbox::Sandbox;
use serde_json::json;

use crate::support::{advance, run, run_with_input, with_keys};

#[test]
fn a_link_is_remembered_collected_and_shown() {
    let sandbox = Sandbox::start_blocking().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = format!("sqlite:{}", folder.path().join("pending.db").display());
    let output = folder.path().join("results");
    let base = ["--base-url", sandbox.base_url()];
    let link = [
        "link",
        "--user-id",
        "sbx-ok",
        "--json",
        "--return-url",
        "https://shop.example/yes",
    ];
    let link = [
        &link[..],
        &["--fail-return-url", "https://shop.example/no"],
        &base,
    ]
    .concat();
    let link = run(&mut with_keys(&link));
    let made = link.json();
    let add = ["collect", "add", "--input", "-", "--store", &store, "--json"];
    for added in [1, 0] {
        let ran = run_with_input(&mut advance(&add), link.stdout.as_bytes());
        assert_eq!(ran.json(), json!({"added": added, "known": 1 - added}));
    }
    let collect = [
        "collect",
        "run",
        "--until-done",
        "--images",
        "--json",
        "--store",
        &store,
        "--output",
    ];
    let collect = [&collect[..], &[output.to_str().unwrap()], &base].concat();
    let told = run(&mut with_keys(&collect)).succeeded().json();
    assert_eq!(
        (&told["signatureId"], &told["outcome"]),
        (&made["signatureId"], &json!("passed"))
    );
    let again = run(&mut with_keys(&collect)).succeeded();
    assert_eq!(again.stdout, "", "an outcome is told once if it was taken");
    let status = run(&mut advance(&["collect", "status", "--store", &store, "--json"])).succeeded();
    let status = status.json();
    assert_eq!(
        (&status["done"], &status["waiting"], &status["pictures"]),
        (&json!(1), &json!(0), &json!(0))
    );
    let export = run(&mut advance(&["collect", "export", "--store", &store])).succeeded();
    let export = export.json();
    assert_eq!(
        (&export["signatureId"], &export["told"]),
        (&made["signatureId"], &json!(true))
    );
    let id = made["signatureId"].as_str().unwrap();
    let nudge = run(&mut advance(&[
        "collect", "nudge", id, "--store", &store, "--json",
    ]))
    .succeeded();
    assert_eq!(nudge.json(), json!({"nudged": "ended"}));
    let kept = output.join(id);
    assert!(kept.join("result.json").exists() && kept.join("image.png").exists());
    let prune = [
        "collect",
        "prune",
        "--older-than",
        "1",
        "--store",
        &store,
        "--json",
    ];
    assert_eq!(run(&mut advance(&prune)).succeeded().json(), json!({"pruned": 0}));
    let erase = run(&mut advance(&[
        "collect", "erase", id, "--store", &store, "--json",
    ]))
    .succeeded();
    assert_eq!(erase.json(), json!({"erased": id}));
}

#[test]
fn a_store_that_is_not_there_is_named_and_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.db");
    let store = format!("sqlite:{}", path.display());
    for task in [
        &["status"][..],
        &["export"],
        &["nudge", "a"],
        &["erase", "a"],
        &["prune", "--older-than", "1"],
    ] {
        let args = [&["collect"], task, &["--store", &store]].concat();
        let ran = run(&mut advance(&args)).failed(2);
        assert!(ran.stderr.contains("none.db"), "{ran:?}");
    }
    assert!(!path.exists());
    run(&mut advance(&["collect", "status", "--store", "postgres:x"])).failed(2);
}

#[test]
fn the_store_may_be_named_by_a_variable() {
    let folder = tempfile::tempdir().unwrap();
    let store = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    let task = |args: &[&str], variable: &str| {
        let mut command = advance(&[&["collect"], args].concat());
        run(command.env("ADVANCE_STORE", variable))
    };
    task(&["add", "a", "b"], &store("one.db")).succeeded();
    let waiting = |args: &[&str], variable: &str| {
        let args = [&["status", "--json"], args].concat();
        task(&args, variable).succeeded().json()["waiting"].take()
    };
    assert_eq!(waiting(&[], &store("one.db")), 2);
    // What is on the command line comes first.
    assert_eq!(waiting(&["--store", &store("one.db")], &store("two.db")), 2);
    for (variable, rule) in [
        ("", "put it into ADVANCE_STORE"),
        ("pending.db", "ADVANCE_STORE must be sqlite:"),
        ("postgres:", "ADVANCE_STORE must be "),
    ] {
        let ran = task(&["status"], variable).failed(2);
        assert!(ran.stderr.contains(rule), "{ran:?}");
    }
}

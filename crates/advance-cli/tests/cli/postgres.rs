//! `advance collect --store postgres:…`: the same tasks, on a Postgres of the test's own.

#[path = "../../../advance-store-postgres/tests/cluster/mod.rs"]
mod cluster;

use advance_sandbox::Sandbox;
use serde_json::json;

use self::cluster::Cluster;
use crate::support::{Ran, advance, run, with_keys};

fn postgres(cluster: &Cluster) -> String {
    format!("postgres:{}", cluster.url())
}

#[test]
fn verifications_are_kept_collected_and_forgotten_in_a_database() {
    let Some(cluster) = Cluster::start("-c fsync=off").unwrap() else {
        return;
    };
    let sandbox = Sandbox::start_blocking().unwrap();
    let store = postgres(&cluster);
    let task = |args: &[&str]| -> Ran {
        let mut command = with_keys(&[&["collect"], args].concat());
        command.env("ADVANCE_BASE_URL", sandbox.base_url());
        run(command.env("ADVANCE_STORE", &store))
    };
    // A database without tables is not changed by a look at it.
    for _ in 0..2 {
        let ran = task(&["status"]).failed(1);
        assert!(ran.stderr.contains("make the tables"), "{ran:?}");
    }
    for (blocking, person) in [(&[][..], "sbx-ok"), (&["--blocking"], "sbx-forged")] {
        let link = run(&mut with_keys(&[
            "link",
            "--json",
            "--user-id",
            person,
            "--base-url",
            sandbox.base_url(),
            "--return-url",
            "https://shop.example/yes",
            "--fail-return-url",
            "https://shop.example/no",
        ]));
        let made = link.succeeded().json();
        let id = made["signatureId"].as_str().unwrap();
        let added = task(&["add", id, "--json"]).succeeded().json();
        assert_eq!(added, json!({"added": 1, "known": 0}));
        let told = task(&[&["run", "--until-done", "--json"], blocking].concat()).succeeded();
        assert_eq!(told.json()["signatureId"], *id);
        assert_eq!(
            task(&["nudge", id, "--json"]).succeeded().json(),
            json!({"nudged": "ended"})
        );
    }
    let status = task(&["status", "--json"]).succeeded().json();
    assert_eq!((&status["done"], &status["waiting"]), (&json!(2), &json!(0)));
    assert_eq!(
        status["letters"],
        json!({"waiting": 0, "delivered": 0, "dead": 0})
    );
    let exported = task(&["export"]).succeeded().stdout;
    assert_eq!(exported.lines().count(), 2, "{exported}");
    let first: serde_json::Value = serde_json::from_str(exported.lines().next().unwrap()).unwrap();
    let id = first["signatureId"].as_str().unwrap();
    assert_eq!(
        task(&["erase", id, "--json"]).succeeded().json(),
        json!({"erased": id})
    );
    assert_eq!(
        task(&["prune", "--older-than", "0", "--json"]).succeeded().json(),
        json!({"pruned": 1})
    );
}

#[test]
fn what_needs_a_file_is_refused_before_the_database_is_asked() {
    // Nothing listens there.
    let store = ["--store", "postgres:host=/nowhere dbname=kyc"];
    for task in [
        &["run", "--monitor", "9090"][..],
        &["run", "--intake", "unix:/nowhere/intake"],
        &["run", "--no-notify"],
        &["resend", "--dead"],
    ] {
        let ran = run(&mut with_keys(&[&["collect"], task, &store].concat()));
        assert!(ran.failed(2).stderr.contains("an SQLite file"));
    }
}

#[test]
fn a_database_that_cannot_be_understood_or_reached_is_named_without_its_password() {
    for (store, exit) in [
        ("postgres://worker:hunter2@db.example:port/kyc", 2),
        ("postgre://worker:hunter2@db.example/kyc", 2),
        ("postgres:password=hunter2", 2),
        ("postgres:host=/nowhere user=worker password=hunter2", 1),
        ("postgres://worker:hunter2@127.0.0.1:1/kyc?sslmode=disable", 1),
    ] {
        let ran = run(&mut advance(&["collect", "status", "--store", store])).failed(exit);
        assert!(!ran.stderr.contains("hunter2"), "{ran:?}");
    }
}

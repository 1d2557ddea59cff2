//! `result --output`: nothing paid is lost by the end of a run.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{SandboxProcess, link, run, with_keys};

fn call(sandbox: &SandboxProcess, folder: &Path, args: &[&str]) -> Command {
    let mut command = with_keys(args);
    command
        .env("ADVANCE_BASE_URL", &sandbox.base_url)
        .current_dir(folder);
    command
}

/// A folder with a file of so many ids, one a line.
fn ids(sandbox: &SandboxProcess, count: usize) -> (TempDir, Vec<String>) {
    let folder = TempDir::new().unwrap();
    let ids: Vec<String> = (0..count).map(|_| link(sandbox, "sbx-ok")).collect();
    fs::write(folder.path().join("ids.txt"), ids.join("\n")).unwrap();
    (folder, ids)
}

const RUN: [&str; 6] = ["result", "--input", "ids.txt", "--output", "out.jsonl", "--json"];

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    let all: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    all.iter()
        .take(20)
        .for_each(crate::support::fits_a_line_of_results);
    all
}

fn ledger(sandbox: &SandboxProcess) -> Value {
    let text = crate::support::get(&format!("{}/__sandbox/ledger", sandbox.base_url));
    serde_json::from_str(&text).unwrap()
}

#[test]
fn results_are_lines_and_a_second_run_fetches_nothing_again() {
    let sandbox = SandboxProcess::start(&["--charging", "pay-per-result"]);
    let (folder, mut ids) = ids(&sandbox, 5);
    for client in [&[][..], &["--blocking"]] {
        let _ = fs::remove_file(folder.path().join("out.jsonl"));
        let args = [&RUN[..], client].concat();
        let first = run(&mut call(&sandbox, folder.path(), &args)).succeeded().json();
        assert_eq!((&first["fetched"], &first["results"]), (&json!(5), &json!([])));
        let mut got: Vec<String> = lines(&folder.path().join("out.jsonl"))
            .iter()
            .map(|line| line["signatureId"].as_str().unwrap().to_owned())
            .collect();
        got.sort();
        ids.sort();
        assert_eq!(got, ids);
        let second = run(&mut call(&sandbox, folder.path(), &args)).succeeded().json();
        assert_eq!(
            (&second["alreadyThere"], &second["requests"]),
            (&json!(5), &json!(0))
        );
    }
}

#[test]
fn a_torn_line_is_cut_and_asked_for_again() {
    let sandbox = SandboxProcess::start(&["--charging", "pay-per-result"]);
    let (folder, _) = ids(&sandbox, 3);
    run(&mut call(&sandbox, folder.path(), &RUN)).succeeded();
    let path = folder.path().join("out.jsonl");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 40]).unwrap();
    let again = run(&mut call(&sandbox, folder.path(), &RUN)).succeeded().json();
    assert_eq!(
        (&again["alreadyThere"], &again["fetched"]),
        (&json!(2), &json!(1))
    );
    // What the torn line had cost cannot be read any more, and is not forgotten.
    assert_eq!(again["lostByKills"], 1);
    assert_eq!(lines(&path).len(), 3);

    fs::write(&path, "something else\n").unwrap();
    let refused = run(&mut call(&sandbox, folder.path(), &RUN[..5])).failed(2);
    assert!(
        refused.stderr.contains("line 1 is no result"),
        "{}",
        refused.stderr
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "something else\n");
}

#[test]
fn failures_can_be_fed_back() {
    let sandbox = SandboxProcess::start(&[]);
    let folder = TempDir::new().unwrap();
    let (good, late) = (link(&sandbox, "sbx-ok"), link(&sandbox, "somebody"));
    fs::write(
        folder.path().join("ids.csv"),
        format!("name,signature_id\nA,{good}\nB,{late}\nC,nobody\nD,{good}\n"),
    )
    .unwrap();
    let args = ["result", "--input", "ids.csv", "--output", "out/", "--json"];
    let ran = run(&mut call(&sandbox, folder.path(), &args));
    assert_eq!(ran.exit, 1);
    let told = ran.json();
    assert_eq!(
        (
            &told["ids"],
            &told["fetched"],
            &told["notFinished"],
            &told["failed"]
        ),
        (&json!(3), &json!(1), &json!(1), &json!(1))
    );
    assert_eq!(
        told["outcomes"]["not_finished"], 0,
        "an id is counted once: {told}"
    );
    let failures = lines(&folder.path().join("out/failures.jsonl"));
    let kinds: HashSet<&str> = failures
        .iter()
        .map(|one| one["error"]["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, HashSet::from(["not_finished", "api"]));

    run(&mut call(
        &sandbox,
        folder.path(),
        &["sandbox", "finish", &late, "ok"],
    ))
    .succeeded();
    let again = [
        "result",
        "--input",
        "out/failures.jsonl",
        "--output",
        "out/",
        "--json",
    ];
    let told = run(&mut call(&sandbox, folder.path(), &again)).json();
    assert_eq!((&told["fetched"], &told["failed"]), (&json!(1), &json!(1)));
    let failures = lines(&folder.path().join("out/failures.jsonl"));
    assert_eq!(
        (failures.len(), &failures[0]["signatureId"]),
        (1, &json!("nobody"))
    );
    assert_eq!(lines(&folder.path().join("out/results.jsonl")).len(), 2);
}

#[test]
fn a_person_who_is_late_is_told_by_the_exit_status() {
    let sandbox = SandboxProcess::start(&[]);
    let folder = TempDir::new().unwrap();
    for (others, exits) in [
        (&[][..], [3, 12]),
        (&["sbx-ok"], [3, 12]),
        (&["sbx-forged"], [3, 10]),
    ] {
        let all = others
            .iter()
            .chain(&["somebody"])
            .map(|user_id| link(&sandbox, user_id));
        fs::write(folder.path().join("ids.txt"), all.collect::<Vec<_>>().join("\n")).unwrap();
        for (extra, exit) in [(&[][..], exits[0]), (&["--exit-status"], exits[1])] {
            let _ = fs::remove_file(folder.path().join("out.jsonl"));
            let args = [&RUN[..], extra].concat();
            let ran = run(&mut call(&sandbox, folder.path(), &args));
            assert_eq!(
                (ran.exit, &ran.json()["notFinished"]),
                (exit, &json!(1)),
                "{others:?} {extra:?}"
            );
        }
    }
}

#[test]
fn it_stops_when_nothing_can_get_better() {
    let sandbox = SandboxProcess::start(&[]);
    let (folder, _) = ids(&sandbox, 20);
    let fault = ["sandbox", "fault", "get-result", "--code", "INSUFFICIENT_BALANCE"];
    run(&mut call(&sandbox, folder.path(), &fault)).succeeded();
    let args = [&RUN[..], &["--concurrency", "2"]].concat();
    let ran = run(&mut call(&sandbox, folder.path(), &args));
    let told = ran.json();
    assert_eq!(
        (ran.exit, &told["error"]["code"]),
        (1, &json!("INSUFFICIENT_BALANCE"))
    );
    assert!(told["notAsked"].as_u64().unwrap() >= 16, "{told}");
    run(&mut call(
        &sandbox,
        folder.path(),
        &["sandbox", "fault", "--clear"],
    ))
    .succeeded();
    let told = run(&mut call(&sandbox, folder.path(), &args)).succeeded().json();
    assert_eq!(told["fetched"], 20);
}

#[test]
fn pictures_come_as_files_and_missing_ones_later() {
    let sandbox = SandboxProcess::start(&[]);
    let (folder, ids) = ids(&sandbox, 2);
    let args = [&RUN[..], &["--images", "pictures"]].concat();
    let told = run(&mut call(&sandbox, folder.path(), &args)).succeeded().json();
    assert_eq!(told["pictures"], 4);
    let picture = folder.path().join(format!("pictures/{}.image.png", ids[0]));
    assert!(fs::read(&picture).unwrap().starts_with(b"\x89PNG"));
    fs::remove_file(&picture).unwrap();
    let told = run(&mut call(&sandbox, folder.path(), &args)).succeeded().json();
    // The link of the first run does; no result is asked for again.
    assert_eq!((&told["pictures"], &told["requests"]), (&json!(1), &json!(0)));
    assert!(picture.exists());
}

fn begin(sandbox: &SandboxProcess, folder: &Path, extra: &[&str]) -> Child {
    let args = [&RUN[..], extra].concat();
    call(sandbox, folder, &args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// How big the run is: small here, and as `cargo xtask` says for the full one.
fn size(variable: &str, small: u64) -> u64 {
    std::env::var(variable).map_or(small, |text| text.parse().unwrap())
}

/// Each id once, and the vendor's ledger is ours but for what was under way at a kill.
#[test]
fn a_kill_loses_at_most_what_is_under_way_and_counts_it() {
    let (count, kills) = (size("ADVANCE_KILL_IDS", 150), size("ADVANCE_KILLS", 6));
    let sandbox = SandboxProcess::start(&["--charging", "pay-per-result"]);
    let folder = TempDir::new().unwrap();
    let ids = crate::support::links(&sandbox, usize::try_from(count).unwrap());
    fs::write(folder.path().join("ids.txt"), ids.join("\n")).unwrap();
    let plan = r#"{"plan":[{"endpoint":"get-result","chance":0.05,"fail":{"code":"ERROR"}},{"endpoint":"get-result","delayMs":10}]}"#;
    run(&mut call(
        &sandbox,
        folder.path(),
        &["sandbox", "fault", "--body", plan],
    ))
    .succeeded();
    let concurrency = ["--concurrency", "4"];
    let mut killed = 0;
    for number in 0..kills {
        let mut child = begin(&sandbox, folder.path(), &concurrency);
        let random = u64::from(std::time::UNIX_EPOCH.elapsed().unwrap().subsec_micros());
        thread::sleep(Duration::from_millis(
            80 + (random + number * 31) % 150 * count.isqrt() / 12,
        ));
        killed += u64::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let told = run(&mut call(&sandbox, folder.path(), &RUN)).json();
    // One in twenty fails, and some of those again and again.
    let told = if told["failed"] == 0 {
        told
    } else {
        run(&mut call(&sandbox, folder.path(), &RUN)).succeeded().json()
    };
    let written = lines(&folder.path().join("out.jsonl"));
    let got: HashSet<&str> = written
        .iter()
        .map(|line| line["signatureId"].as_str().unwrap())
        .collect();
    assert_eq!((written.len(), got.len()), (ids.len(), ids.len()));
    assert!(ids.iter().all(|id| got.contains(id.as_str())));
    let paid = ledger(&sandbox)["PAY"].as_u64().unwrap();
    let ours = told["chargesOfAllRuns"]["pay"].as_u64().unwrap();
    let lost = told["lostByKills"].as_u64().unwrap();
    #[expect(clippy::print_stdout, reason = "the figures of a run at full size")]
    {
        println!(
            "{count} ids, {killed} kills: {paid} charged, {ours} known to be, {lost} under way at a kill"
        );
    }
    assert!(killed > 1, "the machine is so fast that nothing was under way");
    assert_eq!(paid, count, "each result is charged once");
    assert!(
        ours <= paid && paid <= ours + lost,
        "{ours} known, {lost} lost, {paid} charged"
    );
    assert!(lost <= killed * 4, "{lost} lost in {killed} kills of 4 at a time");
    assert_eq!(told["chargesOfAllRuns"]["unknown"], lost);
}

#[cfg(unix)]
#[test]
fn ctrl_c_lets_what_is_under_way_end_and_says_how_to_go_on() {
    let sandbox = SandboxProcess::start(&[]);
    let (folder, _) = ids(&sandbox, 40);
    let slow = ["sandbox", "fault", "get-result", "--delay", "100"];
    run(&mut call(&sandbox, folder.path(), &slow)).succeeded();
    for signal in ["-INT", "-TERM"] {
        let child = begin(&sandbox, folder.path(), &["--concurrency", "2"]);
        thread::sleep(Duration::from_millis(600));
        assert!(
            Command::new("kill")
                .args([signal, &child.id().to_string()])
                .status()
                .unwrap()
                .success()
        );
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{output:?}");
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(told["error"]["kind"], "interrupted");
        assert!(
            told["error"]["hint"].as_str().unwrap().contains("same command"),
            "{told}"
        );
        assert!(
            told["fetched"].as_u64().unwrap() > 0 && told["notAsked"].as_u64().unwrap() > 0,
            "{told}"
        );
        assert_eq!(told["charges"]["unknown"], 0, "nothing was thrown away: {told}");
    }
    let told = run(&mut call(&sandbox, folder.path(), &RUN)).succeeded().json();
    assert_eq!(told["lostByKills"], 0);
}

#[test]
fn two_runs_do_not_write_to_one_output() {
    let sandbox = SandboxProcess::start(&[]);
    let (folder, _) = ids(&sandbox, 10);
    let slow = ["sandbox", "fault", "get-result", "--delay", "300"];
    run(&mut call(&sandbox, folder.path(), &slow)).succeeded();
    let mut first = begin(&sandbox, folder.path(), &["--concurrency", "1"]);
    while !folder.path().join("out.jsonl").exists() {
        thread::sleep(Duration::from_millis(10));
    }
    thread::sleep(Duration::from_millis(100));
    let second = run(&mut call(&sandbox, folder.path(), &RUN[..5])).failed(2);
    assert!(
        second.stderr.contains("another command is writing"),
        "{}",
        second.stderr
    );
    first.kill().unwrap();
    first.wait().unwrap();
}

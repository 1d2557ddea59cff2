//! What runs longer than a gate may, and what takes arguments.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::command::{cargo, cargo_of, output, passes, root};

/// The machine against the vendor's model.
pub(crate) fn simulate(arguments: &[String]) -> bool {
    let sabotage = arguments.iter().any(|argument| argument == "--sabotage");
    let features: &[&str] = if sabotage {
        &["--features", "sabotage"]
    } else {
        &[]
    };
    let base = [
        "run",
        "--quiet",
        "--release",
        "--locked",
        "-p",
        "advance-tests",
        "--bin",
        "simulate",
    ];
    let mut command = cargo(&[&base[..], features, &["--"]].concat());
    command.args(arguments);
    passes(command)
}

/// What a gate has time for: the same seeds every time, others every time, and each broken rule.
pub(crate) fn simulate_ci() -> bool {
    let fresh = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(1, |now| now.as_secs() * 1_000_000);
    let run = |arguments: &[&str]| simulate(&arguments.iter().map(ToString::to_string).collect::<Vec<_>>());
    run(&["--seeds", "60000"])
        && run(&["--seeds", "60000", "--start", &fresh.to_string()])
        && sabotages("simulate")
            .iter()
            .all(|name| run(&["--sabotage", name]))
}

/// Every transport against the hostile server.
pub(crate) fn conformance(arguments: &[String]) -> bool {
    let mut command = cargo(&[
        "run",
        "--quiet",
        "--locked",
        "-p",
        "advance-conformance",
        "--example",
        "report",
        "--",
    ]);
    command.args(arguments);
    passes(command)
}

pub(crate) fn conformance_ci() -> bool {
    let run =
        |arguments: &[&str]| conformance(&arguments.iter().map(ToString::to_string).collect::<Vec<_>>());
    run(&[])
        && sabotages("conformance")
            .iter()
            .all(|name| run(&["--sabotage", name]))
}

/// The names that a task's own `--sabotage list` prints, one a line. None is a failure of its own.
fn sabotages(task: &str) -> Vec<String> {
    let listed = output(cargo(&[
        "run",
        "--quiet",
        "--package",
        "xtask",
        "--",
        task,
        "--sabotage",
        "list",
    ]));
    let names: Vec<String> = listed
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    if names.is_empty() {
        vec!["none-was-listed".to_owned()]
    } else {
        names
    }
}

/// The shared property suites.
pub(crate) fn proptest(arguments: &[String]) -> bool {
    let cases = match arguments {
        [flag, cases] if flag == "--cases" => cases.as_str(),
        [] => "10000",
        _ => {
            eprintln!("cargo xtask proptest [--cases N]");
            return false;
        }
    };
    let suites: &[&[&str]] = &[
        &[
            "test",
            "--release",
            "--locked",
            "-p",
            "advance-core",
            "--all-features",
            "--test",
            "properties",
        ],
        &[
            "test",
            "--release",
            "--locked",
            "-p",
            "advance-tests",
            "--test",
            "properties",
        ],
    ];
    suites.iter().all(|suite| {
        let mut command = cargo(suite);
        command.env("PROPTEST_CASES", cases);
        passes(command)
    })
}

/// Mutants of the core, by cargo-mutants (`cargo install cargo-mutants`), each against the tests of its room.
pub(crate) fn mutants(rooms: &[String]) -> bool {
    let known = [
        (
            "session",
            &["--test", "machine", "--test", "machine_regressions"][..],
        ),
        ("wire", &["--test", "contract"]),
        ("domain", &["--test", "contract", "--test", "machine"]),
    ];
    let chosen: Vec<_> = known
        .iter()
        .filter(|(room, _)| {
            if rooms.is_empty() {
                *room != "domain"
            } else {
                rooms.iter().any(|name| name == room)
            }
        })
        .collect();
    !chosen.is_empty()
        && chosen.iter().all(|(room, suite)| {
            let files = format!("crates/advance-core/src/{room}/**");
            let out = format!("target/mutants-{room}");
            // The mutants are made in the features that the tests are run with.
            let mut command = cargo(&[
                "mutants",
                "-p",
                "advance-core",
                "--features",
                "serialize",
                "--file",
                &files,
            ]);
            command.args([
                "--exclude",
                "**/sabotage.rs",
                "--exclude-re",
                "sabotaged|::breaks",
                "--output",
                &out,
                "--",
                "--lib",
            ]);
            command.args(*suite);
            passes(command)
        })
}

/// Every fuzz target, by cargo-fuzz (`cargo install cargo-fuzz`) and a nightly toolchain.
pub(crate) fn fuzz(arguments: &[String]) -> bool {
    let seconds = match arguments {
        [] => "300",
        [seconds] if seconds.parse::<u32>().is_ok() => seconds.as_str(),
        _ => {
            eprintln!("cargo xtask fuzz [SECONDS]");
            return false;
        }
    };
    let folder = root().join("crates/advance-core");
    let mut list = cargo_of("nightly", &["fuzz", "list"]);
    list.current_dir(&folder);
    let Some(targets) = output(list).filter(|targets| !targets.trim().is_empty()) else {
        eprintln!("cargo fuzz list failed: cargo install cargo-fuzz, and a nightly toolchain?");
        return false;
    };
    targets.lines().all(|target| {
        println!("-- {target} for {seconds} s");
        let limit = format!("-max_total_time={seconds}");
        let mut run = cargo_of(
            "nightly",
            &["fuzz", "run", target, "--", &limit, "-print_final_stats=1"],
        );
        run.current_dir(&folder);
        passes(run)
    })
}

/// Line coverage of what is pure, by cargo-llvm-cov (`cargo install cargo-llvm-cov`).
pub(crate) fn coverage() -> bool {
    let other = "(client|strategies|suites|advice|escape|error|transport|secret|time|lib)(/|\\.rs)";
    passes(cargo(&[
        "llvm-cov",
        "-p",
        "advance-core",
        "--all-features",
        "--ignore-filename-regex",
        other,
        "--show-missing-lines",
        "--fail-under-lines",
        "95",
    ]))
}

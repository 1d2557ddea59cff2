//! What runs longer than a gate may, and what takes arguments.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::command::{cargo, cargo_of, output, passes, root};

/// The machine against the vendor's model. With `--sabotage` a rule of the machine is broken, and passing is the bad news.
pub(crate) fn simulate(arguments: &[&str]) -> bool {
    passes(simulation(arguments))
}

fn simulation(arguments: &[&str]) -> Command {
    let features: &[&str] = if arguments.contains(&"--sabotage") {
        &["--features", "sabotage"]
    } else {
        &[]
    };
    let base = [
        "run",
        "--quiet",
        "--profile",
        "checked",
        "--locked",
        "-p",
        "advance-tests",
        "--bin",
        "simulate",
    ];
    cargo(&[&base, features, &["--"], arguments].concat())
}

/// What a gate has time for: the same seeds every time, others every time, and each broken rule.
pub(crate) fn simulate_ci() -> bool {
    let fresh = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(1, |now| now.as_secs() * 1_000_000);
    simulate(&["--seeds", "60000"])
        && simulate(&["--seeds", "60000", "--start", &fresh.to_string()])
        && sabotages(simulation).iter().all(|name| is_noticed(name))
}

/// Whether an invariant failed. A simulation that could not be built or run exits in another way.
fn is_noticed(sabotage: &str) -> bool {
    let exit = simulation(&["--sabotage", sabotage]).status();
    let noticed = exit.is_ok_and(|exit| exit.code() == Some(1));
    if !noticed {
        eprintln!("{sabotage}: the simulation did not fail by an invariant");
    }
    noticed
}

/// Every transport against the hostile server.
pub(crate) fn conformance(arguments: &[&str]) -> bool {
    passes(suite(arguments))
}

fn suite(arguments: &[&str]) -> Command {
    let base = [
        "run",
        "--quiet",
        "--locked",
        "-p",
        "advance-conformance",
        "--example",
        "report",
        "--",
    ];
    cargo(&[&base, arguments].concat())
}

pub(crate) fn conformance_ci() -> bool {
    conformance(&[])
        && sabotages(suite)
            .iter()
            .all(|name| conformance(&["--sabotage", name]))
}

/// The names that a task's own `--sabotage list` prints, one a line. None is a failure of its own.
fn sabotages(task: fn(&[&str]) -> Command) -> Vec<String> {
    let names: Vec<String> = output(task(&["--sabotage", "list"]))
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
pub(crate) fn proptest(arguments: &[&str]) -> bool {
    let cases = match arguments {
        ["--cases", cases] => *cases,
        [] => "10000",
        _ => {
            eprintln!("cargo xtask proptest [--cases N]");
            return false;
        }
    };
    let suites: &[&[&str]] = &[
        &[
            "test",
            "--profile",
            "checked",
            "--locked",
            "-p",
            "advance-core",
            "--all-features",
            "--test",
            "properties",
        ],
        &[
            "test",
            "--profile",
            "checked",
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

/// Of a hundred mutants that compile, how many have to be caught.
const CAUGHT: usize = 95;

/// The rooms of the core, each with the tests that its mutants are tried against.
const ROOMS: [(&str, &[&str]); 3] = [
    ("session", &["machine", "machine_regressions"]),
    ("wire", &["contract", "machine"]),
    ("domain", &["contract", "machine"]),
];

/// Mutants of the core, by cargo-mutants (`cargo install cargo-mutants`).
pub(crate) fn mutants(wanted: &[&str]) -> bool {
    if let Some(unknown) = wanted
        .iter()
        .find(|name| ROOMS.iter().all(|(room, _)| room != *name))
    {
        eprintln!("there is no room {unknown}");
        return false;
    }
    let chosen: Vec<_> = ROOMS
        .iter()
        .filter(|(room, _)| wanted.is_empty() || wanted.contains(room))
        .map(|(room, suites)| (room, caught(room, suites)))
        .collect();
    let mut passed = true;
    for (room, counts) in chosen {
        let Some((caught, survived)) = counts else {
            println!("{room}: not tried");
            passed = false;
            continue;
        };
        let viable = caught + survived;
        println!(
            "{room}: {caught} of {viable} viable mutants caught; target/mutants-{room}/mutants.out/missed.txt has the rest"
        );
        passed &= viable > 0 && caught * 100 >= viable * CAUGHT;
    }
    passed
}

/// How many mutants of a room were caught, and how many were not.
fn caught(room: &str, suites: &[&str]) -> Option<(usize, usize)> {
    let out = root().join("target").join(format!("mutants-{room}"));
    // The mutants are made in the features that the tests are run with.
    let mut command = cargo(&["mutants", "-p", "advance-core", "--features", "serialize"]);
    command
        .args(["--file", &format!("crates/advance-core/src/{room}/**")])
        .args([
            "--exclude",
            "**/sabotage.rs",
            "--exclude-re",
            "sabotaged|::breaks",
        ])
        .arg("--output")
        .arg(&out)
        .args(["--", "--lib"]);
    for suite in suites {
        command.args(["--test", suite]);
    }
    // 2 and 3 say that some survived or ran out of time, which is for the count to judge.
    let tried = command
        .status()
        .is_ok_and(|status| matches!(status.code(), Some(0 | 2 | 3)));
    let count = |list: &str| {
        let text = std::fs::read_to_string(out.join("mutants.out").join(list)).ok()?;
        Some(text.lines().count())
    };
    // A mutant that never ends was noticed.
    tried.then(|| Some((count("caught.txt")? + count("timeout.txt")?, count("missed.txt")?)))?
}

/// The fuzz targets, by cargo-fuzz (`cargo install cargo-fuzz`) and a nightly toolchain.
pub(crate) fn fuzz(arguments: &[&str]) -> bool {
    let (seconds, wanted) = match arguments {
        [seconds, wanted @ ..] if seconds.parse::<u32>().is_ok() => (*seconds, wanted),
        wanted => ("300", wanted),
    };
    let folder = root().join("crates/advance-core");
    let mut list = cargo_of("nightly", &["fuzz", "list"]);
    list.current_dir(&folder);
    let Some(listed) = output(list).filter(|listed| !listed.trim().is_empty()) else {
        eprintln!("cargo fuzz list failed: cargo install cargo-fuzz, and a nightly toolchain?");
        return false;
    };
    let known: Vec<&str> = listed.lines().collect();
    if let Some(unknown) = wanted.iter().find(|name| !known.contains(name)) {
        eprintln!(
            "there is no fuzz target {unknown}; there are {}",
            known.join(", ")
        );
        return false;
    }
    let chosen = if wanted.is_empty() { &known } else { wanted };
    chosen.iter().all(|target| {
        println!("-- {target} for {seconds} s");
        // What a run finds on its way stays out of the committed corpus.
        let scratch = root().join("target/fuzz-corpus").join(target);
        if let Err(error) = std::fs::create_dir_all(&scratch) {
            eprintln!("{}: {error}", scratch.display());
            return false;
        }
        // There is no unsafe code for a sanitizer to watch, and without one there are many more executions.
        let mut run = cargo_of("nightly", &["fuzz", "run", "--sanitizer", "none", target]);
        run.arg(scratch)
            .arg(format!("fuzz/corpus/{target}"))
            .args(["--", "-dict=fuzz/replies.dict", "-print_final_stats=1"])
            .arg(format!("-max_total_time={seconds}"))
            .current_dir(&folder);
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

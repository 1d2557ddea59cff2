//! Mutants of the core, by cargo-mutants: `cargo install cargo-mutants`.

use crate::command::{cargo, root};

/// Of a hundred mutants that compile, how many have to be caught.
const CAUGHT: usize = 95;

/// The rooms of the core, each with the tests that its mutants are tried against.
const ROOMS: [(&str, &[&str]); 5] = [
    ("session", &["machine", "machine_regressions"]),
    ("client", &["clients", "waking"]),
    ("wire", &["contract", "machine"]),
    ("domain", &["contract", "machine"]),
    ("url", &["contract", "machine"]),
];

/// Tries every mutant of the rooms named, or of all rooms.
pub(crate) fn run(wanted: &[String]) -> bool {
    if let Some(unknown) = wanted
        .iter()
        .find(|name| ROOMS.iter().all(|(room, _)| room != name))
    {
        eprintln!("there is no room {unknown}");
        return false;
    }
    let chosen: Vec<_> = ROOMS
        .iter()
        .filter(|(room, _)| wanted.is_empty() || wanted.iter().any(|name| name == room))
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
            // Its feature is not on.
            "--exclude",
            "**/client/tracing.rs",
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

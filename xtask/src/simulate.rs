//! The machine against the vendor's model, under a virtual clock.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::command::{cargo, passes};

/// Hands its arguments on. With `--sabotage` a rule of the machine is broken, and passing is the bad news.
pub(crate) fn run(arguments: &[&str]) -> bool {
    passes(simulation(arguments))
}

pub(crate) fn simulation(arguments: &[&str]) -> Command {
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
        // What it needs of its crate compiles in half the time.
        "--no-default-features",
        "-p",
        "advance-tests",
        "--bin",
        "simulate",
    ];
    cargo(&[&base, features, &["--"], arguments].concat())
}

/// What a gate has time for: what users must see, the same seeds every time, and others every time, also with the clients
/// between the calls and the session.
pub(crate) fn ci() -> bool {
    let fresh = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(1, |now| now.as_secs() * 1_000_000);
    run(&["--situations", "--seeds", "2"])
        && run(&["--seeds", "60000"])
        && run(&["--seeds", "20000", "--start", &fresh.to_string()])
        && run(&[
            "--client",
            "async",
            "--seeds",
            "10000",
            "--start",
            &fresh.to_string(),
        ])
        && run(&[
            "--client",
            "blocking",
            "--seeds",
            "3000",
            "--start",
            &fresh.to_string(),
        ])
}

/// The simulation over a million seeds, some six minutes on two cores, and a share of them for each client.
pub(crate) fn long() -> bool {
    run(&["--seeds", "1000000"])
        && run(&["--client", "async", "--seeds", "300000"])
        && run(&["--client", "blocking", "--seeds", "100000"])
}

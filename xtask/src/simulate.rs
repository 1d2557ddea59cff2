//! The machine against the vendor's model, under a virtual clock.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::command::{cargo, passes};
use crate::sabotages::sabotages;

/// Hands its arguments on. With `--sabotage` a rule of the machine is broken, and passing is the bad news.
pub(crate) fn run(arguments: &[&str]) -> bool {
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

/// What a gate has time for: what users must see, the same seeds every time, others every time, and each broken rule.
pub(crate) fn ci() -> bool {
    let fresh = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(1, |now| now.as_secs() * 1_000_000);
    run(&["--situations", "--seeds", "2"])
        && run(&["--seeds", "60000"])
        && run(&["--seeds", "60000", "--start", &fresh.to_string()])
        && sabotages(simulation).iter().all(|name| is_noticed(name))
}

/// The simulation over a million seeds: some six minutes on two cores.
pub(crate) fn long() -> bool {
    run(&["--seeds", "1000000"])
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

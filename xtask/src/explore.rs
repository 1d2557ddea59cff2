//! Every life in a stated scope, on the machine that ships.

use std::process::Command;

use crate::command::{cargo, passes};

/// Hands its arguments on. With `--sabotage` a rule of the machine is broken, and passing is the bad news.
pub(crate) fn run(arguments: &[&str]) -> bool {
    passes(exploration(arguments))
}

pub(crate) fn exploration(arguments: &[&str]) -> Command {
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
        "explore",
    ];
    cargo(&[&base, features, &["--"], arguments].concat())
}

/// What a gate has time for: each run down to its stated depth.
pub(crate) fn ci() -> bool {
    run(&[])
}

/// Each run as deep as a release wants.
pub(crate) fn deep() -> bool {
    run(&["--deep"])
}

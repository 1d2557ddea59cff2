//! Every transport against the hostile server.

use std::process::Command;

use crate::command::{cargo, passes};

/// Hands its arguments on.
pub(crate) fn run(arguments: &[&str]) -> bool {
    passes(suite(arguments))
}

pub(crate) fn suite(arguments: &[&str]) -> Command {
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

/// What a gate asks for: no case fails.
pub(crate) fn ci() -> bool {
    run(&[])
}

//! Programs that our crates are guests in. Each is a workspace of its own, for features unify.

use std::process::Command;

use crate::command::{cargo, passes, root};

/// One where everybody's features are on, and one without TLS of its own.
pub(crate) fn check() -> bool {
    ["tests/no-tls-app", "tests/unified"]
        .iter()
        .all(|folder| passes(tests_of(folder)))
}

/// Transports over HTTP crates that are not ours, and what the suite says of each.
pub(crate) fn strangers() -> bool {
    let mut command = tests_of("tests/strangers");
    // They need none of the platform's authorities, and attohttpc would read them anew for each connection.
    command.env("SSL_CERT_FILE", "/dev/null");
    passes(command)
}

/// Both clients over shuttle's mutexes and threads, in thousands of the orders in which they may run.
pub(crate) fn shuttle() -> bool {
    passes(tests_of("tests/shuttle"))
}

fn tests_of(folder: &str) -> Command {
    let manifest = format!("{folder}/Cargo.toml");
    let mut command = cargo(&[
        "test",
        "--tests",
        "--quiet",
        "--locked",
        "--manifest-path",
        &manifest,
    ]);
    command.env("CARGO_TARGET_DIR", root().join("target/guests"));
    command
}

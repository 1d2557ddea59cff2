//! What a call costs beside the same by hand. The bench is a workspace of its own: it is built for release, with crates that
//! nothing else here uses.

use crate::command::{cargo, passes, root};

/// Runs it with these arguments. `--peers` builds what it is compared with on request.
pub(crate) fn run(arguments: &[&str]) -> bool {
    let mut command = cargo(&[
        "run",
        "--quiet",
        "--release",
        "--locked",
        "--manifest-path",
        "tests/bench/Cargo.toml",
    ]);
    if arguments.contains(&"--peers") {
        command.args(["--features", "peers"]);
    }
    command
        .arg("--")
        .args(arguments)
        .env("CARGO_TARGET_DIR", root().join("target/bench"));
    passes(command)
}

/// Counts are compared with what is committed, and its own tests pass.
pub(crate) fn ci() -> bool {
    run(&["--quick"])
}

//! Programs that our crates are guests in. Each is a workspace of its own, for features unify.

use crate::command::{cargo, passes, root};

/// One where everybody's features are on, and one without TLS of its own.
pub(crate) fn check() -> bool {
    ["tests/no-tls-app", "tests/unified"]
        .iter()
        .all(|folder| test(folder))
}

/// Transports over HTTP crates that are not ours, and what the suite says of each.
pub(crate) fn strangers() -> bool {
    test("tests/strangers")
}

fn test(folder: &str) -> bool {
    let manifest = format!("{folder}/Cargo.toml");
    let mut command = cargo(&["test", "--quiet", "--locked", "--manifest-path", &manifest]);
    command.env("CARGO_TARGET_DIR", root().join("target/guests"));
    passes(command)
}

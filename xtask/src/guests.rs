//! Programs that our crates are guests in: one where everybody's features are on, one without TLS of its own, and transports
//! over HTTP crates that are not ours. Each is a
//! workspace of its own, for features unify.

use crate::command::{cargo, passes, root};

const GUESTS: [&str; 3] = ["tests/no-tls-app", "tests/strangers", "tests/unified"];

pub(crate) fn check() -> bool {
    GUESTS.iter().all(|folder| {
        let manifest = format!("{folder}/Cargo.toml");
        let mut command = cargo(&["test", "--quiet", "--locked", "--manifest-path", &manifest]);
        command.env("CARGO_TARGET_DIR", root().join("target/guests"));
        passes(command)
    })
}

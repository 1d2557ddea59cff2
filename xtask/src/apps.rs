//! The example applications: each is a workspace of its own, as an application is.

use crate::command::{cargo, passes, root};

const APPS: [&str; 1] = ["tests/apps/axum-shop"];

/// Their format, their lints, and their tests, which kill them.
pub(crate) fn run() -> bool {
    APPS.iter().all(|folder| {
        let steps: [&[&str]; 3] = [
            &["fmt", "--check"],
            &[
                "clippy",
                "--quiet",
                "--locked",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ],
            &["test", "--quiet", "--locked"],
        ];
        steps.iter().all(|arguments| {
            let mut command = cargo(arguments);
            command
                .current_dir(root().join(folder))
                .env("CARGO_TARGET_DIR", root().join("target/apps"));
            passes(command)
        })
    })
}

//! The sandbox's page and dashboard in headless Chromium (Debian's `chromium` and `chromium-driver`; `npm` for axe-core).

use std::process::Command;

use crate::command::{cargo, passes, root};

/// A workspace of its own: what drives a browser is nothing that other tests should have to build.
const MANIFEST: &str = "tests/browser/Cargo.toml";

/// Its sources are formatted and without a warning, and every part of it passes. Pictures of every screen are left in
/// `target/browser/pictures`.
pub(crate) fn run() -> bool {
    passes(of(&["fmt", "--check"]))
        && passes(of(&[
            "clippy",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ]))
        && passes(of(&["test", "--quiet", "--locked"]))
        && passes(of(&["run", "--quiet", "--locked"]))
}

fn of(arguments: &[&str]) -> Command {
    let (task, rest) = arguments.split_first().unwrap_or((&"check", &[]));
    let mut command = cargo(&[&[*task, "--manifest-path", MANIFEST], rest].concat());
    command.env("CARGO_TARGET_DIR", root().join("target/browser-build"));
    command
}

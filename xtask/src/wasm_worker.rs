//! The core in a wasm worker under Node (Debian's `nodejs`), against a sandbox.

use std::process::Command;

use crate::command::{cargo, output, passes, root};
use crate::examples::Sandbox;
use crate::tools::WASM_BINDGEN;

const FOLDER: &str = "tests/apps/wasm-worker";

pub(crate) fn run() -> bool {
    let target = root().join("target/apps");
    let pkg = target.join("wasm-worker-pkg");
    built(&["fmt", "--check"])
        && built(&[
            "clippy",
            "--quiet",
            "--locked",
            "--target",
            "wasm32-unknown-unknown",
            "--",
            "-D",
            "warnings",
        ])
        && built(&[
            "build",
            "--quiet",
            "--locked",
            "--target",
            "wasm32-unknown-unknown",
        ])
        && WASM_BINDGEN.command().is_some_and(|mut command| {
            command
                .args(["--target", "nodejs", "--out-dir"])
                .arg(&pkg)
                .arg(target.join("wasm32-unknown-unknown/debug/wasm_worker.wasm"));
            passes(command)
        })
        && Sandbox::start().is_some_and(|sandbox| {
            [
                ("sbx-ok", "passed, 0 charged"),
                ("sbx-forged", "failed, 0 charged"),
            ]
            .iter()
            .all(|(user, says)| {
                let mut node = Command::new("node");
                node.arg(root().join(FOLDER).join("worker.cjs"))
                    .arg(pkg.join("wasm_worker.js"))
                    .args([sandbox.url(), user]);
                let said = output(node).unwrap_or_default();
                println!("-- {user}: {}", said.trim());
                said.trim() == *says
            })
        })
}

fn built(arguments: &[&str]) -> bool {
    let mut command = cargo(arguments);
    command
        .current_dir(root().join(FOLDER))
        .env("CARGO_TARGET_DIR", root().join("target/apps"));
    passes(command)
}

//! The gates that are one command of cargo each.

use crate::command::{cargo, cargo_of, passes, root};
use crate::tools::CARGO_HACK;

/// The oldest toolchain that builds the workspace; `rust-version` says the same.
const MSRV: &str = "1.88";

pub(crate) fn fmt() -> bool {
    passes(cargo(&["fmt", "--all", "--check"]))
}

pub(crate) fn clippy() -> bool {
    passes(cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--all-features",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]))
}

/// Each crate with none, each and all of its features, but for what breaks rules on purpose.
pub(crate) fn features() -> bool {
    hack(&["--each-feature"])
}

/// Each two of them: most of the transports' features only pass something on.
pub(crate) fn feature_pairs() -> bool {
    hack(&["--feature-powerset", "--depth", "2"])
}

fn hack(sets: &[&str]) -> bool {
    CARGO_HACK.command().is_some_and(|mut command| {
        command.args([
            "check",
            "--quiet",
            "--locked",
            "--workspace",
            "--ignore-private",
            "--exclude-features",
            "default,sabotage",
        ]);
        command.args(sets);
        passes(command)
    })
}

pub(crate) fn test() -> bool {
    passes(cargo(&["test", "--workspace", "--locked"]))
}

pub(crate) fn test_features() -> bool {
    let test = |package, arguments: &[&str]| {
        passes(cargo(
            &[&["test", "--quiet", "--locked", "-p", package], arguments].concat(),
        ))
    };
    let alone = |package| {
        ["native-tls", ""].iter().all(|feature| {
            test(
                package,
                &["--tests", "--no-default-features", "--features", feature],
            )
        })
    };
    let whole = |package| test(package, &["--all-features"]);
    whole("advance-core") && whole("advance-sandbox") && alone("advance-reqwest") && alone("advance-ureq")
}

pub(crate) fn doc() -> bool {
    let mut command = cargo(&["doc", "--workspace", "--no-deps", "--all-features", "--locked"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    passes(command)
}

pub(crate) fn demo() -> bool {
    let demo = ["run", "--quiet", "--locked", "-p", "advance-cli", "--", "demo"];
    passes(cargo(&demo)) && passes(cargo(&[&demo[..], &["--blocking", "--json"]].concat()))
}

pub(crate) fn msrv() -> bool {
    let mut command = cargo_of(MSRV, &["check", "--workspace", "--all-targets", "--locked"]);
    // Two toolchains in one folder would build everything anew at every turn.
    command.env("CARGO_TARGET_DIR", root().join("target/msrv"));
    passes(command)
}

pub(crate) fn wasm() -> bool {
    passes(cargo(&[
        "clippy",
        "-p",
        "advance-core",
        "--target",
        "wasm32-unknown-unknown",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]))
}

//! Line coverage of the core's pure rooms, by cargo-llvm-cov: `cargo install cargo-llvm-cov`.

use crate::command::{cargo, passes};

/// Fails below 95 lines in a hundred.
pub(crate) fn run() -> bool {
    let other = "(client|strategies|suites|advice|charge|escape|error|transport|secret|time|lib)(/|\\.rs)";
    passes(cargo(&[
        "llvm-cov",
        "-p",
        "advance-core",
        "--all-features",
        "--ignore-filename-regex",
        other,
        "--show-missing-lines",
        "--fail-under-lines",
        "95",
    ]))
}

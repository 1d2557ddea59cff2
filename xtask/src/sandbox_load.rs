//! A million tokens and half a million links: the sandbox's memory stays flat and small.

use crate::command::{cargo, passes};

/// It prints how fast it was; a machine that does something else meanwhile makes the figure worthless.
pub(crate) fn run() -> bool {
    passes(cargo(&[
        "run",
        "--quiet",
        "--release",
        "--locked",
        "-p",
        "advance-sandbox",
        "--example",
        "load",
    ]))
}

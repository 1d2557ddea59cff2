//! `advance doctor` on a machine whose clock is wrong (Debian's `faketime`). The other failures are provoked by its tests.

use crate::command::{cargo, passes};

pub(crate) fn run() -> bool {
    passes(cargo(&[
        "test",
        "--quiet",
        "--locked",
        "-p",
        "advance-cli",
        "--test",
        "cli",
        "doctor::",
        "--",
        "--include-ignored",
    ]))
}

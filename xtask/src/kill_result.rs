//! `advance result` of ten thousand ids, killed twenty times: nothing paid is lost, and what was under way is counted.

use crate::command::{cargo, passes};

/// The test of the command line, at full size and as it is released: some minutes.
pub(crate) fn run() -> bool {
    let mut test = cargo(&[
        "test",
        "--quiet",
        "--release",
        "--locked",
        "-p",
        "advance-cli",
        "--test",
        "cli",
        "a_kill_loses_at_most",
        "--",
        "--nocapture",
    ]);
    test.env("ADVANCE_KILL_IDS", "10000").env("ADVANCE_KILLS", "20");
    passes(test)
}

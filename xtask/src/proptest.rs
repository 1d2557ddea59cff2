//! The shared property suites, with many cases.

use crate::command::{cargo, passes};

/// How many cases are enough to rely on.
pub(crate) const CASES: u32 = 10_000;

/// Each suite, with so many cases.
pub(crate) fn run(cases: u32) -> bool {
    let suites: &[&[&str]] = &[
        &[
            "test",
            "--profile",
            "checked",
            "--locked",
            "-p",
            "advance-core",
            "--all-features",
            "--test",
            "properties",
        ],
        &[
            "test",
            "--profile",
            "checked",
            "--locked",
            "-p",
            "advance-tests",
            "--test",
            "properties",
        ],
    ];
    suites.iter().all(|suite| {
        let mut command = cargo(suite);
        command.env("PROPTEST_CASES", cases.to_string());
        passes(command)
    })
}

//! The store of a fleet, on a Postgres that the tests start themselves.

use crate::command::{cargo, passes};
use crate::stores;

/// Protections that a small fleet under fire must miss by name. It misses the others by chance alone.
const UNDER_FIRE: [&str; 2] = ["intent", "pace"];

/// Protections that the scenes must miss by name, each time; so does the suite: see `tests/teeth.rs` there.
const IN_SCENES: [&str; 4] = ["intent", "fence", "attempt-id", "skip-locked"];

/// Protections that the model of a thousand workers must miss by name.
const IN_THE_MODEL: [&str; 4] = ["intent", "fence", "attempt-id", "pace"];

const SMALL: [&str; 13] = [
    "fleet",
    "--ids",
    "300",
    "--workers",
    "4",
    "--kills",
    "6",
    "--crashes",
    "1",
    "--stops",
    "2",
    "--rate",
    "25",
];

const SCENES: [&str; 1] = ["fleet-scenes"];

/// A thousand workers, and a hundred thousand verifications.
const MODEL: [&str; 3] = ["fleet-model", "--seed", "1"];

const SUITE: [&str; 6] = [
    "test",
    "--quiet",
    "--locked",
    "-p",
    "advance-store-postgres",
    "--all-features",
];

/// The suite through PgBouncer; a machine without one says so.
fn through_a_proxy() -> bool {
    let only = ["--test", "pgbouncer", "--", "--ignored", "--nocapture"];
    passes(cargo(&[&SUITE[..], &only].concat()))
}

/// A thousand cold workers on a real Postgres, one crowd after the other.
fn cold() -> bool {
    passes(cargo(&[
        "test",
        "--quiet",
        "--locked",
        "-p",
        "advance-tests",
        "--test",
        "fleet",
        "postgres::",
        "--",
        "--ignored",
        "--test-threads=1",
        "--nocapture",
    ]))
}

/// The suite, scenes, and a small fleet. A machine without Postgres says so.
pub(crate) fn ci() -> bool {
    let all_noticed = |names: &[&str], task: &[&str]| names.iter().all(|name| stores::is_noticed(name, task));
    passes(cargo(&SUITE))
        && through_a_proxy()
        && cold()
        && stores::run(&SCENES)
        && stores::run(&SMALL)
        && (!stores::run(&["postgres"])
            || (all_noticed(&IN_SCENES, &SCENES) && all_noticed(&UNDER_FIRE, &SMALL)))
}

/// A thousand workers on the store's model, in virtual time: it needs no Postgres.
pub(crate) fn model() -> bool {
    let seeds = ["2", "3"].iter();
    stores::run(&MODEL)
        && stores::run(&["fleet-model"])
        && seeds
            .copied()
            .all(|seed| stores::run(&["fleet-model", "--ids", "20000", "--seed", seed]))
        && IN_THE_MODEL.iter().all(|name| stores::is_noticed(name, &MODEL))
}

/// The suite with its random life in full, ten thousand verifications under fire, and how fast it is.
pub(crate) fn long() -> bool {
    let mut suite = cargo(&SUITE);
    suite.env("ADVANCE_LONG_LIFE", "1");
    let speed = |rows, workers| stores::run(&["fleet-speed", "--rows", rows, "--workers", workers]);
    passes(suite)
        && stores::run(&["fleet"])
        && stores::run(&["fleet", "--per-poll"])
        && ["10000", "100000", "1000000"]
            .iter()
            .all(|rows| ["1", "8", "64"].iter().all(|workers| speed(rows, workers)))
}

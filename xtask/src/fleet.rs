//! The store of a fleet, on a Postgres that the tests start themselves.

use crate::command::{cargo, passes};
use crate::stores;

/// The protection that a small fleet under fire must miss by name. It misses the others by chance alone; the suite misses
/// each of them every time: see `tests/teeth.rs` there.
const SABOTAGE: &str = "intent";

const SMALL: [&str; 11] = [
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
];

const SUITE: [&str; 6] = [
    "test",
    "--quiet",
    "--locked",
    "-p",
    "advance-store-postgres",
    "--all-features",
];

/// The suite and a small fleet. A machine without Postgres says so.
pub(crate) fn ci() -> bool {
    passes(cargo(&SUITE))
        && stores::run(&SMALL)
        && (!stores::run(&["postgres"]) || stores::is_noticed(SABOTAGE, &SMALL))
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

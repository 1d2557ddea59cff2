//! The store of a fleet, on a Postgres that the tests start themselves.

use crate::command::{cargo, passes};
use crate::stores;

/// Protections, each of which a fleet under fire must miss by name. The suite misses the others: see `tests/teeth.rs` there.
const SABOTAGES: [&str; 2] = ["intent", "skip-locked"];

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

/// The suite and a small fleet. A machine without Postgres says so.
pub(crate) fn ci() -> bool {
    let suite = [
        "test",
        "--quiet",
        "--locked",
        "-p",
        "advance-store-postgres",
        "--all-features",
    ];
    passes(cargo(&suite)) && stores::run(&SMALL) && (!stores::run(&["postgres"]) || is_missed())
}

fn is_missed() -> bool {
    SABOTAGES.iter().all(|name| stores::is_noticed(name, &SMALL))
}

/// Ten thousand verifications under fire, and how fast it is.
pub(crate) fn long() -> bool {
    let speed = |rows, workers| stores::run(&["fleet-speed", "--rows", rows, "--workers", workers]);
    stores::run(&["fleet"])
        && stores::run(&["fleet", "--per-poll"])
        && ["10000", "100000", "1000000"]
            .iter()
            .all(|rows| ["1", "8", "64"].iter().all(|workers| speed(rows, workers)))
}

//! The suites that any store must pass, on a Postgres of the test's own.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod cluster;
mod fresh;

use advance_conformance::stores::{check, check_rates};
use fresh::Database;

#[test]
fn every_rule_of_a_store_is_kept() {
    let Some(database) = Database::start() else { return };
    check_rates(&database.store());
    let database = std::sync::Arc::new(database);
    check(|| Box::new(database.store()));
}

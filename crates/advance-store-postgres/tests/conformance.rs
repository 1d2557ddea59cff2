//! The suites that any store must pass, on a Postgres of the test's own.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod cluster;
mod fresh;

use std::sync::Arc;

use advance_conformance::stores::{check, check_rates};
use advance_conformance::tokens;
use fresh::Database;

#[test]
fn every_rule_of_a_store_is_kept() {
    let Some(database) = Database::start() else { return };
    check_rates(&database.store());
    let database = Arc::new(database);
    let (stores, token_stores) = (Arc::clone(&database), Arc::clone(&database));
    tokens::check(move || Box::new(token_stores.store()));
    check(move || Box::new(stores.store()));
}

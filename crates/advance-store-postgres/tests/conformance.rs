//! The suites that any store must pass, on a Postgres of the test's own.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod cluster;
mod fresh;

use std::sync::LazyLock;

use advance_conformance::stores::{check, check_outbox, check_rates};
use advance_conformance::tokens;
use fresh::Database;

/// It ends with the process. Nothing on a machine without Postgres.
static DATABASE: LazyLock<Option<Database>> = LazyLock::new(Database::start);

#[test]
fn every_rule_of_a_store_is_kept() {
    let Some(database) = &*DATABASE else { return };
    check(|| Box::new(database.store()));
}

#[test]
fn every_rule_of_a_token_store_is_kept() {
    let Some(database) = &*DATABASE else { return };
    tokens::check(|| Box::new(database.store()));
}

#[test]
fn every_rule_of_a_pace_is_kept() {
    let Some(database) = &*DATABASE else { return };
    check_rates(&database.store());
}

#[test]
fn every_rule_of_an_outbox_is_kept() {
    let Some(database) = &*DATABASE else { return };
    check_outbox(&database.store());
}

//! The schema, version by version. Each version is a file that a person can read and apply by hand.

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};

use crate::error::{failed, other_version};
use advance_collector::StoreError;

/// Every version, oldest first. What was published stays as it is: a change is another file.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_pending_verifications.sql"),
    include_str!("../migrations/0002_shared_tokens.sql"),
    include_str!("../migrations/0003_rates.sql"),
];

/// Brings the schema to this version of the library, in one transaction.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    if version(connection)? == MIGRATIONS.len() {
        return Ok(());
    }
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    // Another process may have been faster.
    let at = version(&transaction)?;
    let missing = MIGRATIONS.get(at..).ok_or_else(other_version)?;
    for (number, script) in (at + 1..).zip(missing) {
        transaction.execute_batch(script).map_err(failed)?;
        transaction
            .execute(
                "INSERT INTO advance_schema (version, applied_at) VALUES (?1, datetime('now'))",
                [i64::try_from(number).unwrap_or(i64::MAX)],
            )
            .map_err(failed)?;
    }
    transaction.commit().map_err(failed)
}

/// How many versions were applied. The table is the library's own: `user_version` may be the application's.
fn version(connection: &Connection) -> Result<usize, StoreError> {
    let is_there = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'advance_schema'";
    let table: Option<i64> = connection
        .query_row(is_there, [], |row| row.get(0))
        .optional()
        .map_err(failed)?;
    if table.is_none() {
        if connection.is_autocommit() {
            return Ok(0);
        }
        connection
            .execute_batch("CREATE TABLE advance_schema (version INTEGER NOT NULL PRIMARY KEY, applied_at TEXT NOT NULL) STRICT")
            .map_err(failed)?;
    }
    let version: i64 = connection
        .query_row(
            "SELECT coalesce(max(version), 0) FROM advance_schema",
            [],
            |row| row.get(0),
        )
        .map_err(failed)?;
    match usize::try_from(version) {
        Ok(version) if version <= MIGRATIONS.len() => Ok(version),
        _ => Err(other_version()),
    }
}

//! The schema, version by version. Each version is a file that a person can read and apply by hand.

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};

use crate::error::{failed, other_version};
use advance_collector::StoreError;

/// Every version, oldest first. What was published stays as it is: a change is another file.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_pending_verifications.sql"),
    include_str!("../migrations/0002_shared_tokens.sql"),
    include_str!("../migrations/0003_rates.sql"),
    include_str!("../migrations/0004_letters.sql"),
];

/// The library's own table of versions: `user_version` may be the application's.
const VERSIONS: &str = "advance_schema";

/// Brings the store's schema to this version of the library.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    apply(connection, VERSIONS, MIGRATIONS)
}

/// Brings tables that stand beside the store's to their newest version, in one transaction. `scripts` are all versions, the
/// oldest first; the table `versions` of the same file says which of them were applied.
///
/// # Errors
/// [`OtherVersion`](advance_collector::StoreErrorKind::OtherVersion) if a newer version of the library has been here, and
/// others of the file's.
pub fn apply(
    connection: &mut Connection,
    versions: &'static str,
    scripts: &[&str],
) -> Result<(), StoreError> {
    if version(connection, versions, scripts)? == scripts.len() {
        return Ok(());
    }
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    // Another process may have been faster.
    let at = version(&transaction, versions, scripts)?;
    let missing = scripts.get(at..).ok_or_else(other_version)?;
    for (number, script) in (at + 1..).zip(missing) {
        transaction.execute_batch(script).map_err(failed)?;
        transaction
            .execute(
                &format!("INSERT INTO {versions} (version, applied_at) VALUES (?1, datetime('now'))"),
                [i64::try_from(number).unwrap_or(i64::MAX)],
            )
            .map_err(failed)?;
    }
    transaction.commit().map_err(failed)
}

/// How many versions were applied. Within a transaction, the table is made if it is not there.
fn version(connection: &Connection, versions: &str, scripts: &[&str]) -> Result<usize, StoreError> {
    let is_there = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1";
    let table: Option<i64> = connection
        .query_row(is_there, [versions], |row| row.get(0))
        .optional()
        .map_err(failed)?;
    if table.is_none() {
        if connection.is_autocommit() {
            return Ok(0);
        }
        let make = format!(
            "CREATE TABLE {versions} (version INTEGER NOT NULL PRIMARY KEY, applied_at TEXT NOT NULL) STRICT"
        );
        connection.execute_batch(&make).map_err(failed)?;
    }
    let newest = format!("SELECT coalesce(max(version), 0) FROM {versions}");
    let version: i64 = connection
        .query_row(&newest, [], |row| row.get(0))
        .map_err(failed)?;
    match usize::try_from(version) {
        Ok(version) if version <= scripts.len() => Ok(version),
        _ => Err(other_version()),
    }
}

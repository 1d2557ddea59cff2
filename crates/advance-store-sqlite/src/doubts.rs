//! The table of doubts.

use advance_collector::row::Doubt;
use advance_collector::{AttemptId, StoreError};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::columns::millis;
use crate::error::failed;

/// Remembers an attempt whose cost is unknown.
pub(crate) fn insert(connection: &Connection, doubt: &Doubt) -> Result<(), StoreError> {
    let statement = "INSERT INTO advance_doubt (attempt, signature_id, kind, at) VALUES (?1, ?2, ?3, ?4) \
        ON CONFLICT DO NOTHING";
    let mut statement = connection.prepare_cached(statement).map_err(failed)?;
    statement
        .execute(params![
            doubt.attempt.to_string(),
            doubt.signature_id.as_str(),
            doubt.kind.as_str(),
            millis(doubt.at),
        ])
        .map_err(failed)?;
    Ok(())
}

/// Closes it, if it is open: whose it was.
pub(crate) fn close(connection: &Connection, attempt: AttemptId) -> Result<Option<String>, StoreError> {
    let statement =
        "UPDATE advance_doubt SET closed = 1 WHERE attempt = ?1 AND closed = 0 RETURNING signature_id";
    let mut statement = connection.prepare_cached(statement).map_err(failed)?;
    statement
        .query_row([attempt.to_string()], |row| row.get(0))
        .optional()
        .map_err(failed)
}

//! Postgres's failures, in the words of the seam.

use std::error::Error as _;

use advance_collector::{StoreError, StoreErrorKind};
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(crate) fn failed(error: Error) -> StoreError {
    match error.code() {
        Some(code) => StoreError::new(kind(code)).with_source(told_by_the_server(code)),
        // The network's, or this client's: neither has seen a row's values. What came from the configuration is left out.
        None => match error.source() {
            Some(source) => StoreError::new(StoreErrorKind::Unavailable).with_source(source.to_string()),
            None => StoreError::new(StoreErrorKind::Unavailable).with_source(error.to_string()),
        },
    }
}

/// Without the server's text, which may quote a row.
fn told_by_the_server(code: &SqlState) -> String {
    format!("Postgres answered with SQLSTATE {}", code.code())
}

fn kind(code: &SqlState) -> StoreErrorKind {
    match code.code() {
        // Disk full.
        "53100" => StoreErrorKind::Full,
        // A privilege that is missing, no such database or schema.
        "42501" | "3D000" | "3F000" => StoreErrorKind::Denied,
        // No such table, column or function.
        "42P01" | "42703" | "42883" => StoreErrorKind::OtherVersion,
        // A standby that is read only, a lock or a statement that took too long, a transaction that was idle for too long.
        "25006" | "25P03" | "55P03" | "57014" => StoreErrorKind::Unavailable,
        code => match &code[..2] {
            // Authentication.
            "28" => StoreErrorKind::Denied,
            // Connections, serialization and deadlocks, resources, an operator, the system.
            "08" | "40" | "53" | "57" | "58" => StoreErrorKind::Unavailable,
            "XX" => StoreErrorKind::Damaged,
            _ => StoreErrorKind::Other,
        },
    }
}

/// It did not answer in time.
pub(crate) fn too_slow() -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable).with_source("the database did not answer in time")
}

/// A value that this version does not know.
pub(crate) fn damaged(column: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Damaged).with_source(format!("{column} holds a value that is not known"))
}

pub(crate) fn other_version(found: usize, known: usize) -> StoreError {
    let what = if found > known {
        format!("the schema has version {found}, and this library knows {known} only")
    } else {
        format!(
            "the schema has version {found}, and this library needs {known}: apply the files of migrations/ that are missing"
        )
    };
    StoreError::new(StoreErrorKind::OtherVersion).with_source(what)
}

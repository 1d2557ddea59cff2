//! SQLite's failures, in the words of the seam.

use advance_collector::{StoreError, StoreErrorKind};
use rusqlite::{Error, ErrorCode};

/// A failure of SQLite's in the words of [`StoreError`], for tables that stand beside the store's.
pub fn failed(error: Error) -> StoreError {
    let kind = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::SchemaChanged) => {
            StoreErrorKind::Unavailable
        }
        Some(ErrorCode::DiskFull) => StoreErrorKind::Full,
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            StoreErrorKind::Denied
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreErrorKind::Damaged,
        _ => StoreErrorKind::Other,
    };
    StoreError::new(kind).with_source(error)
}

/// A value that this version does not know.
pub(crate) fn damaged(column: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Damaged).with_source(format!("{column} holds a value that is not known"))
}

pub(crate) fn other_version() -> StoreError {
    StoreError::new(StoreErrorKind::OtherVersion)
}

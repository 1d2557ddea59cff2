//! How a file becomes a store.

use std::fs::OpenOptions;
use std::path::Path;
use std::thread;
use std::time::Duration;

use advance_collector::{StoreError, StoreErrorKind};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::failed;

/// How long a transaction waits for those of other processes.
const BUSY: Duration = Duration::from_secs(10);

/// Opens this file, and makes it if it is not there, for its owner alone.
pub(crate) fn open(path: &Path) -> Result<Connection, StoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // SQLite gives the files beside it the same permissions.
    options
        .open(path)
        .map_err(|error| StoreError::new(StoreErrorKind::Denied).with_source(error))?;
    // No flag for paths that are URIs: a path is a path.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags).map_err(failed)
}

/// A connection to this file, opened and set up as the store's own are, for tables that stand beside the store's.
///
/// # Errors
/// A [`StoreError`] of the file's.
pub fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = open(path)?;
    prepare(&connection)?;
    Ok(connection)
}

/// Sets a connection up: a write-ahead log, waiting for others, no trace of what was deleted.
pub(crate) fn prepare(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(BUSY).map_err(failed)?;
    connection
        .pragma_update(None, "secure_delete", true)
        .map_err(failed)?;
    connection
        .pragma_update(None, "foreign_keys", true)
        .map_err(failed)?;
    // The busy handler is not asked when the mode changes, so this waits by itself for others that do the same.
    for _ in 0..100 {
        match journal_mode(connection) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                thread::sleep(BUSY / 100);
            }
            other => {
                other.map_err(failed)?;
                return Ok(());
            }
        }
    }
    Err(StoreError::new(StoreErrorKind::Unavailable))
}

fn journal_mode(connection: &Connection) -> rusqlite::Result<String> {
    connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))
}

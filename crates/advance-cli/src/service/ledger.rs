//! Which link was made for which key of the caller's, so that a request that is sent again makes no second link.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use advance_collector::StoreError;
use advance_core::UnixMillis;
use advance_store_sqlite::rusqlite::{Connection, OptionalExtension as _, Result, params};
use advance_store_sqlite::{connect, migrate, store_error};

use crate::time;

/// Every version of the tables, the oldest first. What was published stays as it is: a change is another text.
const MIGRATIONS: &[&str] = &["
CREATE TABLE IF NOT EXISTS advance_link (
    -- SHA-256 of the caller's key, and of what was asked.
    key          TEXT    NOT NULL PRIMARY KEY,
    request      TEXT    NOT NULL,
    signature_id TEXT    NOT NULL,
    -- The answer: it holds the link, which is a secret, and is forgotten a day after the link has ended.
    answer       TEXT    NOT NULL,
    forget_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS advance_link_forget ON advance_link (forget_at);
CREATE INDEX IF NOT EXISTS advance_link_verification ON advance_link (signature_id);
"];

/// A day.
const KEPT: u64 = 24 * 3_600 * 1_000;

/// Links by the caller's keys, in the file of the store.
pub(crate) struct Ledger(Mutex<Connection>);

/// What was answered before.
pub(crate) struct Entry {
    /// SHA-256 of what was asked.
    pub(crate) request: String,
    pub(crate) answer: String,
}

impl Ledger {
    pub(crate) fn open(path: &Path) -> std::result::Result<Self, StoreError> {
        let mut connection = connect(path)?;
        connection
            .pragma_update(None, "synchronous", "full")
            .map_err(store_error)?;
        migrate(&mut connection, "advance_link_schema", MIGRATIONS)?;
        clean(&connection, time::now()).map_err(store_error)?;
        Ok(Self(Mutex::new(connection)))
    }

    /// What was answered to this key, if it still holds.
    pub(crate) fn find(&self, key: &str, now: UnixMillis) -> std::result::Result<Option<Entry>, StoreError> {
        self.with(|connection| {
            let query = "SELECT request, answer FROM advance_link WHERE key = ?1 AND forget_at >= ?2";
            let mut statement = connection.prepare_cached(query)?;
            let read = |row: &advance_store_sqlite::rusqlite::Row<'_>| {
                Ok(Entry {
                    request: row.get(0)?,
                    answer: row.get(1)?,
                })
            };
            statement.query_row(params![key, millis(now)], read).optional()
        })
    }

    /// Keeps an answer; if another process was faster, the one that holds instead.
    pub(crate) fn keep(
        &self,
        key: &str,
        entry: &Entry,
        signature_id: &str,
        link_ends: UnixMillis,
        now: UnixMillis,
    ) -> std::result::Result<Option<Entry>, StoreError> {
        // An end that is not to be believed keeps no secret for years.
        let ends = link_ends.get().clamp(now.get(), now.get() + KEPT);
        let forget = i64::try_from(ends + KEPT).unwrap_or(i64::MAX);
        let new = self.with(|connection| {
            clean(connection, now)?;
            let keep = "INSERT INTO advance_link (key, request, signature_id, answer, forget_at) \
                VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
            let row = params![key, entry.request, signature_id, entry.answer, forget];
            connection.prepare_cached(keep)?.execute(row)
        })?;
        Ok(if new == 1 { None } else { self.find(key, now)? })
    }

    /// Forgets the link of this verification.
    pub(crate) fn forget(&self, signature_id: &str) -> std::result::Result<(), StoreError> {
        let forget = "DELETE FROM advance_link WHERE signature_id = ?1";
        self.with(|connection| connection.prepare_cached(forget)?.execute([signature_id]))
            .map(drop)
    }

    /// When the oldest verification that has not ended was added. The table is the store's.
    pub(crate) fn oldest(&self) -> std::result::Result<Option<UnixMillis>, StoreError> {
        let query = "SELECT min(added_at) FROM advance_verification WHERE state IN ('waiting', 'asking')";
        let oldest: Option<i64> =
            self.with(|connection| connection.query_row(query, [], |row| row.get(0)))?;
        Ok(oldest.map(|at| UnixMillis::new(u64::try_from(at).unwrap_or(0))))
    }

    fn with<R>(&self, with: impl FnOnce(&Connection) -> Result<R>) -> std::result::Result<R, StoreError> {
        let connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        with(&connection).map_err(store_error)
    }
}

/// Forgets what no longer holds.
fn clean(connection: &Connection, now: UnixMillis) -> Result<()> {
    let old = "DELETE FROM advance_link WHERE forget_at < ?1";
    connection.prepare_cached(old)?.execute([millis(now)]).map(drop)
}

/// SQLite's integers are signed.
fn millis(time: UnixMillis) -> i64 {
    i64::try_from(time.get()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_holds_until_a_day_after_its_link_and_is_then_free() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pending.db");
        let entry = |answer: &str| Entry {
            request: "asked".to_owned(),
            answer: answer.to_owned(),
        };
        let at = |now: UnixMillis, millis: u64| UnixMillis::new(now.get() + millis);
        let now = time::now();
        let ledger = Ledger::open(&file).unwrap();
        let ends = at(now, 1_000);
        assert!(
            ledger
                .keep("key", &entry("first"), "a", ends, now)
                .unwrap()
                .is_none()
        );
        let before = ledger.keep("key", &entry("second"), "b", ends, now).unwrap();
        assert_eq!(before.unwrap().answer, "first");
        let last = at(ends, KEPT);
        assert!(ledger.find("key", last).unwrap().is_some());
        assert!(ledger.find("key", at(last, 1)).unwrap().is_none());
        let taken = ledger.keep("key", &entry("third"), "c", at(last, 1), at(last, 1));
        assert!(taken.unwrap().is_none());
        // One that has ended is no longer in the file once a ledger is opened.
        let past = UnixMillis::new(1);
        ledger.keep("old", &entry("old"), "d", past, past).unwrap();
        drop(ledger);
        let ledger = Ledger::open(&file).unwrap();
        assert!(ledger.find("old", past).unwrap().is_none());
    }
}

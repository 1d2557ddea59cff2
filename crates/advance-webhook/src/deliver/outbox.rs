//! Letters that survive any crash: a table in a SQLite file.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use advance_collector::{StoreError, StoreErrorKind};
use advance_core::UnixMillis;
use advance_store_sqlite::rusqlite::{Connection, OptionalExtension as _, Params, Row, params};
use advance_store_sqlite::{connect, migrate, store_error};

use super::{Letter, LetterState};

/// Every version of the table, the oldest first. What was published stays as it is: a change is another file.
const MIGRATIONS: &[&str] = &[include_str!("../../migrations/0001_letters.sql")];

const COLUMNS: &str = "id, signature_id, revision, body, state, failures, written_at, due_at, trouble";

/// Whether no earlier letter about the same verification waits: each waits for its turn.
const FIRST: &str = "NOT EXISTS (
    SELECT 1 FROM advance_letter AS earlier
    WHERE earlier.signature_id = one.signature_id AND earlier.revision < one.revision AND earlier.state = 'waiting'
)";

const COUNTS: &str = "SELECT state, count(*), min(written_at) FROM advance_letter GROUP BY state";
const RESEND_DEAD: &str =
    "UPDATE advance_letter SET state = 'waiting', failures = 0, due_at = ?1 WHERE state = 'dead'";
const FORGET: &str = "DELETE FROM advance_letter WHERE signature_id = ?1";
const FORGET_DELIVERED: &str = "DELETE FROM advance_letter WHERE signature_id = ?1 AND state = 'delivered'";
const PRUNE: &str = "DELETE FROM advance_letter WHERE state = 'delivered' AND due_at < ?1";

/// Later than any pause: what is due so late was booked before the clock was set back.
const BEYOND: Duration = Duration::from_secs(2 * 24 * 3_600);

/// Letters in a SQLite file, which may be the collector's own. Any number of processes of one machine may work on it.
#[derive(Debug)]
pub struct Outbox(Mutex<Connection>);

/// How many letters stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// To be sent.
    pub waiting: u64,
    /// Taken.
    pub delivered: u64,
    /// Given up.
    pub dead: u64,
    /// When the oldest of those that wait was written.
    pub oldest: Option<UnixMillis>,
}

impl Outbox {
    /// Opens this file, and makes it, for its owner alone, if it is not there.
    ///
    /// # Errors
    /// A [`StoreError`] of the file's.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = connect(path)?;
        connection
            .pragma_update(None, "synchronous", "full")
            .map_err(store_error)?;
        Self::with_connection(connection)
    }

    /// Works over a connection that was set up by the caller, such as one in memory for tests. If it may lose what was
    /// committed (`synchronous` below `full`), letters may be lost.
    ///
    /// # Errors
    /// A [`StoreError`] of the file's; [`OtherVersion`](advance_collector::StoreErrorKind::OtherVersion) if a newer version of
    /// this crate has been here.
    pub fn with_connection(mut connection: Connection) -> Result<Self, StoreError> {
        migrate(&mut connection, "advance_letter_schema", MIGRATIONS)?;
        Ok(Self(Mutex::new(connection)))
    }

    /// Keeps a letter to be sent. One that is known already stays as it is. Says whether it is new.
    ///
    /// # Errors
    /// A [`StoreError`] of the file's.
    pub fn put(&self, letter: &Letter) -> Result<bool, StoreError> {
        let put = format!(
            "INSERT INTO advance_letter ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING"
        );
        let new = self.change(
            &put,
            params![
                letter.id,
                letter.signature_id,
                letter.revision,
                letter.body,
                letter.state.as_str(),
                letter.failures,
                millis(letter.written),
                millis(letter.due),
                letter.trouble,
            ],
        )?;
        Ok(new == 1)
    }

    /// Hands out letters that are due, the longest due first. None of them is handed out again before the lease is over, and
    /// none whose verification has an earlier one that still waits.
    ///
    /// # Errors
    /// A [`StoreError`] of the file's.
    pub fn claim(&self, limit: usize, lease: Duration, now: UnixMillis) -> Result<Vec<Letter>, StoreError> {
        let claim = format!(
            "UPDATE advance_letter SET due_at = ?3 WHERE id IN (
                 SELECT id FROM advance_letter AS one
                 WHERE state = 'waiting' AND (due_at <= ?1 OR due_at > ?4)
                 AND {FIRST} ORDER BY due_at LIMIT ?2
             ) RETURNING {COLUMNS}"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let bounds = [
            millis(now),
            limit,
            millis(now.saturating_add(lease)),
            millis(now.saturating_add(BEYOND)),
        ];
        self.find(&claim, bounds)
    }

    /// The receiver took this letter.
    ///
    /// # Errors
    /// A [`StoreError`] of the file's.
    pub fn delivered(&self, id: &str, now: UnixMillis) -> Result<(), StoreError> {
        let book = "UPDATE advance_letter SET state = 'delivered', trouble = NULL, due_at = ?2 WHERE id = ?1";
        self.change(book, params![id, millis(now)]).map(drop)
    }

    /// The receiver did not take this letter, for this reason. It is sent again at that time, or is dead.
    ///
    /// # Errors
    /// A [`StoreError`] of the file's.
    pub fn failed(
        &self,
        id: &str,
        why: &str,
        again: Option<UnixMillis>,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let state = if again.is_some() {
            LetterState::Waiting
        } else {
            LetterState::Dead
        };
        // What was taken meanwhile, by another process after the lease, stays so.
        let book = "UPDATE advance_letter SET failures = failures + 1, trouble = ?2, due_at = ?3, state = ?4 \
            WHERE id = ?1 AND state = 'waiting'";
        let due = millis(again.unwrap_or(now));
        self.change(book, params![id, why, due, state.as_str()]).map(drop)
    }

    /// How long until a letter can be handed out; nothing if none waits.
    ///
    /// # Errors
    /// A [`StoreError`] of the file's.
    pub fn next(&self, now: UnixMillis) -> Result<Option<Duration>, StoreError> {
        let first = format!(
            "SELECT due_at FROM advance_letter AS one WHERE state = 'waiting' AND {FIRST} ORDER BY due_at LIMIT 1"
        );
        let due: Option<i64> = self.with(|connection| {
            let mut statement = connection.prepare_cached(&first)?;
            statement.query_row([], |row| row.get(0)).optional()
        })?;
        Ok(due.map(|due| time(due).saturating_since(now)))
    }

    /// How many letters stand where.
    ///
    /// # Errors
    /// A [`StoreError`] of the file's.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        self.with(|connection| {
            let mut counts = Counts::default();
            let mut statement = connection.prepare_cached(COUNTS)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (state, count): (String, i64) = (row.get(0)?, row.get(1)?);
                let count = u64::try_from(count).unwrap_or(0);
                match state.parse() {
                    Ok(LetterState::Waiting) => {
                        counts.waiting = count;
                        counts.oldest = Some(time(row.get(2)?));
                    }
                    Ok(LetterState::Delivered) => counts.delivered = count,
                    _ => counts.dead = count,
                }
            }
            Ok(counts)
        })
    }

    /// Letters in this state, the oldest first, at most `limit`.
    ///
    /// # Errors
    /// A [`StoreError`] of the file's.
    pub fn list(&self, state: LetterState, limit: usize) -> Result<Vec<Letter>, StoreError> {
        let query =
            format!("SELECT {COLUMNS} FROM advance_letter WHERE state = ?1 ORDER BY written_at, id LIMIT ?2");
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.find(&query, params![state.as_str(), limit])
    }

    /// One letter.
    ///
    /// # Errors
    /// A [`StoreError`] of the file's.
    pub fn get(&self, id: &str) -> Result<Option<Letter>, StoreError> {
        let query = format!("SELECT {COLUMNS} FROM advance_letter WHERE id = ?1");
        Ok(self.find(&query, [id])?.pop())
    }

    /// Sends this letter again from the beginning of the schedule, whether it is dead or was delivered. Says whether there
    /// is one. A courier that leaves the receiver alone, after `Retry-After` or 410, ends that pause first, an hour at the
    /// most.
    ///
    /// # Errors
    /// A [`StoreError`] of the file's.
    pub fn resend(&self, id: &str, now: UnixMillis) -> Result<bool, StoreError> {
        let again = "UPDATE advance_letter SET state = 'waiting', failures = 0, due_at = ?2 WHERE id = ?1";
        Ok(self.change(again, params![id, millis(now)])? == 1)
    }

    /// Sends every dead letter again. Says how many there were.
    ///
    /// # Errors
    /// A [`StoreError`] of the file's.
    pub fn resend_dead(&self, now: UnixMillis) -> Result<u64, StoreError> {
        Ok(self.change(RESEND_DEAD, [millis(now)])? as u64)
    }

    /// Forgets every letter about a verification, whether it was delivered or not: for a person who is to be erased.
    ///
    /// # Errors
    /// A [`StoreError`] of the file's.
    pub fn forget(&self, signature_id: &str) -> Result<(), StoreError> {
        self.change(FORGET, [signature_id]).map(drop)
    }

    /// Forgets the letters about a verification that were delivered: for one that is only old. What waits is still to be
    /// sent, and what is dead may be sent again by hand.
    ///
    /// # Errors
    /// A [`StoreError`] of the file's.
    pub fn forget_delivered(&self, signature_id: &str) -> Result<(), StoreError> {
        self.change(FORGET_DELIVERED, [signature_id]).map(drop)
    }

    /// Forgets letters that were delivered before that time. Says how many there were.
    ///
    /// # Errors
    /// A [`StoreError`] of the file's.
    pub fn prune(&self, before: UnixMillis) -> Result<u64, StoreError> {
        Ok(self.change(PRUNE, [millis(before)])? as u64)
    }

    fn change(&self, statement: &str, params: impl Params) -> Result<usize, StoreError> {
        self.with(|connection| connection.prepare_cached(statement)?.execute(params))
    }

    fn find(&self, query: &str, params: impl Params) -> Result<Vec<Letter>, StoreError> {
        let found = self.with(|connection| {
            let mut statement = connection.prepare_cached(query)?;
            let rows = statement.query_map(params, read)?;
            rows.collect::<Result<Vec<_>, _>>()
        })?;
        found.into_iter().collect::<Option<_>>().ok_or_else(|| {
            StoreError::new(StoreErrorKind::Damaged).with_source("a letter is in a state that is not known")
        })
    }

    fn with<R>(
        &self,
        with: impl FnOnce(&Connection) -> advance_store_sqlite::rusqlite::Result<R>,
    ) -> Result<R, StoreError> {
        let connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        with(&connection).map_err(store_error)
    }
}

/// Nothing if its state is not known.
fn read(row: &Row<'_>) -> advance_store_sqlite::rusqlite::Result<Option<Letter>> {
    let state: String = row.get(4)?;
    let Ok(state) = state.parse() else { return Ok(None) };
    Ok(Some(Letter {
        id: row.get(0)?,
        signature_id: row.get(1)?,
        revision: row.get(2)?,
        body: row.get(3)?,
        state,
        failures: row.get(5)?,
        written: time(row.get(6)?),
        due: time(row.get(7)?),
        trouble: row.get(8)?,
    }))
}

/// SQLite's integers are signed.
fn millis(time: UnixMillis) -> i64 {
    i64::try_from(time.get()).unwrap_or(i64::MAX)
}

fn time(millis: i64) -> UnixMillis {
    UnixMillis::new(u64::try_from(millis).unwrap_or(0))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use advance_store_sqlite::rusqlite::params_from_iter;

    use super::*;

    #[test]
    fn no_statement_reads_every_letter() {
        let outbox = Outbox::with_connection(Connection::open_in_memory().unwrap()).unwrap();
        for statement in [COUNTS, RESEND_DEAD, FORGET, FORGET_DELIVERED, PRUNE] {
            let plan: Vec<String> = outbox
                .with(|connection| {
                    let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {statement}"))?;
                    let params = vec![None::<i64>; explain.parameter_count()];
                    let rows = explain.query_map(params_from_iter(params), |row| row.get(3))?;
                    rows.collect()
                })
                .unwrap();
            let plan = plan.join("; ");
            assert!(plan.contains(" INDEX "), "{statement}: {plan}");
            assert!(
                !plan.contains("SCAN") || plan.contains("COVERING"),
                "{statement}: {plan}"
            );
        }
    }

    #[test]
    fn a_file_from_before_the_versions_is_taken_and_one_of_a_later_version_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("outbox.db");
        let old = connect(&path).unwrap();
        old.execute_batch(MIGRATIONS[0]).unwrap();
        drop(Outbox::open(&path).unwrap());
        let version = "SELECT max(version) FROM advance_letter_schema";
        let version: i64 = old.query_row(version, [], |row| row.get(0)).unwrap();
        assert_eq!(usize::try_from(version).unwrap(), MIGRATIONS.len());
        old.execute_batch("INSERT INTO advance_letter_schema VALUES (99, '')")
            .unwrap();
        let refused = Outbox::open(&path).unwrap_err();
        assert_eq!(refused.kind(), StoreErrorKind::OtherVersion);
    }
}

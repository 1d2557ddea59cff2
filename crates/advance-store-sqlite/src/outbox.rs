//! Outcomes on their way to a receiver: rows of one table, and no rule but those of
//! [`Outbox`].

use std::time::Duration;

use advance_collector::StoreError;
use advance_collector::outbox::{BEYOND, Letter, LetterCounts, LetterState, NewLetter, Outbox};
use advance_core::{SignatureId, UnixMillis};
use rusqlite::{Connection, OptionalExtension as _, Params, Row, params};

use crate::SqliteStore;
use crate::columns::{Reader, millis, number};
use crate::error::{damaged, failed};
use crate::store::Durable;
use crate::verifications::id;

const COLUMNS: &str = "id, signature_id, revision, body, state, failures, written_at, due_at, trouble";

/// Whether no earlier letter about the same verification waits: each waits for its turn.
const FIRST: &str = "NOT EXISTS (
    SELECT 1 FROM advance_letter AS earlier
    WHERE earlier.signature_id = one.signature_id AND earlier.revision < one.revision AND earlier.state = 'waiting'
)";

const PUT: &str = "INSERT INTO advance_letter (id, signature_id, revision, body, state, written_at, due_at)
    SELECT ?1, ?2, ?3, ?4, 'waiting', ?5, ?5
    WHERE NOT EXISTS (SELECT 1 FROM advance_letter WHERE signature_id = ?2 AND revision > ?3)
    ON CONFLICT DO NOTHING";
const DELIVERED: &str =
    "UPDATE advance_letter SET state = 'delivered', trouble = NULL, due_at = ?2 WHERE id = ?1";
const FAILED: &str =
    "UPDATE advance_letter SET failures = failures + 1, trouble = ?2, due_at = ?3, state = ?4
    WHERE id = ?1 AND state = 'waiting' AND due_at = ?5";
const COUNTS: &str = "SELECT state, count(*), min(written_at) FROM advance_letter GROUP BY state";
const RESEND: &str = "UPDATE advance_letter SET state = 'waiting', failures = 0, due_at = ?2 WHERE id = ?1";
const RESEND_DEAD: &str =
    "UPDATE advance_letter SET state = 'waiting', failures = 0, due_at = ?1 WHERE state = 'dead'";
const FORGET: &str = "DELETE FROM advance_letter WHERE signature_id = ?1";
const FORGET_DELIVERED: &str = "DELETE FROM advance_letter WHERE signature_id = ?1 AND state = 'delivered'";
const PRUNE: &str = "DELETE FROM advance_letter WHERE state = 'delivered' AND due_at < ?1";

fn claim() -> String {
    format!(
        "UPDATE advance_letter SET due_at = ?3 WHERE id IN (
             SELECT id FROM advance_letter AS one
             WHERE state = 'waiting' AND (due_at <= ?1 OR due_at > ?4)
             AND {FIRST} ORDER BY due_at, id LIMIT ?2
         ) RETURNING {COLUMNS}"
    )
}

fn next() -> String {
    format!(
        "SELECT due_at FROM advance_letter AS one WHERE state = 'waiting' AND {FIRST} ORDER BY due_at LIMIT 1"
    )
}

impl Outbox for SqliteStore {
    fn is_open(&self) -> Result<bool, StoreError> {
        let query = "SELECT EXISTS (SELECT 1 FROM advance_notify)";
        self.read(|transaction, _| one(transaction, query, []).map(|open| open.unwrap_or(false)))
    }

    fn set_open(&self, open: bool) -> Result<(), StoreError> {
        self.write(Durable::Yes, |transaction, now| {
            change(transaction, "DELETE FROM advance_notify", [])?;
            if open {
                change(
                    transaction,
                    "INSERT INTO advance_notify (since) VALUES (?1)",
                    [millis(now)],
                )?;
            }
            Ok(())
        })
    }

    fn put(&self, letter: &NewLetter) -> Result<bool, StoreError> {
        self.write(Durable::Yes, |transaction, now| {
            let row = params![
                letter.id,
                letter.signature_id.as_str(),
                letter.revision,
                letter.body,
                millis(now)
            ];
            Ok(change(transaction, PUT, row)? == 1)
        })
    }

    fn claim(&self, limit: usize, lease: Duration) -> Result<Vec<Letter>, StoreError> {
        self.write(Durable::No, |transaction, now| {
            let bounds = [
                millis(now),
                rows(limit),
                millis(now.saturating_add(lease.min(BEYOND))),
                millis(now.saturating_add(BEYOND)),
            ];
            find(transaction, &claim(), bounds)
        })
    }

    fn delivered(&self, letter: &Letter) -> Result<(), StoreError> {
        self.write(Durable::Yes, |transaction, now| {
            change(transaction, DELIVERED, params![letter.id, millis(now)]).map(drop)
        })
    }

    fn failed(&self, letter: &Letter, why: &str, again_after: Option<Duration>) -> Result<bool, StoreError> {
        let state = again_after.map_or(LetterState::Dead, |_| LetterState::Waiting);
        self.write(Durable::Yes, |transaction, now| {
            let due = millis(now.saturating_add(again_after.unwrap_or_default().min(BEYOND)));
            let row = params![letter.id, why, due, state.as_str(), millis(letter.due)];
            Ok(change(transaction, FAILED, row)? == 1)
        })
    }

    fn next(&self) -> Result<Option<Duration>, StoreError> {
        self.read(|transaction, now| {
            let due: Option<i64> = one(transaction, &next(), [])?;
            Ok(due.map(|due| time(due).saturating_since(now)))
        })
    }

    fn counts(&self) -> Result<LetterCounts, StoreError> {
        self.read(|transaction, _| {
            let mut counts = LetterCounts::default();
            let mut statement = transaction.prepare_cached(COUNTS).map_err(failed)?;
            let mut rows = statement.query([]).map_err(failed)?;
            while let Some(row) = rows.next().map_err(failed)? {
                let state: String = row.get(0).map_err(failed)?;
                let (count, oldest): (i64, i64) = (row.get(1).map_err(failed)?, row.get(2).map_err(failed)?);
                let state = state.parse().map_err(|_| damaged("state"))?;
                counts.add(state, u64::try_from(count).unwrap_or(0), Some(time(oldest)));
            }
            Ok(counts)
        })
    }

    fn list(&self, state: LetterState, limit: usize) -> Result<Vec<Letter>, StoreError> {
        let query =
            format!("SELECT {COLUMNS} FROM advance_letter WHERE state = ?1 ORDER BY written_at, id LIMIT ?2");
        self.read(|transaction, _| find(transaction, &query, params![state.as_str(), rows(limit)]))
    }

    fn get(&self, id: &str) -> Result<Option<Letter>, StoreError> {
        let query = format!("SELECT {COLUMNS} FROM advance_letter WHERE id = ?1");
        self.read(|transaction, _| Ok(find(transaction, &query, [id])?.pop()))
    }

    fn resend(&self, id: &str) -> Result<bool, StoreError> {
        self.write(Durable::Yes, |transaction, now| {
            Ok(change(transaction, RESEND, params![id, millis(now)])? == 1)
        })
    }

    fn resend_dead(&self) -> Result<u64, StoreError> {
        self.write(Durable::Yes, |transaction, now| {
            Ok(change(transaction, RESEND_DEAD, [millis(now)])? as u64)
        })
    }

    fn forget(&self, signature_id: &SignatureId) -> Result<(), StoreError> {
        self.write(Durable::Yes, |transaction, _| {
            change(transaction, FORGET, [signature_id.as_str()]).map(drop)
        })
    }

    fn forget_delivered(&self, signature_id: &SignatureId) -> Result<(), StoreError> {
        self.write(Durable::Yes, |transaction, _| {
            change(transaction, FORGET_DELIVERED, [signature_id.as_str()]).map(drop)
        })
    }

    fn prune(&self, age: Duration) -> Result<u64, StoreError> {
        let age = number(u64::try_from(age.as_millis()).unwrap_or(u64::MAX));
        self.write(Durable::No, |transaction, now| {
            Ok(change(transaction, PRUNE, [millis(now).saturating_sub(age)])? as u64)
        })
    }
}

fn change(connection: &Connection, statement: &str, params: impl Params) -> Result<usize, StoreError> {
    let mut statement = connection.prepare_cached(statement).map_err(failed)?;
    statement.execute(params).map_err(failed)
}

fn one<T: rusqlite::types::FromSql>(
    connection: &Connection,
    query: &str,
    params: impl Params,
) -> Result<Option<T>, StoreError> {
    let mut statement = connection.prepare_cached(query).map_err(failed)?;
    let row = statement.query_row(params, |row| row.get(0));
    row.optional().map_err(failed)
}

fn find(connection: &Connection, query: &str, params: impl Params) -> Result<Vec<Letter>, StoreError> {
    let mut statement = connection.prepare_cached(query).map_err(failed)?;
    let mut rows = statement.query(params).map_err(failed)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        found.push(read(row)?);
    }
    Ok(found)
}

fn read(row: &Row<'_>) -> Result<Letter, StoreError> {
    let mut from = Reader::new(row);
    let new = NewLetter::new(from.text()?, id(from.text()?)?, from.small()?, from.text()?);
    let (state, failures) = (from.word("state")?, from.small()?);
    let mut letter = Letter::new(&new, from.time()?);
    (letter.state, letter.failures) = (state, failures);
    letter.due = from.time()?;
    letter.trouble = from.optional_text()?;
    Ok(letter)
}

fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn time(millis: i64) -> UnixMillis {
    UnixMillis::new(u64::try_from(millis).unwrap_or(0))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use rusqlite::params_from_iter;

    use super::*;

    #[test]
    fn no_statement_reads_every_letter() {
        let store = SqliteStore::with_connection(Connection::open_in_memory().unwrap()).unwrap();
        let (claim, next) = (claim(), next());
        let statements = [
            PUT,
            DELIVERED,
            FAILED,
            COUNTS,
            RESEND,
            RESEND_DEAD,
            FORGET,
            FORGET_DELIVERED,
            PRUNE,
            &claim,
            &next,
        ];
        for statement in statements {
            let plan: Vec<String> = store
                .read(|transaction, _| {
                    let mut explain = transaction
                        .prepare(&format!("EXPLAIN QUERY PLAN {statement}"))
                        .map_err(failed)?;
                    let params = vec![None::<i64>; explain.parameter_count()];
                    let rows = explain.query_map(params_from_iter(params), |row| row.get(3));
                    rows.map_err(failed)?.collect::<Result<_, _>>().map_err(failed)
                })
                .unwrap();
            let plan = plan.join("; ");
            assert!(
                plan.contains(" INDEX ") || plan.contains("PRIMARY KEY"),
                "{statement}: {plan}"
            );
            let in_order = plan.contains("COVERING") || plan.contains("USING INDEX advance_letter_due");
            assert!(!plan.contains("SCAN") || in_order, "{statement}: {plan}");
        }
    }
}

//! Outcomes on their way to a receiver: each letter is handed out to one worker at a time, past those that others hold.

use std::time::Duration;

use advance_collector::StoreError;
use advance_collector::outbox::{BEYOND, Letter, LetterCounts, LetterState, NewLetter, Outbox};
use advance_core::SignatureId;
use tokio_postgres::Row;

use crate::clock::{self, Due, SKIP, due};
use crate::columns::{Reader, limit, millis, number, text};
use crate::transaction::{Promise, Statement};
use crate::verifications::id;
use crate::{BlockingPostgresStore, PostgresStore};

const COLUMNS: &str = "id, signature_id, revision, body, state, failures, written_at, due_at, trouble";

/// It waits, and no earlier letter about the same verification does: each waits for its turn.
const FIRST: &str = "state = 'waiting' AND NOT EXISTS (\
     SELECT FROM advance_letter AS earlier \
     WHERE earlier.signature_id = one.signature_id AND earlier.revision < one.revision AND earlier.state = 'waiting'\
 )";

/// One after the other for those who put letters about the same verification: the second sees what the first put.
fn turn(signature_id: &SignatureId) -> Statement {
    Statement::new("SELECT pg_advisory_xact_lock(hashtextextended('advance_letter:' || $1, 0))")
        .text(signature_id.as_str())
}

/// Brings a row if it was put.
fn put(letter: &NewLetter) -> Statement {
    let put = "INSERT INTO advance_letter (id, signature_id, revision, body, state, written_at, due_at) \
         SELECT $1, $2, $3, $4, 'waiting', clock.now, clock.now FROM (SELECT advance_now() AS now) AS clock \
         WHERE NOT EXISTS (SELECT FROM advance_letter WHERE signature_id = $2 AND revision > $3) \
         ON CONFLICT DO NOTHING RETURNING true";
    Statement::new(put)
        .text(letter.id.as_str())
        .text(letter.signature_id.as_str())
        .number(letter.revision.into())
        .text(text(&letter.body))
}

/// Each of these is due again when the lease is over, if it is not taken before.
fn lease(letters: &[Letter]) -> Statement {
    let lease = "UPDATE advance_letter AS letter SET due_at = leased.until \
         FROM unnest($1::text[], $2::bigint[]) AS leased (id, until) WHERE letter.id = leased.id";
    Statement::new(lease)
        .texts(letters.iter().map(|letter| letter.id.clone()).collect())
        .numbers(letters.iter().map(|letter| millis(letter.due)).collect())
}

fn failed(letter: &Letter, why: &str, again_after: Option<Duration>) -> Statement {
    let state = again_after.map_or(LetterState::Dead, |_| LetterState::Waiting);
    let failed = "UPDATE advance_letter SET failures = failures + 1, trouble = $2, due_at = advance_now() + $3, state = $4 \
         WHERE id = $1 AND state = 'waiting' AND due_at = $5 RETURNING true";
    Statement::new(failed)
        .text(letter.id.as_str())
        .text(text(why))
        .number(whole_millis(again_after.unwrap_or_default().min(BEYOND)))
        .text(state.as_str())
        .number(millis(letter.due))
}

/// How many rows this change concerns.
fn counted(change: &str) -> Statement {
    Statement::new(format!(
        "WITH changed AS ({change} RETURNING true) SELECT count(*) FROM changed"
    ))
}

impl PostgresStore {
    async fn put_letter(&self, letter: &NewLetter) -> Result<bool, StoreError> {
        let mut transaction = self.begin(Promise::Durable).await?;
        let [_, new] = transaction.all([turn(&letter.signature_id), put(letter)]).await?;
        transaction.commit(Vec::new()).await?;
        Ok(!new.is_empty())
    }

    async fn claim_letters(&self, count: usize, length: Duration) -> Result<Vec<Letter>, StoreError> {
        let waiting = Due {
            table: "advance_letter AS one",
            columns: COLUMNS,
            condition: FIRST,
            at: "due_at",
            lock: SKIP,
            beyond: BEYOND,
        };
        let mut transaction = self.begin(Promise::Quick).await?;
        let [rows, now] = transaction.all([due(waiting, count), clock::ask()]).await?;
        let until = clock::heard(&now)?.saturating_add(length.min(BEYOND));
        let mut letters: Vec<Letter> = rows.iter().map(read).collect::<Result<_, _>>()?;
        for letter in &mut letters {
            letter.due = until;
        }
        let leases = if letters.is_empty() {
            Vec::new()
        } else {
            vec![lease(&letters)]
        };
        transaction.commit(leases).await?;
        Ok(letters)
    }

    /// A change that survives a crash once it has answered, and the rows that it brings.
    async fn change_letters(&self, change: Statement) -> Result<Vec<Row>, StoreError> {
        self.begin(Promise::Durable).await?.only(change).await
    }

    async fn changed_letters(&self, change: Statement) -> Result<u64, StoreError> {
        let rows = self.change_letters(change).await?;
        rows.first().map_or(Ok(0), |row| Reader::new(row).big())
    }

    async fn next_letter(&self) -> Result<Option<Duration>, StoreError> {
        let next = format!(
            "SELECT due_at, advance_now() FROM advance_letter AS one WHERE {FIRST} ORDER BY due_at LIMIT 1"
        );
        let rows = self.ask(Statement::new(next)).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let mut from = Reader::new(row);
        let (due, now) = (from.time()?, from.time()?);
        Ok(Some(due.saturating_since(now)))
    }

    async fn count_letters(&self) -> Result<LetterCounts, StoreError> {
        let counts = "SELECT state, count(*), min(written_at) FROM advance_letter GROUP BY state";
        let mut all = LetterCounts::default();
        for row in &self.ask(Statement::new(counts)).await? {
            let mut from = Reader::new(row);
            all.add(from.word("state")?, from.big()?, from.optional_time()?);
        }
        Ok(all)
    }

    async fn letters(&self, question: Statement) -> Result<Vec<Letter>, StoreError> {
        self.ask(question).await?.iter().map(read).collect()
    }
}

fn read(row: &Row) -> Result<Letter, StoreError> {
    let mut from = Reader::new(row);
    let new = NewLetter::new(from.text()?, id(from.text()?)?, from.small()?, from.text()?);
    let (state, failures) = (from.word("state")?, from.small()?);
    let mut letter = Letter::new(&new, from.time()?);
    (letter.state, letter.failures) = (state, failures);
    letter.due = from.time()?;
    letter.trouble = from.optional_text()?;
    Ok(letter)
}

fn whole_millis(duration: Duration) -> i64 {
    number(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

impl Outbox for BlockingPostgresStore {
    fn is_open(&self) -> Result<bool, StoreError> {
        let query = Statement::new("SELECT true FROM advance_notify");
        self.run(|store| async move { Ok(!store.ask(query).await?.is_empty()) })
    }

    fn set_open(&self, open: bool) -> Result<(), StoreError> {
        let change = Statement::new(if open {
            "INSERT INTO advance_notify SELECT true, advance_now() ON CONFLICT DO NOTHING"
        } else {
            "DELETE FROM advance_notify"
        });
        self.run(|store| async move { store.change_letters(change).await.map(drop) })
    }

    fn put(&self, letter: &NewLetter) -> Result<bool, StoreError> {
        let letter = letter.clone();
        self.run(|store| async move { store.put_letter(&letter).await })
    }

    fn claim(&self, count: usize, lease: Duration) -> Result<Vec<Letter>, StoreError> {
        self.run(move |store| async move { store.claim_letters(count, lease).await })
    }

    fn delivered(&self, letter: &Letter) -> Result<(), StoreError> {
        let delivered = "UPDATE advance_letter SET state = 'delivered', trouble = NULL, due_at = advance_now() WHERE id = $1";
        let delivered = Statement::new(delivered).text(letter.id.as_str());
        self.run(|store| async move { store.change_letters(delivered).await.map(drop) })
    }

    fn failed(&self, letter: &Letter, why: &str, again_after: Option<Duration>) -> Result<bool, StoreError> {
        let failed = failed(letter, why, again_after);
        self.run(|store| async move { Ok(!store.change_letters(failed).await?.is_empty()) })
    }

    fn next(&self) -> Result<Option<Duration>, StoreError> {
        self.run(|store| async move { store.next_letter().await })
    }

    fn counts(&self) -> Result<LetterCounts, StoreError> {
        self.run(|store| async move { store.count_letters().await })
    }

    fn list(&self, state: LetterState, count: usize) -> Result<Vec<Letter>, StoreError> {
        let query =
            format!("SELECT {COLUMNS} FROM advance_letter WHERE state = $1 ORDER BY written_at, id LIMIT $2");
        let list = Statement::new(query).text(state.as_str()).number(limit(count));
        self.run(|store| async move { store.letters(list).await })
    }

    fn get(&self, id: &str) -> Result<Option<Letter>, StoreError> {
        let query = format!("SELECT {COLUMNS} FROM advance_letter WHERE id = $1");
        let get = Statement::new(query).text(text(id));
        self.run(|store| async move { Ok(store.letters(get).await?.pop()) })
    }

    fn resend(&self, id: &str) -> Result<bool, StoreError> {
        let resend =
            "UPDATE advance_letter SET state = 'waiting', failures = 0, due_at = advance_now() WHERE id = $1";
        let resend = counted(resend).text(text(id));
        self.run(|store| async move { Ok(store.changed_letters(resend).await? == 1) })
    }

    fn resend_dead(&self) -> Result<u64, StoreError> {
        let resend = "UPDATE advance_letter SET state = 'waiting', failures = 0, due_at = advance_now() WHERE state = 'dead'";
        self.run(|store| async move { store.changed_letters(counted(resend)).await })
    }

    fn forget(&self, signature_id: &SignatureId) -> Result<(), StoreError> {
        let forget = "DELETE FROM advance_letter WHERE signature_id = $1";
        let forget = Statement::new(forget).text(signature_id.as_str());
        self.run(|store| async move { store.change_letters(forget).await.map(drop) })
    }

    fn forget_delivered(&self, signature_id: &SignatureId) -> Result<(), StoreError> {
        let forget = "DELETE FROM advance_letter WHERE signature_id = $1 AND state = 'delivered'";
        let forget = Statement::new(forget).text(signature_id.as_str());
        self.run(|store| async move { store.change_letters(forget).await.map(drop) })
    }

    fn prune(&self, age: Duration) -> Result<u64, StoreError> {
        let prune =
            "DELETE FROM advance_letter WHERE state = 'delivered' AND due_at < (SELECT advance_now()) - $1";
        let prune = counted(prune).number(whole_millis(age));
        self.run(|store| async move { store.changed_letters(prune).await })
    }
}

//! The shop's own tables, in the file that the collector's are in.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use advance_collector::{Event, Pending};
use advance_reqwest::{SignatureId, VerificationLink};
use advance_store_sqlite::SqliteStore;
use advance_store_sqlite::rusqlite::{self, Connection, OptionalExtension as _, Transaction, params};

use crate::problem::Problem;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS shop_order (
        id           TEXT NOT NULL PRIMARY KEY,
        signature_id TEXT NOT NULL UNIQUE,
        status       TEXT NOT NULL DEFAULT 'waiting'
    ) STRICT;
    -- One for each outcome. Another program sends them.
    CREATE TABLE IF NOT EXISTS shop_mail (
        id       INTEGER NOT NULL PRIMARY KEY,
        order_id TEXT    NOT NULL REFERENCES shop_order,
        text     TEXT    NOT NULL
    ) STRICT;";

/// Books an outcome for the shop. The collector calls it in the transaction that books the outcome for itself, so a crash
/// leaves both or neither.
pub fn tell(transaction: &Transaction<'_>, event: &Event) -> rusqlite::Result<()> {
    let signature_id = event.signature_id.as_str();
    let conclusion = &event.conclusion;
    let status = match conclusion.verdict {
        Some(verdict) => verdict.as_str(),
        None => conclusion.ending.as_str(),
    };
    transaction.execute(
        "UPDATE shop_order SET status = ?2 WHERE signature_id = ?1",
        [signature_id, status],
    )?;
    transaction.execute(
        "INSERT INTO shop_mail (order_id, text) SELECT id, ?2 FROM shop_order WHERE signature_id = ?1",
        [signature_id, &format!("your verification: {status}")],
    )?;
    Ok(())
}

pub struct Order {
    pub id: String,
    pub signature_id: SignatureId,
    pub status: String,
    pub mails: u32,
}

/// The shop's own connection to the file, beside the collector's.
pub struct Orders {
    connection: Arc<Mutex<Connection>>,
    store: Arc<SqliteStore>,
}

impl Orders {
    pub fn open(database: &Path, store: Arc<SqliteStore>) -> rusqlite::Result<Self> {
        let connection = Connection::open(database)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.execute_batch(TABLES)?;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
            store,
        })
    }

    /// Writes the order down, and for the collector that its result is to be fetched: both or neither.
    pub async fn add(&self, id: String, link: &VerificationLink) -> Result<(), Problem> {
        let pending = Pending::link(link);
        let store = Arc::clone(&self.store);
        self.with(move |connection| {
            let transaction = connection.transaction()?;
            transaction.execute(
                "INSERT INTO shop_order (id, signature_id) VALUES (?1, ?2)",
                params![id, pending.signature_id.as_str()],
            )?;
            store.add_within(&transaction, &[pending])?;
            Ok(transaction.commit()?)
        })
        .await
    }

    pub async fn get(&self, id: String) -> Result<Order, Problem> {
        self.with(move |connection| {
            let found = connection
                .query_row(
                    "SELECT signature_id, status, (SELECT count(*) FROM shop_mail WHERE order_id = shop_order.id)
                     FROM shop_order WHERE id = ?1",
                    [&id],
                    |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?)),
                )
                .optional()?;
            let (signature_id, status, mails) = found.ok_or(Problem::NotFound)?;
            let signature_id = SignatureId::new(signature_id).map_err(|_| Problem::Broken)?;
            Ok(Order { id, signature_id, status, mails })
        })
        .await
    }

    /// A database may wait for others, which must not hold up the tasks of this thread.
    async fn with<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<R, Problem> + Send + 'static,
    ) -> Result<R, Problem> {
        let connection = Arc::clone(&self.connection);
        let done = tokio::task::spawn_blocking(move || {
            work(&mut connection.lock().unwrap_or_else(PoisonError::into_inner))
        });
        done.await.unwrap_or(Err(Problem::Broken))
    }
}

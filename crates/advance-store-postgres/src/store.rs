//! The store: a database, its transactions, and its clock.

mod attempts;
mod claims;
mod keeping;
mod operations;
mod sweeping;
mod telling;

use std::fmt;
use std::sync::Arc;

use advance_collector::row::{Booked, PictureRow, Row};
use advance_collector::{Pending, StoreError};
use advance_core::UnixMillis;
use tokio::runtime::Handle;
use tokio_postgres::GenericClient;

use crate::error::failed;
use crate::news::News;
use crate::options::PostgresOptions;
use crate::pool::{Deadline, Pool};
use crate::transaction::{Promise, Statement, Transaction};
use crate::{clock, doubts, migrate, pictures, verifications};

/// A store in a Postgres database, for tasks on tokio. Any number of processes may use the database at the same time,
/// each with its own. Clones share their connections.
#[derive(Clone)]
pub struct PostgresStore {
    shared: Arc<Shared>,
    #[cfg(feature = "sabotage")]
    broken: Option<advance_collector::row::Protection>,
}

struct Shared {
    pool: Pool,
    news: News,
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").finish_non_exhaustive()
    }
}

impl PostgresStore {
    pub(crate) async fn open(options: &PostgresOptions) -> Result<Self, StoreError> {
        let [connector, listener] = options.connectors()?;
        let pool = Pool::new(Arc::new(connector), options.connections.get(), options.patience);
        let mut lent = pool.lend(pool.deadline()).await?;
        let deadline = lent.deadline;
        let ready = async {
            if options.migrates {
                migrate::migrate(&mut lent.client).await
            } else {
                migrate::check(&lent.client).await
            }
        };
        deadline.in_time(ready).await?;
        lent.give_back();
        let listener = options.listens.then_some(listener);
        Ok(Self {
            shared: Arc::new(Shared {
                pool,
                news: News::new(listener, Handle::current()),
            }),
            #[cfg(feature = "sabotage")]
            broken: None,
        })
    }

    /// Remembers these in a transaction of the application's own, in the same database: a verification is remembered if and
    /// only if what the application writes beside it is. Says how many are new.
    ///
    /// # Errors
    /// Of the database.
    pub async fn add_within(
        &self,
        transaction: &(impl GenericClient + Sync),
        pending: &[Pending],
    ) -> Result<u64, StoreError> {
        let asked = clock::ask();
        let now = transaction.query_typed(asked.as_text(), &[]).await;
        let now = clock::heard(&now.map_err(failed)?)?;
        let insert = verifications::insert(new_rows(pending, now));
        let new = transaction
            .query_typed(insert.as_text(), &insert.parameters())
            .await;
        Ok(new.map_err(failed)?.len() as u64)
    }

    /// Takes one protection away, to see whether anybody notices.
    #[cfg(feature = "sabotage")]
    #[must_use]
    pub const fn sabotaged(mut self, protection: Option<advance_collector::row::Protection>) -> Self {
        self.broken = protection;
        self
    }

    /// One statement that is a transaction by itself, and only reads: it is at the server's default isolation.
    pub(crate) async fn ask(&self, question: Statement) -> Result<Vec<tokio_postgres::Row>, StoreError> {
        let pool = &self.shared.pool;
        let lent = pool.lend(pool.deadline()).await?;
        let parameters = question.parameters();
        let asked = lent.client.query_typed(question.as_text(), &parameters);
        let rows = lent.in_time(async { asked.await.map_err(failed) }).await?;
        drop(parameters);
        lent.give_back();
        Ok(rows)
    }

    pub(crate) async fn begin(&self, promise: Promise) -> Result<Transaction<'_>, StoreError> {
        self.begin_by(self.shared.pool.deadline(), promise).await
    }

    /// A transaction of an operation that has begun before.
    async fn begin_by(&self, deadline: Deadline, promise: Promise) -> Result<Transaction<'_>, StoreError> {
        #[cfg(feature = "sabotage")]
        let promise = if self.is_without(advance_collector::row::Protection::Synchronous) {
            Promise::Quick
        } else {
            promise
        };
        Transaction::new(&self.shared.pool, promise, deadline).await
    }

    #[cfg(feature = "sabotage")]
    fn is_without(&self, protection: advance_collector::row::Protection) -> bool {
        self.broken == Some(protection)
    }

    #[cfg(feature = "sabotage")]
    fn as_broken(&self, row: Row) -> Row {
        row.sabotaged(self.broken)
    }

    #[cfg(not(feature = "sabotage"))]
    #[expect(clippy::unused_self, reason = "the other half looks at it")]
    const fn as_broken(&self, row: Row) -> Row {
        row
    }
}

fn new_rows(pending: &[Pending], now: UnixMillis) -> Vec<Row> {
    pending.iter().map(|pending| Row::new(pending, now)).collect()
}

fn ids(rows: &[Row]) -> Vec<String> {
    rows.iter()
        .map(|row| row.signature_id.as_str().to_owned())
        .collect()
}

/// What booking a settlement of this row changes.
fn book(row: &Row, booked: &Booked, now: UnixMillis) -> Vec<Statement> {
    let mut changes = vec![verifications::save(row)];
    for wanted in &booked.pictures {
        let picture = PictureRow::new(row.signature_id.clone(), wanted, now);
        changes.push(pictures::save(&picture));
    }
    changes.extend(booked.doubt.iter().map(doubts::insert));
    changes
}

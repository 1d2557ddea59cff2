//! The store: a file, its transactions and its clock.

mod due;
mod operations;
mod status;
mod tokens;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use advance_collector::row::{Booked, PictureRow, Row};
use advance_collector::{AttemptId, Event, Pending, Settled, StoreError};
use advance_core::{SignatureId, UnixMillis};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::failed;
use crate::{doubts, migrate, open, pictures, verifications};

type Hook = dyn Fn(&Transaction<'_>, &Event) -> rusqlite::Result<()> + Send + Sync;

/// A store in one SQLite file. Any number of processes may use the file at the same time, each with its own.
pub struct SqliteStore {
    connection: Mutex<Connection>,
    clock: Arc<dyn Fn() -> UnixMillis + Send + Sync>,
    hook: Option<Arc<Hook>>,
    #[cfg(feature = "sabotage")]
    broken: Option<advance_collector::row::Protection>,
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}

/// What must survive a power cut.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durable {
    /// This, once it has answered.
    Yes,
    /// A loss does no harm: no process that knows of it survives either, and it is done again.
    No,
}

impl SqliteStore {
    /// Opens this file. If it is not there it is made, readable for its owner alone; an older schema is brought to this
    /// version's.
    ///
    /// # Errors
    /// [`StoreErrorKind`](advance_collector::StoreErrorKind)`::Denied`, `Damaged` or `OtherVersion` above all.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::with_connection(open::open(path.as_ref())?)
    }

    /// Uses this connection, whose file may hold the application's own tables; those of the store begin with `advance_`. It
    /// is switched to a write-ahead log, secure deletion and foreign keys, and waits up to ten seconds for others.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn with_connection(mut connection: Connection) -> Result<Self, StoreError> {
        open::prepare(&connection)?;
        migrate::migrate(&mut connection)?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Self {
            connection: Mutex::new(connection),
            clock: Arc::new(|| SystemTime::now().into()),
            hook: None,
            #[cfg(feature = "sabotage")]
            broken: None,
        })
    }

    /// Takes another clock for this machine's, for tests. All who use one file must have the same.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> UnixMillis + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Tells outcomes in the very transaction that books them, to applications whose tables are in the same file: either
    /// both happen or neither does, and no outcome comes twice. Every process that works on the file must do the same. If
    /// the hook fails, nothing is booked; the attempt is settled again a moment later, and is a doubt in the end.
    #[must_use]
    pub fn tell_within(
        mut self,
        hook: impl Fn(&Transaction<'_>, &Event) -> rusqlite::Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.hook = Some(Arc::new(hook));
        self
    }

    /// Takes one protection away, to see whether anybody notices.
    #[cfg(feature = "sabotage")]
    #[must_use]
    pub const fn sabotaged(mut self, protection: Option<advance_collector::row::Protection>) -> Self {
        self.broken = protection;
        self
    }

    /// Remembers these in a transaction of the application's own, on any connection to the same file: a verification is
    /// remembered if and only if what the application writes beside it is.
    ///
    /// # Errors
    /// Of the database.
    pub fn add_within(&self, transaction: &Connection, pending: &[Pending]) -> Result<u64, StoreError> {
        let now = (self.clock)();
        let mut new = 0;
        for pending in pending {
            new += u64::from(verifications::insert(transaction, &Row::new(pending, now))?);
        }
        Ok(new)
    }

    pub(crate) fn write<R>(
        &self,
        durable: Durable,
        change: impl FnOnce(&Transaction<'_>, UnixMillis) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        self.write_within(durable, open::BUSY, change)
    }

    /// Waits no longer than this for the transactions of other processes.
    pub(crate) fn write_within<R>(
        &self,
        durable: Durable,
        patience: Duration,
        change: impl FnOnce(&Transaction<'_>, UnixMillis) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        connection
            .busy_timeout(patience.min(open::BUSY))
            .map_err(failed)?;
        let synchronous = self.synchronous(durable);
        connection
            .pragma_update(None, "synchronous", synchronous)
            .map_err(failed)?;
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failed)?;
        // The time at which the others have let go.
        let now = (self.clock)();
        let answer = change(&transaction, now)?;
        transaction.commit().map_err(failed)?;
        Ok(answer)
    }

    #[cfg_attr(
        not(feature = "sabotage"),
        expect(clippy::unused_self, reason = "a sabotage looks at it")
    )]
    fn synchronous(&self, durable: Durable) -> &'static str {
        #[cfg(feature = "sabotage")]
        if self.broken == Some(advance_collector::row::Protection::Synchronous) {
            return "off";
        }
        match durable {
            Durable::Yes => "full",
            Durable::No => "normal",
        }
    }

    pub(crate) fn read<R>(
        &self,
        question: impl FnOnce(&Transaction<'_>, UnixMillis) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction().map_err(failed)?;
        question(&transaction, (self.clock)())
    }

    fn row(
        &self,
        transaction: &Transaction<'_>,
        signature_id: &SignatureId,
    ) -> Result<Option<Row>, StoreError> {
        let row = verifications::get(transaction, signature_id.as_str())?;
        Ok(row.map(|row| self.as_broken(row)))
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

    /// The row whose attempt this is, if it is under way.
    #[cfg_attr(
        not(feature = "sabotage"),
        expect(clippy::unused_self, reason = "a sabotage looks at it")
    )]
    fn asking(&self, transaction: &Transaction<'_>, attempt: AttemptId) -> Result<Option<Row>, StoreError> {
        #[cfg(feature = "sabotage")]
        if self.broken.is_some() {
            let mut rows = verifications::find(transaction, "WHERE attempt = ?1", [attempt.to_string()])?;
            return Ok(rows.pop().map(|row| self.as_broken(row)));
        }
        let condition = "WHERE state = 'asking' AND attempt = ?1";
        Ok(verifications::find(transaction, condition, [attempt.to_string()])?.pop())
    }

    /// Writes a changed row, and tells its outcome if it has a new one.
    fn save(&self, transaction: &Transaction<'_>, row: &mut Row, now: UnixMillis) -> Result<(), StoreError> {
        if let Some(hook) = &self.hook
            && let Some(event) = row.tell(Duration::ZERO, now)
        {
            hook(transaction, &event).map_err(failed)?;
            row.told(event.revision);
        }
        verifications::save(transaction, row)
    }

    fn book(
        &self,
        transaction: &Transaction<'_>,
        row: &mut Row,
        booked: &Booked,
        now: UnixMillis,
    ) -> Result<Settled, StoreError> {
        self.save(transaction, row, now)?;
        for wanted in &booked.pictures {
            let picture = PictureRow::new(row.signature_id.clone(), wanted, now);
            pictures::save(transaction, &picture)?;
        }
        if let Some(doubt) = &booked.doubt {
            doubts::insert(transaction, doubt)?;
        }
        Ok(booked.settled)
    }
}

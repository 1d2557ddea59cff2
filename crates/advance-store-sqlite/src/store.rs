//! The store: transactions, the clock, and which rows.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use advance_collector::row::{Booked, CLAMP, PictureRow, Row, SweptPicture};
use advance_collector::{
    AttemptId, Claim, Event, Intended, Intent, Kind, Nudged, Pending, PictureState, Record, Rest, Settled,
    Settlement, State, Status, Store, StoreError, Wanted,
};
use advance_core::{Charges, SignatureId, UnixMillis};
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use crate::columns::millis;
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
enum Durable {
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

    fn write<R>(
        &self,
        durable: Durable,
        change: impl FnOnce(&Transaction<'_>, UnixMillis) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
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

    fn read<R>(
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

/// Those whose time has passed, and those that are due later than anything honest: the clock was set back.
const PASSED: [&str; 2] = ["due_at <= ?1", "due_at > ?1"];

/// Looks up the two kinds of rows whose time has passed.
fn passed<R>(
    state: &str,
    limit: usize,
    now: UnixMillis,
    find: impl Fn(&str, [i64; 2]) -> Result<Vec<R>, StoreError>,
) -> Result<Vec<R>, StoreError> {
    let mut found = Vec::new();
    for (condition, bound) in PASSED.into_iter().zip([now, now.saturating_add(CLAMP)]) {
        let condition = format!("WHERE state = '{state}' AND {condition} ORDER BY due_at LIMIT ?2");
        let left = i64::try_from(limit - found.len()).unwrap_or(i64::MAX);
        found.extend(find(&condition, [millis(bound), left])?);
    }
    Ok(found)
}

/// How many are swept at a time.
const SWEPT_AT_ONCE: usize = 1_000;

impl Store for SqliteStore {
    fn add(&self, pending: &[Pending]) -> Result<u64, StoreError> {
        self.write(Durable::Yes, |transaction, _| {
            self.add_within(transaction, pending)
        })
    }

    fn claim(&self, wanted: &Wanted) -> Result<Vec<Claim>, StoreError> {
        self.write(Durable::No, |transaction, now| {
            let (due_pictures, due) = match &wanted.only {
                Some(id) => (
                    pictures::of(transaction, id.as_str())?,
                    self.row(transaction, id)?.into_iter().collect(),
                ),
                None => (
                    passed("waiting", wanted.limit, now, |condition, bounds| {
                        pictures::find(transaction, condition, bounds)
                    })?,
                    passed("waiting", wanted.limit, now, |condition, bounds| {
                        verifications::find(transaction, condition, bounds)
                    })?,
                ),
            };
            let mut claims = Vec::new();
            for mut picture in due_pictures {
                if claims.len() < wanted.limit
                    && let Some(claim) = picture.claim(wanted.lease, now)
                {
                    pictures::save(transaction, &picture)?;
                    claims.push(claim);
                }
            }
            for mut row in due {
                if claims.len() < wanted.limit
                    && let Some(claim) = row.claim(wanted.lease, now)
                {
                    verifications::save(transaction, &row)?;
                    claims.push(claim);
                }
            }
            Ok(claims)
        })
    }

    fn give_back(&self, claim: &Claim, after: Duration) -> Result<(), StoreError> {
        self.write(Durable::No, |transaction, now| {
            if claim.kind() == Kind::Result {
                if let Some(mut row) = self.row(transaction, &claim.signature_id)?
                    && row.give_back(claim.fence, after, now)
                {
                    verifications::save(transaction, &row)?;
                }
            } else if let Some(mut picture) = picture(transaction, &claim.signature_id, claim.kind())?
                && picture.give_back(claim.fence, after, now)
            {
                pictures::save(transaction, &picture)?;
            }
            Ok(())
        })
    }

    fn intend(&self, intent: &Intent) -> Result<Intended, StoreError> {
        self.write(Durable::Yes, |transaction, now| {
            let mut intended = Intended::Fenced;
            if intent.kind == Kind::Result {
                if let Some(mut row) = self.row(transaction, &intent.signature_id)? {
                    intended = row.intend(intent, now);
                    if intended == Intended::Committed {
                        verifications::save(transaction, &row)?;
                    }
                }
            } else if let Some(mut picture) = picture(transaction, &intent.signature_id, intent.kind)? {
                intended = picture.intend(intent, now);
                if intended == Intended::Committed {
                    pictures::save(transaction, &picture)?;
                }
            }
            Ok(intended)
        })
    }

    fn settle(&self, attempt: AttemptId, settlement: &Settlement) -> Result<Settled, StoreError> {
        self.write(Durable::Yes, |transaction, now| {
            if let Some(mut row) = self.asking(transaction, attempt)? {
                let booked = row.settle(attempt, settlement, now);
                if booked.settled != Settled::Already {
                    return self.book(transaction, &mut row, &booked, now);
                }
            }
            let condition = "WHERE state = 'asking' AND attempt = ?1";
            if let Some(mut picture) = pictures::find(transaction, condition, [attempt.to_string()])?.pop()
                && let Some(mut row) = self.row(transaction, &picture.signature_id)?
            {
                let booked = picture.settle(&mut row, attempt, settlement, now);
                pictures::save(transaction, &picture)?;
                return self.book(transaction, &mut row, &booked, now);
            }
            let Some(id) = doubts::close(transaction, attempt)? else {
                return Ok(Settled::Already);
            };
            let Some(mut row) = self.row(transaction, &verifications::id(id)?)? else {
                return Ok(Settled::Already);
            };
            let booked = row.resolve(settlement, now);
            self.book(transaction, &mut row, &booked, now)
        })
    }

    fn sweep(&self, doubts_allowed: u32) -> Result<u64, StoreError> {
        // Most of the time there is nothing, and no lock is needed to see that.
        if !self.read(anything_to_sweep)? {
            return Ok(0);
        }
        self.write(Durable::Yes, |transaction, now| {
            let mut found = 0;
            let vanished = passed("asking", SWEPT_AT_ONCE, now, |condition, bounds| {
                verifications::find(transaction, condition, bounds)
            })?;
            for row in vanished {
                let mut row = self.as_broken(row);
                if let Some(doubt) = row.sweep(doubts_allowed, now) {
                    doubts::insert(transaction, &doubt)?;
                    self.save(transaction, &mut row, now)?;
                    found += 1;
                }
            }
            let vanished = passed("asking", SWEPT_AT_ONCE, now, |condition, bounds| {
                pictures::find(transaction, condition, bounds)
            })?;
            for mut picture in vanished {
                let Some(mut row) = self.row(transaction, &picture.signature_id)? else {
                    continue;
                };
                match picture.sweep(&mut row, now) {
                    SweptPicture::UnderWay => continue,
                    SweptPicture::DueAgain => {}
                    SweptPicture::Doubt(doubt) => {
                        doubts::insert(transaction, &doubt)?;
                        self.save(transaction, &mut row, now)?;
                    }
                }
                pictures::save(transaction, &picture)?;
                found += 1;
            }
            Ok(found)
        })
    }

    fn nudge(&self, signature_id: &SignatureId) -> Result<Nudged, StoreError> {
        self.write(Durable::Yes, |transaction, now| {
            let Some(mut row) = self.row(transaction, signature_id)? else {
                return Ok(Nudged::Unknown);
            };
            let nudged = row.nudge(now);
            verifications::save(transaction, &row)?;
            Ok(nudged)
        })
    }

    fn ask_again(&self, signature_id: &SignatureId) -> Result<bool, StoreError> {
        self.write(Durable::Yes, |transaction, now| {
            let Some(mut row) = self.row(transaction, signature_id)? else {
                return Ok(false);
            };
            let was_unsure = row.ask_again(now);
            verifications::save(transaction, &row)?;
            Ok(was_unsure)
        })
    }

    fn rest(&self) -> Result<Rest, StoreError> {
        self.read(|transaction, now| {
            let first = |query: &str| -> Result<Option<Duration>, StoreError> {
                let mut statement = transaction.prepare_cached(query).map_err(failed)?;
                let time = statement.query_row([], |row| row.get(0)).optional();
                let time: Option<i64> = time.map_err(failed)?;
                let time = time.map(|time| UnixMillis::new(u64::try_from(time).unwrap_or(0)));
                Ok(time.map(|time| time.saturating_since(now)))
            };
            let mut due = None;
            for table in ["advance_verification", "advance_picture"] {
                for state in ["waiting", "asking"] {
                    let next = first(&format!(
                        "SELECT due_at FROM {table} WHERE state = '{state}' ORDER BY due_at LIMIT 1"
                    ))?;
                    due = due.into_iter().chain(next).min();
                }
            }
            let untold = first(
                "SELECT tell_due_at FROM advance_verification WHERE ending IS NOT NULL AND told < revision \
                 ORDER BY tell_due_at LIMIT 1",
            )?;
            Ok(Rest::new(due, untold))
        })
    }

    fn untold(&self, limit: usize, again_after: Duration) -> Result<Vec<Event>, StoreError> {
        const UNTOLD: &str = "WHERE ending IS NOT NULL AND told < revision AND";
        // As with sweeping: no lock is needed to see that there is nothing.
        let any = |transaction: &Transaction<'_>, _| {
            let any = format!("SELECT 1 FROM advance_verification {UNTOLD} tell_due_at > 0 LIMIT 1");
            exists(transaction, &any, [])
        };
        if !self.read(any)? {
            return Ok(Vec::new());
        }
        self.write(Durable::No, |transaction, now| {
            let mut events = Vec::new();
            for (condition, bound) in PASSED.into_iter().zip([now, now.saturating_add(CLAMP)]) {
                let condition = format!("{UNTOLD} tell_{condition} ORDER BY tell_due_at LIMIT ?2");
                let left = i64::try_from(limit - events.len()).unwrap_or(i64::MAX);
                for mut row in verifications::find(transaction, &condition, [millis(bound), left])? {
                    if let Some(event) = row.tell(again_after, now) {
                        verifications::save(transaction, &row)?;
                        events.push(event);
                    }
                }
            }
            Ok(events)
        })
    }

    fn told(&self, event: &Event) -> Result<(), StoreError> {
        self.write(Durable::No, |transaction, _| {
            if let Some(mut row) = self.row(transaction, &event.signature_id)? {
                row.told(event.revision);
                verifications::save(transaction, &row)?;
            }
            Ok(())
        })
    }

    fn status(&self) -> Result<Status, StoreError> {
        self.read(|transaction, _| status(transaction))
    }

    fn get(&self, signature_id: &SignatureId) -> Result<Option<Record>, StoreError> {
        self.read(|transaction, _| {
            let row = self.row(transaction, signature_id)?;
            row.map(|row| record(transaction, &row)).transpose()
        })
    }

    fn list(&self, after: Option<&SignatureId>, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.read(|transaction, _| {
            let after = after.map_or("", SignatureId::as_str);
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let condition = "WHERE signature_id > ?1 ORDER BY signature_id LIMIT ?2";
            let rows = verifications::find(transaction, condition, params![after, limit])?;
            rows.iter().map(|row| record(transaction, row)).collect()
        })
    }

    fn erase(&self, signature_id: &SignatureId) -> Result<bool, StoreError> {
        self.write(Durable::Yes, |transaction, _| {
            let Some(row) = self.row(transaction, signature_id)? else {
                return Ok(false);
            };
            forget(transaction, &row)?;
            Ok(true)
        })
    }

    fn prune(&self, older_than: Duration, limit: usize) -> Result<Vec<SignatureId>, StoreError> {
        self.write(Durable::Yes, |transaction, now| {
            let before = now
                .get()
                .saturating_sub(u64::try_from(older_than.as_millis()).unwrap_or(u64::MAX));
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let condition = "WHERE ended_at <= ?1 AND ended_at IS NOT NULL AND told >= revision \
                ORDER BY ended_at LIMIT ?2";
            let before = millis(UnixMillis::new(before));
            let rows = verifications::find(transaction, condition, [before, limit])?;
            for row in &rows {
                forget(transaction, row)?;
            }
            Ok(rows.into_iter().map(|row| row.signature_id).collect())
        })
    }
}

fn picture(
    transaction: &Transaction<'_>,
    signature_id: &SignatureId,
    kind: Kind,
) -> Result<Option<PictureRow>, StoreError> {
    let pictures = pictures::of(transaction, signature_id.as_str())?;
    Ok(pictures.into_iter().find(|picture| picture.kind == kind))
}

fn record(transaction: &Transaction<'_>, row: &Row) -> Result<Record, StoreError> {
    let pictures = pictures::of(transaction, row.signature_id.as_str())?;
    Ok(row.record(pictures.iter().map(PictureRow::record).collect()))
}

fn forget(transaction: &Transaction<'_>, row: &Row) -> Result<(), StoreError> {
    let pictures = pictures::of(transaction, row.signature_id.as_str())?;
    let paying = |picture: &&PictureRow| picture.state == PictureState::Asking && picture.may_cost;
    verifications::forget(transaction, row, pictures.iter().filter(paying).count() as u64)
}

fn exists(
    transaction: &Transaction<'_>,
    query: &str,
    params: impl rusqlite::Params,
) -> Result<bool, StoreError> {
    let mut statement = transaction.prepare_cached(query).map_err(failed)?;
    statement.exists(params).map_err(failed)
}

fn anything_to_sweep(transaction: &Transaction<'_>, now: UnixMillis) -> Result<bool, StoreError> {
    for table in ["advance_verification", "advance_picture"] {
        for (condition, bound) in PASSED.into_iter().zip([now, now.saturating_add(CLAMP)]) {
            let query = format!("SELECT 1 FROM {table} WHERE state = 'asking' AND {condition} LIMIT 1");
            if exists(transaction, &query, [millis(bound)])? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn status(transaction: &Transaction<'_>) -> Result<Status, StoreError> {
    let mut status = Status::default();
    let count = |value: i64| u64::try_from(value).unwrap_or(0);
    let charges = |row: &rusqlite::Row<'_>, first: usize| -> rusqlite::Result<Charges> {
        Ok(Charges {
            free: count(row.get(first)?),
            pay: count(row.get(first + 1)?),
            unknown: count(row.get(first + 2)?),
        })
    };
    let query = "SELECT state, count(*), sum(charges_free), sum(charges_pay), sum(charges_unknown), \
        sum(ending IS NOT NULL AND told < revision) FROM advance_verification GROUP BY state";
    let mut statement = transaction.prepare_cached(query).map_err(failed)?;
    let mut rows = statement.query([]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let state: String = row.get(0).map_err(failed)?;
        let state = state
            .parse::<State>()
            .map_err(|_| crate::error::damaged("state"))?;
        let counter = match state {
            State::Done => &mut status.done,
            State::Unsure => &mut status.unsure,
            State::Failed => &mut status.failed,
            _ => &mut status.waiting,
        };
        *counter += count(row.get(1).map_err(failed)?);
        status.charges += charges(row, 2).map_err(failed)?;
        status.untold += count(row.get(5).map_err(failed)?);
    }
    let query = "SELECT charges_free, charges_pay, charges_unknown FROM advance_forgotten";
    status.charges += transaction
        .query_row(query, [], |row| charges(row, 0))
        .map_err(failed)?;
    let query = "SELECT (SELECT count(*) FROM advance_picture WHERE state = 'waiting') \
        + (SELECT count(*) FROM advance_picture WHERE state = 'asking')";
    let pictures: i64 = transaction
        .query_row(query, [], |row| row.get(0))
        .map_err(failed)?;
    status.pictures = count(pictures);
    Ok(status)
}

//! A store in memory: the model that others are compared with, and a store for tests of an application.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use advance_core::{Charges, SignatureId, UnixMillis};

use crate::row::{Booked, Doubt, PictureRow, Row, SweptPicture};
use crate::store::{Watch, Watchers};
use crate::{
    AttemptId, Claim, Event, Intended, Intent, Kind, Nudged, Pending, PictureState, Record, Rest, Settled,
    Settlement, State, Status, Store, StoreError, Wanted,
};

/// A store in memory. It survives nothing: for tests, and as the model of what a store does. Clones are the same store.
#[derive(Clone)]
pub struct MemoryStore {
    rows: Arc<Mutex<Rows>>,
    clock: Arc<dyn Fn() -> UnixMillis + Send + Sync>,
    watchers: Arc<Watchers>,
    #[cfg(feature = "sabotage")]
    broken: Option<crate::row::Protection>,
}

#[derive(Clone, Debug, Default)]
struct Rows {
    verifications: BTreeMap<SignatureId, Row>,
    pictures: BTreeMap<(SignatureId, Kind), PictureRow>,
    doubts: BTreeMap<AttemptId, Doubt>,
    forgotten: Charges,
}

impl MemoryStore {
    /// An empty store with the machine's clock.
    pub fn new() -> Self {
        Self::with_clock(|| SystemTime::now().into())
    }

    /// An empty store with this clock.
    pub fn with_clock(clock: impl Fn() -> UnixMillis + Send + Sync + 'static) -> Self {
        Self {
            rows: Arc::default(),
            clock: Arc::new(clock),
            watchers: Arc::default(),
            #[cfg(feature = "sabotage")]
            broken: None,
        }
    }

    /// Takes one protection away, to see whether anybody notices.
    #[cfg(feature = "sabotage")]
    #[must_use]
    pub fn sabotaged(mut self, protection: Option<crate::row::Protection>) -> Self {
        self.broken = protection;
        self
    }

    /// A store of its own with what this one holds now: what a power cut would leave.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self {
            rows: Arc::new(Mutex::new(self.lock().clone())),
            ..self.clone()
        }
    }

    /// From now on this store holds what that one holds.
    pub fn restore(&self, other: &Self) {
        let rows = other.lock().clone();
        *self.lock() = rows;
    }

    fn lock(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> UnixMillis {
        (self.clock)()
    }

    fn new_row(&self, pending: &Pending) -> Row {
        let row = Row::new(pending, self.now());
        #[cfg(feature = "sabotage")]
        let row = row.sabotaged(self.broken);
        row
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("verifications", &self.lock().verifications.len())
            .finish_non_exhaustive()
    }
}

impl Rows {
    fn book(&mut self, signature_id: &SignatureId, booked: Booked, now: UnixMillis) -> Settled {
        for wanted in &booked.pictures {
            let picture = PictureRow::new(signature_id.clone(), wanted, now);
            self.pictures.insert((signature_id.clone(), wanted.kind), picture);
        }
        if let Some(doubt) = booked.doubt {
            self.doubts.insert(doubt.attempt, doubt);
        }
        booked.settled
    }

    fn forget(&mut self, signature_id: &SignatureId) -> bool {
        let Some(row) = self.verifications.remove(signature_id) else {
            return false;
        };
        self.forgotten += row.charges_when_erased();
        let paying = |picture: &PictureRow| picture.state == PictureState::Asking && picture.may_cost;
        for kind in Kind::ALL {
            if self
                .pictures
                .remove(&(signature_id.clone(), kind))
                .is_some_and(|picture| paying(&picture))
            {
                self.forgotten.unknown += 1;
            }
        }
        self.doubts.retain(|_, doubt| doubt.signature_id != *signature_id);
        true
    }

    fn record(&self, row: &Row) -> Record {
        let first = (row.signature_id.clone(), Kind::Result);
        let pictures = self.pictures.range(first..);
        let own = pictures.take_while(|((id, _), _)| *id == row.signature_id);
        row.record(own.map(|(_, picture)| picture.record()).collect())
    }
}

impl Store for MemoryStore {
    fn add(&self, pending: &[Pending]) -> Result<u64, StoreError> {
        let mut rows = self.lock();
        let before = rows.verifications.len();
        for pending in pending {
            let row = || self.new_row(pending);
            rows.verifications
                .entry(pending.signature_id.clone())
                .or_insert_with(row);
        }
        Ok((rows.verifications.len() - before) as u64)
    }

    fn claim(&self, wanted: &Wanted) -> Result<Vec<Claim>, StoreError> {
        let (mut rows, now) = (self.lock(), self.now());
        let is_wanted = |id: &SignatureId| wanted.only.as_ref().is_none_or(|only| only == id);
        let rows = &mut *rows;
        let pictures = rows.pictures.values_mut();
        let mut claims: Vec<_> = pictures
            .filter(|picture| is_wanted(&picture.signature_id))
            .filter_map(|picture| picture.claim(wanted.lease, now))
            .take(wanted.limit)
            .collect();
        let mut due: Vec<_> = rows
            .verifications
            .values_mut()
            .filter(|row| is_wanted(&row.signature_id) && row.is_due(now))
            .collect();
        due.sort_by_key(|row| row.due);
        let left = wanted.limit - claims.len();
        claims.extend(
            due.into_iter()
                .filter_map(|row| row.claim(wanted.lease, now))
                .take(left),
        );
        Ok(claims)
    }

    fn give_back(&self, claim: &Claim, after: Duration) -> Result<(), StoreError> {
        let (mut rows, now) = (self.lock(), self.now());
        if claim.kind() == Kind::Result {
            if let Some(row) = rows.verifications.get_mut(&claim.signature_id) {
                row.give_back(claim.fence, after, now);
            }
        } else if let Some(picture) = rows.pictures.get_mut(&(claim.signature_id.clone(), claim.kind())) {
            picture.give_back(claim.fence, after, now);
        }
        Ok(())
    }

    fn intend(&self, intent: &Intent) -> Result<Intended, StoreError> {
        let (mut rows, now) = (self.lock(), self.now());
        let intended = if intent.kind == Kind::Result {
            let row = rows.verifications.get_mut(&intent.signature_id);
            row.map(|row| row.intend(intent, now))
        } else {
            let picture = rows.pictures.get_mut(&(intent.signature_id.clone(), intent.kind));
            picture.map(|picture| picture.intend(intent, now))
        };
        Ok(intended.unwrap_or(Intended::Fenced))
    }

    fn settle(&self, attempt: AttemptId, settlement: &Settlement) -> Result<Settled, StoreError> {
        let (mut rows, now) = (self.lock(), self.now());
        let rows = &mut *rows;
        let mine = |row: &&mut Row| row.attempt == Some(attempt);
        if let Some(row) = rows.verifications.values_mut().find(mine) {
            let booked = row.settle(attempt, settlement, now);
            if booked.settled != Settled::Already {
                let signature_id = row.signature_id.clone();
                return Ok(rows.book(&signature_id, booked, now));
            }
        }
        let mine = |picture: &&mut PictureRow| picture.attempt == Some(attempt);
        if let Some(picture) = rows.pictures.values_mut().find(mine)
            && let Some(row) = rows.verifications.get_mut(&picture.signature_id)
        {
            let booked = picture.settle(row, attempt, settlement, now);
            if booked.settled != Settled::Already {
                return Ok(booked.settled);
            }
        }
        let Some(doubt) = rows.doubts.get_mut(&attempt).filter(|doubt| !doubt.closed) else {
            return Ok(Settled::Already);
        };
        doubt.closed = true;
        let signature_id = doubt.signature_id.clone();
        let Some(row) = rows.verifications.get_mut(&signature_id) else {
            return Ok(Settled::Already);
        };
        let booked = row.resolve(settlement, now);
        Ok(rows.book(&signature_id, booked, now))
    }

    fn sweep(&self, doubts_allowed: u32) -> Result<u64, StoreError> {
        let (mut rows, now) = (self.lock(), self.now());
        let rows = &mut *rows;
        let mut found = 0;
        for row in rows.verifications.values_mut() {
            if let Some(doubt) = row.sweep(doubts_allowed, now) {
                rows.doubts.insert(doubt.attempt, doubt);
                found += 1;
            }
        }
        for picture in rows.pictures.values_mut() {
            let Some(row) = rows.verifications.get_mut(&picture.signature_id) else {
                continue;
            };
            match picture.sweep(row, now) {
                SweptPicture::UnderWay => continue,
                SweptPicture::DueAgain => {}
                SweptPicture::Doubt(doubt) => drop(rows.doubts.insert(doubt.attempt, doubt)),
            }
            found += 1;
        }
        Ok(found)
    }

    fn nudge(&self, signature_id: &SignatureId) -> Result<Nudged, StoreError> {
        let (mut rows, now) = (self.lock(), self.now());
        let row = rows.verifications.get_mut(signature_id);
        let nudged = row.map_or(Nudged::Unknown, |row| row.nudge(now));
        drop(rows);
        if nudged == Nudged::Due {
            self.watchers.call();
        }
        Ok(nudged)
    }

    fn ask_again(&self, signature_id: &SignatureId) -> Result<bool, StoreError> {
        let (mut rows, now) = (self.lock(), self.now());
        let row = rows.verifications.get_mut(signature_id);
        Ok(row.is_some_and(|row| row.ask_again(now)))
    }

    fn rest(&self) -> Result<Rest, StoreError> {
        let (rows, now) = (self.lock(), self.now());
        let left = |due: UnixMillis| due.saturating_since(now);
        let open = rows.verifications.values().filter(|row| !row.state.is_ended());
        let pictures = rows.pictures.values();
        let open_pictures =
            pictures.filter(|picture| matches!(picture.state, PictureState::Waiting | PictureState::Asking));
        let due = open
            .map(|row| row.due)
            .chain(open_pictures.map(|picture| picture.due))
            .min();
        let untold = rows.verifications.values().filter(|row| row.is_untold());
        let tell = untold.map(|row| row.tell_due).min();
        Ok(Rest::new(due.map(left), tell.map(left)))
    }

    fn untold(&self, limit: usize, again_after: Duration) -> Result<Vec<Event>, StoreError> {
        let (mut rows, now) = (self.lock(), self.now());
        let events = rows
            .verifications
            .values_mut()
            .filter_map(|row| row.tell(again_after, now));
        Ok(events.take(limit).collect())
    }

    fn told(&self, event: &Event) -> Result<(), StoreError> {
        if let Some(row) = self.lock().verifications.get_mut(&event.signature_id) {
            row.told(event.revision);
        }
        Ok(())
    }

    fn status(&self) -> Result<Status, StoreError> {
        let rows = self.lock();
        let mut status = Status {
            charges: rows.forgotten,
            ..Status::default()
        };
        for row in rows.verifications.values() {
            let count = match row.state {
                State::Waiting | State::Asking => &mut status.waiting,
                State::Done => &mut status.done,
                State::Unsure => &mut status.unsure,
                State::Failed => &mut status.failed,
            };
            *count += 1;
            status.untold += u64::from(row.is_untold());
            status.charges += row.charges;
        }
        let open =
            |picture: &&PictureRow| matches!(picture.state, PictureState::Waiting | PictureState::Asking);
        status.pictures = rows.pictures.values().filter(open).count() as u64;
        Ok(status)
    }

    fn get(&self, signature_id: &SignatureId) -> Result<Option<Record>, StoreError> {
        let rows = self.lock();
        Ok(rows.verifications.get(signature_id).map(|row| rows.record(row)))
    }

    fn list(&self, after: Option<&SignatureId>, limit: usize) -> Result<Vec<Record>, StoreError> {
        let rows = self.lock();
        let later = |row: &&Row| after.is_none_or(|after| row.signature_id > *after);
        let found = rows.verifications.values().filter(later).take(limit);
        Ok(found.map(|row| rows.record(row)).collect())
    }

    fn old(&self, age: Duration, limit: usize) -> Result<Vec<SignatureId>, StoreError> {
        let (rows, now) = (self.lock(), self.now());
        let old = |row: &&Row| {
            let ended = row.ended.is_some_and(|ended| now.saturating_since(ended) >= age);
            ended && row.state.is_ended() && !row.is_untold()
        };
        let found = rows.verifications.values().filter(old).take(limit);
        Ok(found.map(|row| row.signature_id.clone()).collect())
    }

    fn erase(&self, ids: &[SignatureId]) -> Result<u64, StoreError> {
        let mut rows = self.lock();
        Ok(ids.iter().filter(|id| rows.forget(id)).count() as u64)
    }

    fn watch(&self, watch: &Arc<Watch>) {
        self.watchers.add(watch);
    }
}

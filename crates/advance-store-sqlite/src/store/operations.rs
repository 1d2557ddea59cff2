//! What a store is asked, each in one transaction.

use std::time::Duration;

use advance_collector::row::{CLAMP, PictureRow, Row, SweptPicture};
use advance_collector::{
    AttemptId, Claim, Event, Intended, Intent, Kind, Nudged, Pending, PictureState, Record, Rest, Settled,
    Settlement, Status, Store, StoreError, Wanted,
};
use advance_core::{SignatureId, UnixMillis};
use rusqlite::{Transaction, params};

use super::due::{self, PASSED, exists, passed};
use super::{Durable, SqliteStore, status};
use crate::columns::millis;
use crate::{doubts, pictures, verifications};

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
        if !self.read(due::anything_to_sweep)? {
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
        self.read(due::rest)
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
        self.read(|transaction, _| status::status(transaction))
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

    fn old(&self, age: Duration, limit: usize) -> Result<Vec<SignatureId>, StoreError> {
        self.read(|transaction, now| {
            let age = u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
            let before = now.get().saturating_sub(age);
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let condition = "WHERE ended_at <= ?1 AND ended_at IS NOT NULL AND told >= revision \
                ORDER BY ended_at LIMIT ?2";
            let before = millis(UnixMillis::new(before));
            let rows = verifications::find(transaction, condition, [before, limit])?;
            Ok(rows.into_iter().map(|row| row.signature_id).collect())
        })
    }

    fn erase(&self, ids: &[SignatureId]) -> Result<u64, StoreError> {
        self.write(Durable::Yes, |transaction, _| {
            let mut erased = 0;
            for id in ids {
                if let Some(row) = self.row(transaction, id)? {
                    forget(transaction, &row)?;
                    erased += 1;
                }
            }
            Ok(erased)
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

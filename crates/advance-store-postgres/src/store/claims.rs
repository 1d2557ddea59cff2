//! Claims: handed out past the rows that others hold, so that no worker waits for another.

use std::time::Duration;

use advance_collector::row::{CLAMP, PictureRow, Row};
use advance_collector::{AttemptId, Claim, Kind, StoreError, Wanted};
use advance_core::{SignatureId, UnixMillis};

use super::{PostgresStore, attempts};
use crate::clock::{self, Due, SKIP, due};
use crate::transaction::{Promise, Statement, Transaction};
use crate::{pictures, verifications};

/// What may be claimed, and the time.
type Found = (Vec<PictureRow>, Vec<Row>, UnixMillis);

impl PostgresStore {
    pub(super) async fn hand_out(&self, wanted: &Wanted) -> Result<Vec<Claim>, StoreError> {
        let mut transaction = self.begin(Promise::Durable).await?;
        let (due_pictures, due, now) = match &wanted.only {
            Some(id) => of_one(&mut transaction, id).await?,
            None => self.of_all(&mut transaction, wanted.limit).await?,
        };
        let (mut claims, mut changes) = (Vec::new(), Vec::new());
        for mut picture in due_pictures {
            if claims.len() < wanted.limit
                && let Some(claim) = picture.claim(wanted.lease, now)
            {
                changes.push(pictures::save(&picture));
                claims.push(claim);
            }
        }
        for mut row in due {
            if claims.len() < wanted.limit
                && let Some(claim) = row.claim(wanted.lease, now)
            {
                changes.push(verifications::save(&row));
                claims.push(claim);
            }
        }
        transaction.commit(changes).await?;
        Ok(claims)
    }

    async fn of_all(&self, transaction: &mut Transaction<'_>, limit: usize) -> Result<Found, StoreError> {
        let waiting = Due {
            table: "advance_picture",
            columns: pictures::COLUMNS,
            condition: "state = 'waiting'",
            at: "due_at",
            lock: self.skip(),
            beyond: CLAMP,
        };
        let pictures = due(waiting, limit);
        let waiting = Due {
            table: "advance_verification",
            columns: verifications::COLUMNS,
            ..waiting
        };
        let [pictures, rows, now] = transaction
            .all([pictures, due(waiting, limit), clock::ask()])
            .await?;
        Ok((
            pictures::read_all(&pictures)?,
            verifications::read_all(&rows)?,
            clock::heard(&now)?,
        ))
    }

    #[cfg_attr(
        not(feature = "sabotage"),
        expect(clippy::unused_self, reason = "a sabotage looks at it")
    )]
    fn skip(&self) -> &'static str {
        #[cfg(feature = "sabotage")]
        if self.is_without(advance_collector::row::Protection::SkipLocked) {
            return "";
        }
        SKIP
    }

    pub(super) async fn take_back(&self, claim: &Claim, pause: Duration) -> Result<(), StoreError> {
        let mut transaction = self.begin(Promise::Quick).await?;
        let (pictures, rows, now) = of_one(&mut transaction, &claim.signature_id).await?;
        let mut changes = Vec::new();
        if claim.kind() == Kind::Result {
            for mut row in rows {
                if row.give_back(claim.fence, pause, now) {
                    changes.push(verifications::save(&row));
                }
            }
        } else {
            for mut picture in pictures
                .into_iter()
                .filter(|picture| picture.kind == claim.kind())
            {
                if picture.give_back(claim.fence, pause, now) {
                    changes.push(pictures::save(&picture));
                }
            }
        }
        transaction.commit(changes).await
    }
}

/// All that belongs to one verification. This waits for those who hold it, for they may let go of something that is due.
/// The verification is locked before its pictures, here as everywhere: two who want both never wait in a circle.
pub(super) async fn of_one(
    transaction: &mut Transaction<'_>,
    signature_id: &SignatureId,
) -> Result<Found, StoreError> {
    let [rows, pictures, now] = transaction.all(all_of(signature_id)).await?;
    found(&rows, &pictures, &now)
}

/// The same, once no other transaction of this attempt is under way.
pub(super) async fn of_one_for(
    transaction: &mut Transaction<'_>,
    signature_id: &SignatureId,
    attempt: AttemptId,
) -> Result<Found, StoreError> {
    let [row, pictures, now] = all_of(signature_id);
    let questions = [attempts::lock(attempt), row, pictures, now];
    let [_, rows, pictures, now] = transaction.all(questions).await?;
    found(&rows, &pictures, &now)
}

fn all_of(signature_id: &SignatureId) -> [Statement; 3] {
    let pictures = pictures::of(vec![signature_id.as_str().to_owned()], true);
    [verifications::lock(signature_id), pictures, clock::ask()]
}

fn found(
    rows: &[tokio_postgres::Row],
    pictures: &[tokio_postgres::Row],
    now: &[tokio_postgres::Row],
) -> Result<Found, StoreError> {
    Ok((
        pictures::read_all(pictures)?,
        verifications::read_all(rows)?,
        clock::heard(now)?,
    ))
}

//! Senders that vanished.

use advance_collector::StoreError;
use advance_collector::row::SweptPicture;
use advance_core::SignatureId;

use super::PostgresStore;
use super::claims::of_one;
use crate::clock::{self, Due, SKIP, due};
use crate::columns::Reader;
use crate::transaction::Promise;
use crate::{doubts, pictures, verifications};

/// How many are swept at a time; those of pictures one by one.
const SWEPT_AT_ONCE: usize = 200;

impl PostgresStore {
    pub(super) async fn find_vanished(&self, doubts_allowed: u32) -> Result<u64, StoreError> {
        let (mut found, pictures) = self.vanished(doubts_allowed).await?;
        for id in pictures {
            found += self.vanished_picture(&id).await?;
        }
        Ok(found)
    }

    /// How many verifications were found, and whose pictures may be.
    async fn vanished(&self, doubts_allowed: u32) -> Result<(u64, Vec<SignatureId>), StoreError> {
        let mut transaction = self.begin(Promise::Durable).await?;
        let asking = Due {
            table: "advance_verification",
            columns: verifications::COLUMNS,
            condition: "state = 'asking'",
            at: "due_at",
            lock: SKIP,
        };
        let of_pictures = Due {
            table: "advance_picture",
            columns: "signature_id",
            lock: "",
            ..asking
        };
        let rows = due(asking, SWEPT_AT_ONCE);
        let of_pictures = due(of_pictures, SWEPT_AT_ONCE);
        let [rows, of_pictures, now] = transaction.all([rows, of_pictures, clock::ask()]).await?;
        let now = clock::heard(&now)?;
        let (mut found, mut changes) = (0, Vec::new());
        for row in verifications::read_all(&rows)? {
            let mut row = self.as_broken(row);
            if let Some(doubt) = row.sweep(doubts_allowed, now) {
                changes.push(doubts::insert(&doubt));
                changes.push(verifications::save(&row));
                found += 1;
            }
        }
        let ids = of_pictures.iter().map(|row| Reader::new(row).text());
        let mut ids: Vec<_> = ids
            .map(|id| id.and_then(verifications::id))
            .collect::<Result<_, _>>()?;
        ids.sort();
        ids.dedup();
        transaction.commit(changes).await?;
        Ok((found, ids))
    }

    /// The pictures of one verification, whose row is locked before theirs.
    async fn vanished_picture(&self, id: &SignatureId) -> Result<u64, StoreError> {
        let mut transaction = self.begin(Promise::Durable).await?;
        let (pictures, rows, now) = of_one(&mut transaction, id).await?;
        let (mut found, mut changes) = (0, Vec::new());
        if let Some(row) = rows.into_iter().next() {
            let mut row = self.as_broken(row);
            for mut picture in pictures {
                match picture.sweep(&mut row, now) {
                    SweptPicture::UnderWay => continue,
                    SweptPicture::DueAgain => {}
                    SweptPicture::Doubt(doubt) => changes.push(doubts::insert(&doubt)),
                }
                changes.push(pictures::save(&picture));
                found += 1;
            }
            changes.push(verifications::save(&row));
        }
        transaction.commit(changes).await?;
        Ok(found)
    }
}

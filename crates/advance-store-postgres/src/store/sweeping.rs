//! Senders that vanished.

use advance_collector::StoreError;
use advance_collector::row::{CLAMP, PictureRow, SweptPicture};

use super::PostgresStore;
use crate::clock::{self, Due, SKIP, due};
use crate::columns::Reader;
use crate::pool::Deadline;
use crate::transaction::Promise;
use crate::{doubts, pictures, verifications};

/// How many are swept at a time, and of how many pictures.
const SWEPT_AT_ONCE: usize = 200;

impl PostgresStore {
    pub(super) async fn find_vanished(&self, doubts_allowed: u32) -> Result<u64, StoreError> {
        let deadline = self.shared.pool.deadline();
        let (mut found, of_pictures) = self.vanished(deadline, doubts_allowed).await?;
        if !of_pictures.is_empty() {
            found += self.vanished_pictures(deadline, of_pictures).await?;
        }
        Ok(found)
    }

    /// How many verifications were found, and whose pictures may be.
    async fn vanished(
        &self,
        deadline: Deadline,
        doubts_allowed: u32,
    ) -> Result<(u64, Vec<String>), StoreError> {
        let mut transaction = self.begin_by(deadline, Promise::Durable).await?;
        let asking = Due {
            table: "advance_verification",
            columns: verifications::COLUMNS,
            condition: "state = 'asking'",
            at: "due_at",
            lock: SKIP,
            beyond: CLAMP,
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
        let ids: Result<_, _> = of_pictures.iter().map(|row| Reader::new(row).text()).collect();
        transaction.commit(changes).await?;
        Ok((found, ids?))
    }

    /// The pictures of these verifications, whose rows are locked before theirs. What another worker holds is passed by.
    async fn vanished_pictures(&self, deadline: Deadline, of: Vec<String>) -> Result<u64, StoreError> {
        let mut transaction = self.begin_by(deadline, Promise::Durable).await?;
        let [rows, now] = transaction
            .all([verifications::lock_free(of), clock::ask()])
            .await?;
        let (rows, now) = (verifications::read_all(&rows)?, clock::heard(&now)?);
        let pictures = pictures::of(super::ids(&rows), true);
        let mut pictures = pictures::read_all(&transaction.one(pictures).await?)?;
        let (mut found, mut changes) = (0, Vec::new());
        for row in rows {
            let mut row = self.as_broken(row);
            let before = found;
            let mine = |picture: &&mut PictureRow| picture.signature_id == row.signature_id;
            for picture in pictures.iter_mut().filter(mine).collect::<Vec<_>>() {
                match picture.sweep(&mut row, now) {
                    SweptPicture::UnderWay => continue,
                    SweptPicture::DueAgain => {}
                    SweptPicture::Doubt(doubt) => changes.push(doubts::insert(&doubt)),
                }
                changes.push(pictures::save(picture));
                found += 1;
            }
            if found > before {
                changes.push(verifications::save(&row));
            }
        }
        transaction.commit(changes).await?;
        Ok(found)
    }
}

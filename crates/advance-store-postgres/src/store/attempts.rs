//! Intents, and how attempts ended.

use advance_collector::row::Row;
use advance_collector::{AttemptId, Intended, Intent, Kind, Settled, Settlement, StoreError};
use advance_core::{SignatureId, UnixMillis};

use super::claims::{of_one, of_one_for};
use super::{PostgresStore, book};
use crate::columns::Reader;
use crate::transaction::{Promise, Statement, Transaction};
use crate::{clock, doubts, pictures, verifications};

/// Waits until no other transaction of this attempt is under way: an intent whose commit hangs is either committed or
/// gone when its settlement looks for it. It is the first lock of a transaction, and ends with that.
pub(super) fn lock(attempt: AttemptId) -> Statement {
    Statement::new("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))").text(attempt.to_string())
}

impl PostgresStore {
    pub(super) async fn take_in(&self, intent: &Intent) -> Result<Intended, StoreError> {
        let mut transaction = self.begin(Promise::Durable).await?;
        let mut intended = Intended::Fenced;
        let mut changes = Vec::new();
        if intent.kind == Kind::Result {
            let row = verifications::lock(&intent.signature_id);
            let [_, row, now] = transaction.all([lock(intent.attempt), row, clock::ask()]).await?;
            if let Some(row) = verifications::read_one(&row)? {
                let mut row = self.as_broken(row);
                intended = row.intend(intent, clock::heard(&now)?);
                changes.push(verifications::save(&row));
            }
        } else {
            let (pictures, _, now) =
                of_one_for(&mut transaction, &intent.signature_id, intent.attempt).await?;
            for mut picture in pictures.into_iter().filter(|picture| picture.kind == intent.kind) {
                intended = picture.intend(intent, now);
                changes.push(pictures::save(&picture));
            }
        }
        if intended == Intended::Fenced {
            changes.clear();
        }
        transaction.commit(changes).await?;
        Ok(intended)
    }

    pub(super) async fn book_attempt(
        &self,
        attempt: AttemptId,
        settlement: &Settlement,
    ) -> Result<Settled, StoreError> {
        let mut transaction = self.begin(Promise::Durable).await?;
        let [_, row, now] = transaction
            .all([lock(attempt), self.asking(attempt), clock::ask()])
            .await?;
        let now = clock::heard(&now)?;
        if let Some(row) = verifications::read_one(&row)? {
            let mut row = self.as_broken(row);
            let booked = row.settle(attempt, settlement, now);
            if booked.settled != Settled::Already {
                transaction.commit(book(&row, &booked, now)).await?;
                return Ok(booked.settled);
            }
        }
        let (settled, changes) = match self.picture(&mut transaction, attempt, settlement).await? {
            Some(changes) => (Settled::Booked, changes),
            None => self.doubt(&mut transaction, attempt, settlement, now).await?,
        };
        transaction.commit(changes).await?;
        Ok(settled)
    }

    /// The row whose attempt this is, if it is under way.
    #[cfg_attr(
        not(feature = "sabotage"),
        expect(clippy::unused_self, reason = "a sabotage looks at it")
    )]
    fn asking(&self, attempt: AttemptId) -> Statement {
        let state = "state = 'asking' AND";
        #[cfg(feature = "sabotage")]
        let state = if self.broken.is_some() { "" } else { state };
        let columns = verifications::COLUMNS;
        let query =
            format!("SELECT {columns} FROM advance_verification WHERE {state} attempt = $1 FOR UPDATE");
        Statement::new(query).text(attempt.to_string())
    }

    /// If it is a picture's attempt that is under way: what booking it changes.
    async fn picture(
        &self,
        transaction: &mut Transaction<'_>,
        attempt: AttemptId,
        settlement: &Settlement,
    ) -> Result<Option<Vec<Statement>>, StoreError> {
        let whose = "SELECT signature_id FROM advance_picture WHERE state = 'asking' AND attempt = $1";
        let whose = Statement::new(whose).text(attempt.to_string());
        let Some(id) = id(&transaction.one(whose).await?)? else {
            return Ok(None);
        };
        let (pictures, rows, now) = of_one(transaction, &id).await?;
        // Its lease may have been found to be over in between.
        let mine = pictures
            .into_iter()
            .find(|picture| picture.attempt == Some(attempt));
        let (Some(mut picture), Some(row)) = (mine, rows.into_iter().next()) else {
            return Ok(None);
        };
        let mut row = self.as_broken(row);
        let booked = picture.settle(&mut row, attempt, settlement, now);
        if booked.settled == Settled::Already {
            return Ok(None);
        }
        let mut changes = book(&row, &booked, now);
        changes.push(pictures::save(&picture));
        Ok(Some(changes))
    }

    /// If it was given up as a doubt: closes that, and says what booking it changes.
    async fn doubt(
        &self,
        transaction: &mut Transaction<'_>,
        attempt: AttemptId,
        settlement: &Settlement,
        now: UnixMillis,
    ) -> Result<(Settled, Vec<Statement>), StoreError> {
        let nothing = (Settled::Already, Vec::new());
        let Some(id) = id(&transaction.one(doubts::whose(attempt)).await?)? else {
            return Ok(nothing);
        };
        let [row, closed] = transaction
            .all([verifications::lock(&id), doubts::close(attempt)])
            .await?;
        let row: Option<Row> = verifications::read_one(&row)?;
        let Some(row) = row.filter(|_| !closed.is_empty()) else {
            return Ok(nothing);
        };
        let mut row = self.as_broken(row);
        let booked = row.resolve(settlement, now);
        Ok((booked.settled, book(&row, &booked, now)))
    }
}

fn id(rows: &[tokio_postgres::Row]) -> Result<Option<SignatureId>, StoreError> {
    let text = rows.first().map(|row| Reader::new(row).text()).transpose()?;
    text.map(verifications::id).transpose()
}

//! What is kept, how it is looked at, and how it is forgotten.

use std::time::Duration;

use advance_collector::row::{PictureRow, Row};
use advance_collector::{PictureState, Record, Rest, State, Status, StoreError};
use advance_core::{Charges, SignatureId};

use super::{PostgresStore, ids};
use crate::columns::{Reader, limit, number};
use crate::transaction::{Promise, Statement};
use crate::{pictures, verifications};

impl PostgresStore {
    pub(super) async fn records(&self, rows: Statement) -> Result<Vec<Record>, StoreError> {
        let mut transaction = self.begin(Promise::Reads).await?;
        let rows = verifications::read_all(&transaction.one(rows).await?)?;
        let pictures = transaction.one(pictures::of(ids(&rows), false)).await?;
        let pictures = pictures::read_all(&pictures)?;
        transaction.commit(Vec::new()).await?;
        let of = |row: &Row| {
            let mine = pictures
                .iter()
                .filter(|picture| picture.signature_id == row.signature_id);
            row.record(mine.map(PictureRow::record).collect())
        };
        Ok(rows.iter().map(of).collect())
    }

    pub(super) async fn what_is_left(&self) -> Result<Rest, StoreError> {
        let first = |table: &str, at: &str, condition: &str| {
            format!("(SELECT {at} FROM {table} WHERE {condition} ORDER BY {at} LIMIT 1)")
        };
        let query = format!(
            "SELECT advance_now(), least({}, {}, {}, {}), {}",
            first("advance_verification", "due_at", "state = 'waiting'"),
            first("advance_verification", "due_at", "state = 'asking'"),
            first("advance_picture", "due_at", "state = 'waiting'"),
            first("advance_picture", "due_at", "state = 'asking'"),
            first(
                "advance_verification",
                "tell_due_at",
                "ending IS NOT NULL AND told < revision"
            ),
        );
        let rows = self.ask(Statement::new(query)).await?;
        let Some(row) = rows.first() else {
            return Ok(Rest::default());
        };
        let mut row = Reader::new(row);
        let now = row.time()?;
        let mut left = || -> Result<Option<Duration>, StoreError> {
            Ok(row.optional_time()?.map(|due| due.saturating_since(now)))
        };
        Ok(Rest::new(left()?, left()?))
    }

    pub(super) async fn counts(&self) -> Result<Status, StoreError> {
        let query = "SELECT state, count(*), sum(charges_free)::bigint, sum(charges_pay)::bigint, \
            sum(charges_unknown)::bigint, count(*) FILTER (WHERE ending IS NOT NULL AND told < revision) \
            FROM advance_verification GROUP BY state";
        let forgotten = "SELECT charges_free, charges_pay, charges_unknown FROM advance_forgotten";
        let pictures = "SELECT count(*) FROM advance_picture WHERE state IN ('waiting', 'asking')";
        let mut transaction = self.begin(Promise::Reads).await?;
        let [rows, forgotten, pictures] = transaction
            .all([query, forgotten, pictures].map(Statement::new))
            .await?;
        transaction.commit(Vec::new()).await?;
        let mut status = Status::default();
        for row in &rows {
            let mut row = Reader::new(row);
            let counter = match row.word("state")? {
                State::Done => &mut status.done,
                State::Unsure => &mut status.unsure,
                State::Failed => &mut status.failed,
                _ => &mut status.waiting,
            };
            *counter += row.big()?;
            status.charges += charges(&mut row)?;
            status.untold += row.big()?;
        }
        for row in &forgotten {
            status.charges += charges(&mut Reader::new(row))?;
        }
        for row in &pictures {
            status.pictures = Reader::new(row).big()?;
        }
        Ok(status)
    }

    pub(super) async fn ended_before(
        &self,
        age: Duration,
        count: usize,
    ) -> Result<Vec<SignatureId>, StoreError> {
        let query = "SELECT signature_id FROM advance_verification \
            WHERE ended_at IS NOT NULL AND ended_at <= (SELECT advance_now()) - $1 AND told >= revision \
            ORDER BY ended_at LIMIT $2";
        let age = number(u64::try_from(age.as_millis()).unwrap_or(u64::MAX));
        let rows = self
            .ask(Statement::new(query).number(age).number(limit(count)))
            .await?;
        let ids = rows
            .iter()
            .map(|row| Reader::new(row).text().and_then(verifications::id));
        ids.collect()
    }

    pub(super) async fn forget(&self, ids: &[SignatureId]) -> Result<u64, StoreError> {
        let mut transaction = self.begin(Promise::Durable).await?;
        let query = format!(
            "SELECT {} FROM advance_verification WHERE signature_id = ANY($1) ORDER BY signature_id FOR UPDATE",
            verifications::COLUMNS
        );
        let wanted: Vec<_> = ids.iter().map(|id| id.as_str().to_owned()).collect();
        let rows = Statement::new(query).texts(wanted.clone());
        let [rows, pictures] = transaction.all([rows, pictures::of(wanted, true)]).await?;
        let rows = verifications::read_all(&rows)?;
        let pictures = pictures::read_all(&pictures)?;
        let paying = |picture: &&PictureRow| picture.state == PictureState::Asking && picture.may_cost;
        let more_unknown = pictures.iter().filter(paying).count() as u64;
        let changes = if rows.is_empty() {
            Vec::new()
        } else {
            verifications::forget(&rows, more_unknown)
        };
        transaction.commit(changes).await?;
        Ok(rows.len() as u64)
    }
}

fn charges(row: &mut Reader<'_>) -> Result<Charges, StoreError> {
    Ok(Charges {
        free: row.big()?,
        pay: row.big()?,
        unknown: row.big()?,
    })
}

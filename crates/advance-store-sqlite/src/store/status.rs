//! How many stand where, and what they cost.

use advance_collector::{State, Status, StoreError};
use advance_core::Charges;
use rusqlite::Transaction;

use crate::error::{damaged, failed};

pub(super) fn status(transaction: &Transaction<'_>) -> Result<Status, StoreError> {
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
        let state = state.parse::<State>().map_err(|_| damaged("state"))?;
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

//! The pace that the processes of one machine share.

use std::time::Duration;

use advance_collector::StoreError;
use advance_collector::rate::{Rate, RateRow, RateStore, Slot};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::SqliteStore;
use crate::columns::number;
use crate::error::failed;
use crate::store::Durable;

impl RateStore for SqliteStore {
    fn take(&self, name: &str, rate: &Rate, at_most: Duration, within: Duration) -> Result<Slot, StoreError> {
        self.write_within(Durable::No, within, |transaction, now| {
            let mut row = get(transaction, name)?;
            let slot = row.take(rate, at_most, now);
            save(transaction, name, row)?;
            Ok(slot)
        })
    }

    fn hold(&self, name: &str, pause: Duration, within: Duration) -> Result<(), StoreError> {
        self.write_within(Durable::No, within, |transaction, now| {
            let mut row = get(transaction, name)?;
            row.hold(pause, now);
            save(transaction, name, row)
        })
    }

    // No lock keeps a reader waiting.
    fn held(&self, name: &str, _: Duration) -> Result<Duration, StoreError> {
        self.read(|transaction, now| Ok(get(transaction, name)?.held(now)))
    }
}

fn get(connection: &Connection, name: &str) -> Result<RateRow, StoreError> {
    let query = "SELECT next_at, held_until FROM advance_rate WHERE name = ?1";
    let mut statement = connection.prepare_cached(query).map_err(failed)?;
    let row = statement.query_row([name], |row| Ok((row.get(0)?, row.get(1)?)));
    let found: Option<(i64, i64)> = row.optional().map_err(failed)?;
    let count = |value: i64| u64::try_from(value).unwrap_or(0);
    Ok(found.map_or_else(RateRow::default, |(next, held)| {
        RateRow::new(count(next), count(held))
    }))
}

fn save(connection: &Connection, name: &str, row: RateRow) -> Result<(), StoreError> {
    let statement = "INSERT OR REPLACE INTO advance_rate (name, next_at, held_until) VALUES (?1, ?2, ?3)";
    let mut statement = connection.prepare_cached(statement).map_err(failed)?;
    statement
        .execute(params![name, number(row.next), number(row.held_until)])
        .map_err(failed)?;
    Ok(())
}

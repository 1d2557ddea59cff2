//! Which rows are due.

use std::time::Duration;

use advance_collector::row::CLAMP;
use advance_collector::{Rest, StoreError};
use advance_core::UnixMillis;
use rusqlite::{OptionalExtension as _, Transaction};

use crate::columns::millis;
use crate::error::failed;

/// Those whose time has passed, and those that are due later than anything honest: the clock was set back.
pub(super) const PASSED: [&str; 2] = ["due_at <= ?1", "due_at > ?1"];

/// Looks up the two kinds of rows whose time has passed.
pub(super) fn passed<R>(
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

/// Whether there is such a row.
pub(super) fn exists(
    transaction: &Transaction<'_>,
    query: &str,
    params: impl rusqlite::Params,
) -> Result<bool, StoreError> {
    let mut statement = transaction.prepare_cached(query).map_err(failed)?;
    statement.exists(params).map_err(failed)
}

/// Whether a sender may have vanished.
pub(super) fn anything_to_sweep(transaction: &Transaction<'_>, now: UnixMillis) -> Result<bool, StoreError> {
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

/// How long until something is due, and until something is to be told.
pub(super) fn rest(transaction: &Transaction<'_>, now: UnixMillis) -> Result<Rest, StoreError> {
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
}

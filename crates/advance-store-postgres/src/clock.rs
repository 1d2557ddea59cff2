//! The one clock, which is the database's, and what is due by it.

use std::time::Duration;

use advance_collector::StoreError;
use advance_core::UnixMillis;
use tokio_postgres::Row;

use crate::columns::{Reader, limit};
use crate::transaction::Statement;

/// The time, as a statement of its own.
pub(crate) fn ask() -> Statement {
    Statement::new("SELECT advance_now()")
}

/// What [`ask`] brought.
pub(crate) fn heard(rows: &[Row]) -> Result<UnixMillis, StoreError> {
    rows.first()
        .map_or(Ok(UnixMillis::new(0)), |row| Reader::new(row).time())
}

/// What is due, and how it is looked up.
#[derive(Clone, Copy)]
pub(crate) struct Due<'a> {
    pub(crate) table: &'a str,
    pub(crate) columns: &'a str,
    /// Besides the time.
    pub(crate) condition: &'a str,
    /// The column of the time.
    pub(crate) at: &'a str,
    /// `FOR UPDATE SKIP LOCKED`, or nothing.
    pub(crate) lock: &'a str,
    /// Later than any pause.
    pub(crate) beyond: Duration,
}

/// Passes by what others hold.
pub(crate) const SKIP: &str = "FOR UPDATE SKIP LOCKED";

/// Looks up rows whose time has passed, the longest due first, and those that are due later than anything honest: the
/// clock was set back. Each of the two is answered by the index in its order.
pub(crate) fn due(due: Due<'_>, count: usize) -> Statement {
    let Due {
        table,
        columns,
        condition,
        at,
        lock,
        beyond,
    } = due;
    let one = |bound: String| {
        format!(
            "SELECT * FROM (SELECT {columns} FROM {table} WHERE {condition} AND {at} {bound} ORDER BY {at} LIMIT $1 \
             {lock}) AS due"
        )
    };
    let passed = one("<= (SELECT now FROM clock)".to_owned());
    let set_back = one(format!("> (SELECT now FROM clock) + {}", beyond.as_millis()));
    // The time is asked once, and the same in all of it.
    let query = format!(
        "WITH clock AS MATERIALIZED (SELECT advance_now() AS now) {passed} UNION ALL {set_back} LIMIT $1"
    );
    Statement::new(query).number(limit(count))
}

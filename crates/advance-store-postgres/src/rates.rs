//! The pace that all workers share: the rule of `advance_collector::rate::RateRow` in one statement.

use std::time::Duration;

use advance_collector::StoreError;
use advance_collector::rate::{AsyncRateStore, LONGEST_HOLD, Rate, Slot};
use async_trait::async_trait;
use tokio::time::timeout;
use tokio_postgres::Row;

use crate::PostgresStore;
use crate::columns::{Reader, number};
use crate::error::too_slow;
use crate::transaction::{Promise, Statement};

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// A time further ahead than a hold and so much more was written before the clock was set back, and has passed.
fn honest(column: &str, ahead: &str) -> String {
    format!(
        "CASE WHEN rate.{column} - {ahead} > clock.now + {} THEN 0 ELSE rate.{column} END",
        LONGEST_HOLD.as_micros()
    )
}

/// A pace is not flushed at each commit, so that a crash loses turns that were given. For so long after its start nobody is
/// given one: those that were given come within that time, or are looked at again before they are used.
const AFTER_A_START: Duration = Duration::from_secs(5);

/// The time, and when a start is long enough ago.
fn clock() -> String {
    format!(
        "(SELECT advance_now() * 1000 AS now, \
         (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint + {} AS opens) AS clock",
        AFTER_A_START.as_micros()
    )
}

/// Until when everybody is held back.
fn held_until() -> String {
    let told = honest("held_until", "0");
    let longest = LONGEST_HOLD.as_micros();
    format!("greatest({told}, CASE WHEN clock.opens > clock.now + {longest} THEN 0 ELSE clock.opens END)")
}

/// The time is asked in the change itself, after those before it have let the row go.
fn take() -> String {
    let (next, held, clock) = (honest("next_at", "$3 - $2"), held_until(), clock());
    format!(
        "INSERT INTO advance_rate AS rate (name, next_at) SELECT $1, advance_now() * 1000 + $2 \
         ON CONFLICT (name) DO UPDATE SET (next_at, wait) = (\
             SELECT CASE WHEN turn.start - turn.now > $4 THEN rate.next_at ELSE greatest(turn.next, turn.start) + $2 END, \
                 turn.start - turn.now \
             FROM (\
                 SELECT even.now, even.next, greatest(even.next - $3, even.now, even.held) AS start \
                 FROM (\
                     SELECT clock.now, greatest({next}, clock.now) AS next, {held} AS held \
                     FROM {clock}\
                 ) AS even\
             ) AS turn\
         ) RETURNING wait"
    )
}

fn hold() -> String {
    let held = honest("held_until", "0");
    format!(
        "INSERT INTO advance_rate AS rate (name, held_until) SELECT $1, advance_now() * 1000 + $2 \
         ON CONFLICT (name) DO UPDATE SET held_until = (\
             SELECT greatest({held}, clock.now + $2) FROM (SELECT advance_now() * 1000 AS now) AS clock\
         ) RETURNING held_until"
    )
}

fn held() -> String {
    let (held, clock) = (held_until(), clock());
    format!("SELECT greatest({held} - clock.now, 0) FROM advance_rate AS rate, {clock} WHERE rate.name = $1")
}

#[async_trait]
impl AsyncRateStore for PostgresStore {
    async fn take(
        &self,
        name: &str,
        rate: &Rate,
        at_most: Duration,
        within: Duration,
    ) -> Result<Slot, StoreError> {
        let at_most = at_most.min(LONGEST_HOLD);
        let turn = Statement::new(take())
            .text(name)
            .number(number(rate.interval_micros()))
            .number(number(rate.tolerance_micros()))
            .number(micros(at_most));
        let wait = in_time(within, self.pace(turn)).await?;
        Ok(if wait > at_most {
            Slot::Later(wait)
        } else {
            Slot::In(wait)
        })
    }

    async fn hold(&self, name: &str, pause: Duration, within: Duration) -> Result<(), StoreError> {
        let pause = micros(pause.min(LONGEST_HOLD));
        let held = Statement::new(hold()).text(name).number(pause);
        in_time(within, self.pace(held)).await?;
        Ok(())
    }

    async fn held(&self, name: &str, within: Duration) -> Result<Duration, StoreError> {
        let held = self.ask(Statement::new(held()).text(name));
        duration(&in_time(within, held).await?)
    }
}

impl PostgresStore {
    /// What a crash loses of a pace is made good by [`AFTER_A_START`], and no worker waits for a disk while the row is locked.
    async fn pace(&self, change: Statement) -> Result<Duration, StoreError> {
        let transaction = self.begin(Promise::Quick).await?;
        duration(&transaction.only(change).await?)
    }
}

/// An answer in microseconds; zero if there is no row.
fn duration(rows: &[Row]) -> Result<Duration, StoreError> {
    let micros = rows.first().map(|row| Reader::new(row).big()).transpose()?;
    Ok(Duration::from_micros(micros.unwrap_or(0)))
}

/// Within the time that the request has for it.
async fn in_time<R>(
    within: Duration,
    work: impl Future<Output = Result<R, StoreError>>,
) -> Result<R, StoreError> {
    timeout(within, work).await.unwrap_or_else(|_| Err(too_slow()))
}

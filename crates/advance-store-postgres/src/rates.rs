//! The pace that all workers share: the rule of `advance_collector::rate::RateRow` in one statement.

use std::time::Duration;

use advance_collector::StoreError;
use advance_collector::rate::{AsyncRateStore, LONGEST_HOLD, Rate, Slot};
use advance_collector::row::CLAMP;
use async_trait::async_trait;

use crate::PostgresStore;
use crate::columns::{Reader, number};
use crate::transaction::Statement;

/// In the transaction of one statement: a crash that loses the last moments of a pace does no harm, and nobody waits for a
/// disk while the row is locked.
const QUICK: &str = "(SELECT set_config('synchronous_commit', 'off', true)) AS quick";

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// A time that is later than anything honest was written before the clock was set back, and has passed.
fn honest(column: &str) -> String {
    format!(
        "CASE WHEN rate.{column} > clock.now + {} THEN 0 ELSE rate.{column} END",
        CLAMP.as_micros()
    )
}

/// The time is asked in the change itself, after those before it have let the row go.
fn take() -> String {
    let (next, held) = (honest("next_at"), honest("held_until"));
    format!(
        "INSERT INTO advance_rate AS rate (name, next_at) SELECT $1, advance_now() * 1000 + $2 FROM {QUICK} \
         ON CONFLICT (name) DO UPDATE SET (next_at, wait) = (\
             SELECT CASE WHEN turn.start - turn.now > $4 THEN rate.next_at ELSE greatest(turn.next, turn.start) + $2 END, \
                 turn.start - turn.now \
             FROM (\
                 SELECT even.now, even.next, greatest(even.next - $3, even.now, even.held) AS start \
                 FROM (\
                     SELECT clock.now, greatest({next}, clock.now) AS next, {held} AS held \
                     FROM (SELECT advance_now() * 1000 AS now) AS clock\
                 ) AS even\
             ) AS turn\
         ) RETURNING wait"
    )
}

fn hold() -> String {
    let held = honest("held_until");
    format!(
        "INSERT INTO advance_rate AS rate (name, held_until) SELECT $1, advance_now() * 1000 + $2 FROM {QUICK} \
         ON CONFLICT (name) DO UPDATE SET held_until = (\
             SELECT greatest({held}, clock.now + $2) FROM (SELECT advance_now() * 1000 AS now) AS clock\
         ) RETURNING held_until"
    )
}

fn held() -> String {
    let held = honest("held_until");
    format!(
        "SELECT greatest({held} - clock.now, 0) FROM advance_rate AS rate, \
         (SELECT advance_now() * 1000 AS now) AS clock WHERE rate.name = $1"
    )
}

#[async_trait]
impl AsyncRateStore for PostgresStore {
    async fn take(&self, name: &str, rate: &Rate, at_most: Duration) -> Result<Slot, StoreError> {
        let question = Statement::new(take())
            .text(name)
            .number(number(rate.interval_micros()))
            .number(number(rate.tolerance_micros()))
            .number(micros(at_most));
        let wait = self.duration(question).await?;
        Ok(if wait > at_most {
            Slot::Later(wait)
        } else {
            Slot::In(wait)
        })
    }

    async fn hold(&self, name: &str, pause: Duration) -> Result<(), StoreError> {
        let pause = micros(pause.min(LONGEST_HOLD));
        self.duration(Statement::new(hold()).text(name).number(pause))
            .await?;
        Ok(())
    }

    async fn held(&self, name: &str) -> Result<Duration, StoreError> {
        self.duration(Statement::new(held()).text(name)).await
    }
}

impl PostgresStore {
    /// The answer in microseconds; zero if there is no row.
    async fn duration(&self, question: Statement) -> Result<Duration, StoreError> {
        let rows = self.ask(question).await?;
        let micros = rows.first().map(|row| Reader::new(row).big()).transpose()?;
        Ok(Duration::from_micros(micros.unwrap_or(0)))
    }
}

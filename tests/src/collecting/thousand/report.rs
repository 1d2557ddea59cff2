//! What came of it, and what must hold.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use advance_collector::row::Row;
use advance_collector::{Conclusion, Ending};

use super::Crowd;
use crate::collecting::check::{Violation, broken};

/// The outcomes of each verification that the application was told, by their revisions.
pub(super) type Told = BTreeMap<usize, BTreeMap<u32, Conclusion>>;

/// How long it took after all had crashed.
#[derive(Clone, Copy, Debug, Default)]
pub struct CatchUp {
    /// Until all that was under way was claimed again, or counted as a doubt.
    pub decided: Option<Duration>,
    /// Until nothing was due for longer than three seconds.
    pub prompt: Option<Duration>,
    /// The longest that a verification had been due.
    pub overdue: Duration,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Findings {
    /// How long it was, in its own time.
    pub took: Duration,
    /// How many verifications have a result.
    pub finished: u64,
    /// How many ended as unsure.
    pub unsure: u64,
    /// How many ended otherwise.
    pub otherwise: u64,
    /// How many requests the vendor had.
    pub requests: u64,
    /// What it charged.
    pub pay: u64,
    /// How many workers crashed.
    pub crashes: u64,
    /// After each crash of all.
    pub caught_up: Vec<CatchUp>,
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            finished,
            unsure,
            otherwise,
            requests,
            pay,
            crashes,
            ..
        } = self;
        let took = self.took.as_secs();
        write!(
            f,
            "{finished} finished, {unsure} unsure, {otherwise} otherwise; {requests} requests, {pay} charged; {crashes} crashes; \
             {took} s of its own time"
        )?;
        for after in &self.caught_up {
            let seconds = |time: Option<Duration>| time.unwrap_or_default().as_secs();
            write!(
                f,
                "\nafter a crash of all: {} s until all that was under way was decided, {} s until all was prompt, at most {} s overdue",
                seconds(after.decided),
                seconds(after.prompt),
                after.overdue.as_secs()
            )?;
        }
        Ok(())
    }
}

impl Crowd {
    pub(super) fn findings(&self) -> Result<Findings, Violation> {
        if self.door.above > 0 {
            return broken("above-the-rate", (self.door.above, self.door.requests));
        }
        if self.door.ignored > 0 {
            return broken("hold-ignored", self.door.ignored);
        }
        let mut findings = Findings {
            took: Duration::from_micros(self.at),
            finished: 0,
            unsure: 0,
            otherwise: 0,
            requests: self.door.requests,
            pay: self.shop.pay(),
            crashes: self.crashes,
            caught_up: self.caught_up.clone(),
        };
        for (number, row) in self.table.rows().iter().enumerate() {
            let conclusion = self.money_and_outcome(number, row)?;
            let count = match conclusion.ending {
                Ending::Finished => &mut findings.finished,
                Ending::Unsure => &mut findings.unsure,
                _ => &mut findings.otherwise,
            };
            *count += 1;
        }
        Ok(findings)
    }

    /// Charged once, counted, with one outcome that was told.
    fn money_and_outcome<'a>(&self, number: usize, row: &'a Row) -> Result<&'a Conclusion, Violation> {
        let charged = self.shop.charged(row.signature_id.as_str());
        if charged.results > 1 {
            return broken("charged-twice", (charged, row));
        }
        if charged.pay > row.charges.pay + row.charges.unknown {
            return broken("uncounted-charge", (charged, row));
        }
        if row.charges.pay > charged.pay {
            return broken("counted-twice", (charged, row));
        }
        let Some(conclusion) = row.conclusion.as_ref().filter(|_| row.state.is_ended()) else {
            return broken("no-outcome", row);
        };
        let told = self.told.get(&number).cloned().unwrap_or_default();
        if told.get(&row.revision) != Some(conclusion) {
            return broken("outcome-untold", (row, told));
        }
        if told.values().filter(|told| told.ending != Ending::Unsure).count() > 1 {
            return broken("two-outcomes", (row, told));
        }
        Ok(conclusion)
    }
}

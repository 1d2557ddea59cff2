//! What was sent and what each reply cost, as the client's events tell it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use advance_core::session::{Event, WaitReason};
use advance_core::{Charge, Charges, Code, Observer, TransactionId};
use serde::Serialize;

use super::slow::{self, Under};
use crate::out::Out;
use crate::text::Rows;
use crate::view::charges;

/// One request and its reply.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Attempt {
    endpoint: &'static str,
    status: Option<u16>,
    code: Option<Code>,
    transaction_id: Option<TransactionId>,
    charge: Charge,
}

/// All requests of a command, in the order of their replies.
#[derive(Clone)]
pub(crate) struct Attempts {
    log: Arc<Mutex<Log>>,
    out: Out,
    /// Whether single replies are kept, and not only counted.
    kept: bool,
    watch: Arc<OnceLock<Watch>>,
}

type Watch = Box<dyn Fn(&Event) + Send + Sync>;

#[derive(Default)]
struct Log {
    all: Vec<Attempt>,
    sent: u64,
    charges: Charges,
    under_way: BTreeMap<(u64, u32), Under>,
}

impl Attempts {
    pub(crate) fn new(out: &Out, kept: bool) -> Self {
        let this = Self {
            log: Arc::default(),
            out: out.clone(),
            kept,
            watch: Arc::default(),
        };
        if out.is_watched() && !out.is_verbose() {
            let log = Arc::downgrade(&this.log);
            slow::watch(out.clone(), move || {
                let log = log.upgrade()?;
                let log = log.lock().unwrap_or_else(PoisonError::into_inner);
                Some(log.under_way.values().min_by_key(|under| under.since).cloned())
            });
        }
        this
    }

    /// Lets this see every event from now on. Only the first one counts.
    pub(crate) fn watched_by(&self, watch: impl Fn(&Event) + Send + Sync + 'static) {
        // It is watched once.
        let _ = self.watch.set(Box::new(watch));
    }

    pub(crate) fn all(&self) -> Vec<Attempt> {
        self.lock().all.clone()
    }

    /// How many requests were sent, and what they cost; what is under way may cost as well.
    pub(crate) fn totals(&self) -> (u64, Charges) {
        let log = self.lock();
        let mut charges = log.charges;
        let open = log.under_way.len() as u64;
        charges.unknown = charges.unknown.saturating_add(open);
        (log.sent + open, charges)
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Attempts {
    fn event(&self, event: &Event) {
        if let Some(watch) = self.watch.get() {
            watch(event);
        }
        match event {
            Event::AttemptBegun { call, path, number, .. } => {
                let under = Under {
                    endpoint: endpoint(path),
                    since: Instant::now(),
                };
                self.lock().under_way.insert((call.get(), *number), under);
            }
            Event::AttemptEnded {
                call,
                number,
                path,
                status,
                code,
                transaction_id,
                charge,
                ..
            } => {
                let mut log = self.lock();
                log.under_way.remove(&(call.get(), *number));
                log.sent += 1;
                log.charges.record(*charge);
                if self.kept {
                    log.all.push(Attempt {
                        endpoint: endpoint(path),
                        status: *status,
                        code: code.clone(),
                        transaction_id: transaction_id.clone(),
                        charge: *charge,
                    });
                }
            }
            Event::CallAbandoned { call, .. } => {
                let mut log = self.lock();
                let call = call.get();
                let before = log.under_way.len();
                log.under_way.retain(|(of, _), _| *of != call);
                let lost = (before - log.under_way.len()) as u64;
                log.sent += lost;
                log.charges.unknown += lost;
            }
            Event::Waiting { why: WaitReason::Retry, at_most, .. } if at_most.as_secs() >= 2 => {
                self.out.progress(&format!("that did not work; trying again in {} s", at_most.as_secs()));
            }
            Event::ClockRepaired { .. } => self
                .out
                .progress("this machine's clock is wrong; requests are signed with the server's time (set the clock, or see `advance doctor`)"),
            _ => {}
        }
    }
}

fn endpoint(path: &'static str) -> &'static str {
    path.rsplit('/').next().unwrap_or(path)
}

/// One row for each reply.
pub(crate) fn rows(attempts: &[Attempt]) -> Rows {
    let mut rows = Rows::default();
    for (index, attempt) in attempts.iter().enumerate() {
        let answer = match (&attempt.code, attempt.status) {
            (Some(code), _) => code.to_string(),
            (None, Some(status)) => format!("HTTP status {status}"),
            (None, None) => "no reply".to_owned(),
        };
        let id = attempt
            .transaction_id
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        let number = (index + 1).to_string();
        rows.add([
            &number,
            attempt.endpoint,
            &answer,
            charges::word(attempt.charge),
            &id,
        ]);
    }
    rows
}

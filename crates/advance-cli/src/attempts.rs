//! What was sent and what each reply cost, as the client's events tell it.

use std::io::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use advance_core::wire::Code;
use advance_core::{Charge, Event, Observer, TransactionId, WaitReason};
use serde::Serialize;

use crate::text::Rows;

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

impl Attempt {
    pub(crate) const fn charge(&self) -> Charge {
        self.charge
    }
}

/// All requests of a command, in the order of their replies. If somebody watches, it says what is waited for.
#[derive(Clone)]
pub(crate) struct Attempts {
    all: Arc<Mutex<Vec<Attempt>>>,
    watched: bool,
}

impl Attempts {
    pub(crate) fn new(watched: bool) -> Self {
        Self {
            all: Arc::default(),
            watched,
        }
    }

    pub(crate) fn all(&self) -> Vec<Attempt> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Attempt>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Attempts {
    fn event(&self, event: &Event) {
        match event {
            Event::AttemptEnded {
                path,
                status,
                code,
                transaction_id,
                charge,
                ..
            } => self.lock().push(Attempt {
                endpoint: path.rsplit('/').next().unwrap_or(path),
                status: *status,
                code: code.clone(),
                transaction_id: transaction_id.clone(),
                charge: *charge,
            }),
            Event::Waiting { why, at_most, .. } if self.watched => {
                let what = match why {
                    WaitReason::Poll => "not finished yet; asking again",
                    WaitReason::Retry => "that did not work; trying again",
                    _ => return,
                };
                // Nobody is there to be told that stderr is closed.
                let _ = writeln!(io::stderr(), "{what} in {:.1} s", at_most.as_secs_f64());
            }
            _ => {}
        }
    }
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
        rows.add([
            &(index + 1).to_string(),
            attempt.endpoint,
            &answer,
            charge(attempt.charge),
            &id,
        ]);
    }
    rows
}

/// The vendor's words, where they have one.
pub(crate) const fn charge(charge: Charge) -> &'static str {
    match charge {
        Charge::Free => "FREE",
        Charge::Pay => "PAY",
        Charge::Unknown => "unknown",
    }
}

//! A reqwest client for each tokio runtime that sends.
//!
//! A connection is driven by the runtime that opened it. Where that one stands still, a call of another runtime that is
//! handed the connection waits for ever; where it has ended, the connection is dead. So runtimes share none.

use std::sync::{Mutex, PoisonError};

use advance_core::transport::{Failure, FailureKind, Sent};
use reqwest::Client;
use tokio::runtime::{Handle, Id};

/// More runtimes than this at once share the place of the oldest, whose connections are then closed.
const MOST: usize = 16;

type Make = Box<dyn Fn() -> Result<Client, Failure> + Send + Sync>;

pub(crate) struct Clients {
    /// `None` if the caller's own builder made the one client that there is.
    make: Option<Make>,
    state: Mutex<State>,
}

struct State {
    /// Made already, for the first runtime that sends.
    first: Option<Client>,
    known: Vec<(Id, Client)>,
}

impl Clients {
    /// As many as are needed. The first is made now, so that what cannot be made is known now.
    pub(crate) fn many(make: Make) -> Result<Self, Failure> {
        let first = make()?;
        Ok(Self::new(first, Some(make)))
    }

    /// This one, which belongs to the first runtime that sends.
    pub(crate) fn one(client: Client) -> Self {
        Self::new(client, None)
    }

    fn new(first: Client, make: Option<Make>) -> Self {
        let state = State {
            first: Some(first),
            known: Vec::new(),
        };
        Self {
            make,
            state: Mutex::new(state),
        }
    }

    /// The client of the runtime that this is called in.
    pub(crate) fn here(&self) -> Result<Client, Failure> {
        let id = runtime()?.id();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = state.known.iter().find(|(known, _)| *known == id) {
            return Ok(client.clone());
        }
        let client = match (state.first.take(), &self.make) {
            (Some(first), _) => first,
            (None, Some(make)) => make()?,
            (None, None) => {
                return Err(refused(
                    "this transport was made from a reqwest builder and belongs to another tokio runtime",
                    "make one for each runtime, or use ReqwestTransport::builder(); nothing was sent",
                ));
            }
        };
        if state.known.len() == MOST {
            state.known.remove(0);
        }
        state.known.push((id, client.clone()));
        Ok(client)
    }
}

/// The runtime that this is called in.
pub(crate) fn runtime() -> Result<Handle, Failure> {
    Handle::try_current().map_err(|_| {
        refused(
            "there is no tokio runtime here",
            "call it from a task of a tokio runtime, or use advance-ureq; nothing was sent",
        )
    })
}

fn refused(what: &'static str, advice: &'static str) -> Failure {
    Failure::new(FailureKind::Refused, Sent::No)
        .because(what, advice)
        .with_source(what)
}

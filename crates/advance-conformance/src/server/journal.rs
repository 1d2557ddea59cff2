//! What a server saw.

use std::fmt;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A request that arrived in whole.
#[derive(Clone, PartialEq, Eq)]
pub struct Seen {
    /// The connection it came on, counted from 0.
    pub connection: usize,
    /// Such as `POST`.
    pub method: String,
    /// What stood in the request line, as it stood there.
    pub target: String,
    /// Names in lower case, in the order of arrival.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body, without chunked framing.
    pub body: Vec<u8>,
}

impl Seen {
    /// All values of a header, by its name in lower case.
    pub fn values(&self, name: &str) -> Vec<&[u8]> {
        self.headers
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.as_slice())
            .collect()
    }
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seen")
            .field("connection", &self.connection)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

#[derive(Default)]
struct State {
    seen: Vec<Seen>,
    connections: usize,
    hung_up: usize,
    written: u64,
}

/// What a server saw so far; shared between its threads and those who ask.
#[derive(Default)]
pub struct Journal {
    state: Mutex<State>,
    changed: Condvar,
}

impl Journal {
    /// The requests that arrived in whole.
    pub fn requests(&self) -> Vec<Seen> {
        self.lock().seen.clone()
    }

    /// How many connections were accepted.
    pub fn connections(&self) -> usize {
        self.lock().connections
    }

    /// How many connections the peer was seen to close.
    pub fn hung_up(&self) -> usize {
        self.lock().hung_up
    }

    /// How many bytes could be written, to all connections together.
    pub fn written(&self) -> u64 {
        self.lock().written
    }

    /// Waits until `enough` holds, at most for `within`; says whether it does.
    pub fn wait_for(&self, within: Duration, enough: impl Fn(&Self) -> bool) -> bool {
        let until = Instant::now() + within;
        loop {
            if enough(self) {
                return true;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            // `enough` takes the lock itself, so a change in between can be missed: hence the short wait.
            let _ = self
                .changed
                .wait_timeout(self.lock(), left.min(Duration::from_millis(5)));
        }
    }

    pub(super) fn connected(&self) {
        self.change(|state| state.connections += 1);
    }

    pub(super) fn saw(&self, seen: Seen) {
        self.change(|state| state.seen.push(seen));
    }

    pub(super) fn wrote(&self, bytes: usize) {
        self.change(|state| state.written += bytes as u64);
    }

    pub(super) fn peer_left(&self) {
        self.change(|state| state.hung_up += 1);
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("Journal")
            .field("connections", &state.connections)
            .field("requests", &state.seen.len())
            .finish_non_exhaustive()
    }
}

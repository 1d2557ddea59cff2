//! Name lookups that keep to a time limit without a thread for each.
//!
//! `getaddrinfo` blocks and cannot be interrupted. A few helper threads, shared by all callers and started only when
//! needed, wait for it instead of the caller.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

const MAX_HELPERS: usize = 4;
const IDLE: Duration = Duration::from_secs(5);

pub(crate) type Addresses = io::Result<Vec<SocketAddr>>;
type Lookup = fn(&str) -> Addresses;

/// The callers' side. Dropping it ends the helpers once they are done.
#[derive(Debug)]
pub(crate) struct Lookups(Arc<Desk>);

/// What callers and helpers share.
#[derive(Debug)]
struct Desk {
    lookup: Lookup,
    state: Mutex<State>,
    news: Condvar,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Job>,
    helpers: usize,
    idle: usize,
    closed: bool,
}

#[derive(Debug)]
struct Job {
    name: String,
    until: Instant,
    answer: SyncSender<Addresses>,
}

impl Lookups {
    /// `lookup` takes `host:port`.
    pub(crate) fn new(lookup: Lookup) -> Self {
        Self(Arc::new(Desk {
            lookup,
            state: Mutex::default(),
            news: Condvar::new(),
        }))
    }

    /// The addresses of `host:port`, or `None` if they are not known in time.
    pub(crate) fn find(&self, name: String, within: Duration) -> Option<Addresses> {
        let until = Instant::now().checked_add(within)?;
        let answer = match self.ask(name, until) {
            Ok(answer) => answer,
            Err(error) => return Some(Err(error)),
        };
        answer.recv_timeout(within).ok()
    }

    fn ask(&self, name: String, until: Instant) -> io::Result<Receiver<Addresses>> {
        let (answer, receiver) = sync_channel(1);
        let mut state = self.0.lock();
        // Queued jobs have first call on the idle helpers.
        if state.idle <= state.queue.len() && state.helpers < MAX_HELPERS {
            let desk = Arc::clone(&self.0);
            match thread::Builder::new()
                .name("advance-ureq lookup".into())
                .spawn(move || desk.help())
            {
                Ok(_) => state.helpers += 1,
                // Those who are there will get to it.
                Err(_) if state.helpers > 0 => {}
                Err(error) => return Err(error),
            }
        }
        state.queue.push_back(Job { name, until, answer });
        drop(state);
        self.0.news.notify_one();
        Ok(receiver)
    }
}

impl Drop for Lookups {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.news.notify_all();
    }
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn help(&self) {
        while let Some(job) = self.next() {
            if Instant::now() < job.until {
                // A caller that gave up does not listen any more.
                let _ = job.answer.send((self.lookup)(&job.name));
            }
        }
    }

    /// The next job, or `None` when it is time to go.
    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        if state.queue.is_empty() && !state.closed {
            state.idle += 1;
            state = self
                .news
                .wait_timeout_while(state, IDLE, |state| state.queue.is_empty() && !state.closed)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
            state.idle -= 1;
        }
        let job = state.queue.pop_front();
        if job.is_none() {
            state.helpers -= 1;
        }
        job
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::ToSocketAddrs as _;

    fn real(name: &str) -> Addresses {
        name.to_socket_addrs().map(Iterator::collect)
    }

    fn dead(_: &str) -> Addresses {
        thread::sleep(Duration::from_secs(20));
        Err(io::ErrorKind::TimedOut.into())
    }

    /// Soon, even on a busy machine, but sooner than an idle helper goes by itself.
    fn until(holds: impl Fn() -> bool) {
        let start = Instant::now();
        while !holds() {
            assert!(start.elapsed() < IDLE * 4 / 5);
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn a_dead_resolver_costs_no_more_than_the_limit_and_four_threads() {
        let lookups = Lookups::new(dead);
        let limit = Duration::from_millis(500);
        let start = Instant::now();
        thread::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|| assert!(lookups.find("x:1".into(), limit).is_none()));
            }
        });
        // One after another would take twenty limits, and waiting for the resolver longer.
        let took = start.elapsed();
        assert!(took >= limit && took < 10 * limit, "{took:?}");
        assert_eq!(lookups.0.lock().helpers, MAX_HELPERS);
    }

    #[test]
    fn one_helper_serves_callers_that_come_one_by_one() {
        let lookups = Lookups::new(real);
        for _ in 0..10 {
            let found = lookups.find("localhost:7".into(), Duration::from_secs(5));
            assert!(
                found
                    .unwrap()
                    .unwrap()
                    .iter()
                    .all(|address| address.ip().is_loopback())
            );
            until(|| lookups.0.lock().idle == 1);
        }
        assert_eq!(lookups.0.lock().helpers, 1);
    }

    #[test]
    fn helpers_end_with_the_transport() {
        let lookups = Lookups::new(real);
        let _ = lookups.find("localhost:7".into(), Duration::from_secs(5));
        let desk = Arc::clone(&lookups.0);
        drop(lookups);
        until(|| desk.lock().helpers == 0);
    }
}

//! A few connections, lent to one transaction each.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use advance_collector::StoreError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{Instant, timeout};
use tokio_postgres::Client;

use crate::connect::Connector;
use crate::error::{failed, too_slow};

/// Connections that are lent and given back. One that is not given back is closed, so that no transaction is left open in it:
/// its future was dropped, or it failed.
pub(crate) struct Pool {
    connector: Arc<Connector>,
    idle: Mutex<Vec<Idle>>,
    permits: Arc<Semaphore>,
    patience: Duration,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}

struct Idle {
    client: Client,
    leave: oneshot::Sender<OwnedSemaphorePermit>,
}

/// A connection, for a while.
pub(crate) struct Lent<'a> {
    pub(crate) client: Client,
    /// When its operation is over, whether or not it was done.
    pub(crate) deadline: Deadline,
    pool: &'a Pool,
    place: Place,
}

/// Its place among the connections. The server works on after its client has gone: until that connection has ended, the
/// place is taken.
struct Place {
    permit: Option<OwnedSemaphorePermit>,
    leave: Option<oneshot::Sender<OwnedSemaphorePermit>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let (Some(leave), Some(permit)) = (self.leave.take(), self.permit.take()) {
            // If the connection has ended, the permit comes back and is free.
            drop(leave.send(permit));
        }
    }
}

/// The time that one operation has, for all that it waits for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    begun: Instant,
    patience: Duration,
}

impl Deadline {
    /// Fails if that takes too long.
    pub(crate) fn in_time<R>(
        self,
        work: impl Future<Output = Result<R, StoreError>>,
    ) -> impl Future<Output = Result<R, StoreError>> {
        let left = self.patience.saturating_sub(self.begun.elapsed());
        // A question to the server is a large future.
        let work = timeout(left, Box::pin(work));
        async { work.await.unwrap_or_else(|_| Err(too_slow())) }
    }
}

impl Pool {
    /// At most so many connections. No operation takes longer than `patience`.
    pub(crate) fn new(connector: Arc<Connector>, connections: usize, patience: Duration) -> Self {
        Self {
            connector,
            idle: Mutex::default(),
            permits: Arc::new(Semaphore::new(connections)),
            patience,
        }
    }

    /// An operation begins.
    pub(crate) fn deadline(&self) -> Deadline {
        Deadline {
            begun: Instant::now(),
            patience: self.patience,
        }
    }

    /// Lends a connection: one that is idle, or a new one.
    pub(crate) async fn lend(&self, deadline: Deadline) -> Result<Lent<'_>, StoreError> {
        let lent = deadline.in_time(async {
            let permits = Arc::clone(&self.permits);
            let permit = permits.acquire_owned().await.map_err(|_| too_slow())?;
            let Idle { client, leave } = match self.take_idle() {
                Some(idle) => idle,
                None => self.connect().await?,
            };
            Ok(Lent {
                client,
                deadline,
                pool: self,
                place: Place {
                    permit: Some(permit),
                    leave: Some(leave),
                },
            })
        });
        lent.await
    }

    async fn connect(&self) -> Result<Idle, StoreError> {
        let (leave, left) = oneshot::channel();
        let client = self.connector.connect(left).await.map_err(failed)?;
        Ok(Idle { client, leave })
    }

    fn take_idle(&self) -> Option<Idle> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::from_fn(|| idle.pop()).find(|idle| !idle.client.is_closed())
    }
}

impl Lent<'_> {
    /// Fails if this takes longer than the operation may. The other connections may have gone silent with this one, so they
    /// are not tried one after the other.
    pub(crate) fn in_time<R>(
        &self,
        work: impl Future<Output = Result<R, StoreError>>,
    ) -> impl Future<Output = Result<R, StoreError>> {
        let work = self.deadline.in_time(async { Ok(work.await) });
        async {
            work.await.unwrap_or_else(|late| {
                let mut idle = self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner);
                idle.clear();
                Err(late)
            })
        }
    }

    /// No transaction is open in it, and it did not fail.
    pub(crate) fn give_back(mut self) {
        if let Some(leave) = self.place.leave.take() {
            let mut idle = self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.push(Idle {
                client: self.client,
                leave,
            });
        }
    }
}

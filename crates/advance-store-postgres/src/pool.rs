//! A few connections, lent to one transaction each.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use advance_collector::StoreError;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;
use tokio_postgres::Client;

use crate::connect::Connector;
use crate::error::{failed, too_slow};

/// Connections that are lent and given back. One that is not given back is closed, so that no transaction is left open in it:
/// its future was dropped, or it failed.
pub(crate) struct Pool {
    connector: Arc<Connector>,
    idle: Mutex<Vec<Client>>,
    permits: Semaphore,
    patience: Duration,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}

/// A connection, for a while.
pub(crate) struct Lent<'a> {
    pub(crate) client: Client,
    pool: &'a Pool,
    _permit: SemaphorePermit<'a>,
}

impl Pool {
    /// At most so many connections. Nothing takes longer than `patience`.
    pub(crate) fn new(connector: Arc<Connector>, connections: usize, patience: Duration) -> Self {
        Self {
            connector,
            idle: Mutex::default(),
            permits: Semaphore::new(connections),
            patience,
        }
    }

    /// Lends a connection: one that is idle, or a new one.
    pub(crate) async fn lend(&self) -> Result<Lent<'_>, StoreError> {
        self.in_time(async {
            let permit = self.permits.acquire().await.map_err(|_| too_slow())?;
            let client = match self.take_idle() {
                Some(client) => client,
                None => self.connector.connect().await.map_err(failed)?,
            };
            Ok(Lent {
                client,
                pool: self,
                _permit: permit,
            })
        })
        .await
    }

    fn take_idle(&self) -> Option<Client> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::from_fn(|| idle.pop()).find(|client| !client.is_closed())
    }

    /// Fails if this takes too long.
    pub(crate) async fn in_time<R>(
        &self,
        work: impl Future<Output = Result<R, StoreError>>,
    ) -> Result<R, StoreError> {
        timeout(self.patience, work)
            .await
            .unwrap_or_else(|_| Err(too_slow()))
    }
}

impl Lent<'_> {
    pub(crate) const fn pool(&self) -> &Pool {
        self.pool
    }

    /// No transaction is open in it, and it did not fail.
    pub(crate) fn give_back(self) {
        let mut idle = self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(self.client);
    }
}

//! A token store in memory, for the clients of one process.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use crate::secret::AccessToken;
use crate::sharing::{
    AsyncTokenStore, Claimed, Setback, TokenClaim, TokenKey, TokenLease, TokenRow, TokenStore,
    TokenStoreError,
};
use crate::time::UnixMillis;

/// A token store in memory: for clients of one process that do not share a session, and for tests. The token never leaves
/// the process. Give each client the same store, in an `Arc`.
pub struct MemoryTokenStore {
    rows: Mutex<BTreeMap<TokenKey, TokenRow>>,
    clock: Box<dyn Fn() -> UnixMillis + Send + Sync>,
}

impl fmt::Debug for MemoryTokenStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.lock().len();
        f.debug_struct("MemoryTokenStore")
            .field("keys", &keys)
            .finish_non_exhaustive()
    }
}

impl MemoryTokenStore {
    /// An empty store with this clock, such as `|| SystemTime::now().into()`. If it jumps forward, tokens count as ended; if
    /// it is set back, nothing is held up.
    pub fn new(clock: impl Fn() -> UnixMillis + Send + Sync + 'static) -> Self {
        Self {
            rows: Mutex::default(),
            clock: Box::new(clock),
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<TokenKey, TokenRow>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The clock is the caller's own, so it is asked outside the lock.
    fn change<R>(&self, key: &TokenKey, change: impl FnOnce(&mut TokenRow, UnixMillis) -> R) -> R {
        let now = (self.clock)();
        let mut rows = self.lock();
        let row = rows.entry(key.clone()).or_default();
        change(row, now)
    }
}

impl TokenStore for MemoryTokenStore {
    fn claim(&self, claim: &TokenClaim, _within: Duration) -> Result<Claimed, TokenStoreError> {
        Ok(self.change(&claim.key, |row, now| row.claim(claim, now)))
    }

    fn publish(
        &self,
        lease: &TokenLease,
        token: &AccessToken,
        life: Duration,
        _within: Duration,
    ) -> Result<bool, TokenStoreError> {
        Ok(self.change(&lease.key, |row, now| row.publish(lease, token, life, now)))
    }

    fn give_back(
        &self,
        lease: &TokenLease,
        setback: Option<&Setback>,
        _within: Duration,
    ) -> Result<(), TokenStoreError> {
        self.change(&lease.key, |row, now| row.give_back(lease, setback, now));
        Ok(())
    }
}

#[async_trait]
impl AsyncTokenStore for MemoryTokenStore {
    async fn claim(&self, claim: &TokenClaim, within: Duration) -> Result<Claimed, TokenStoreError> {
        TokenStore::claim(self, claim, within)
    }

    async fn publish(
        &self,
        lease: &TokenLease,
        token: &AccessToken,
        life: Duration,
        within: Duration,
    ) -> Result<bool, TokenStoreError> {
        TokenStore::publish(self, lease, token, life, within)
    }

    async fn give_back(
        &self,
        lease: &TokenLease,
        setback: Option<&Setback>,
        within: Duration,
    ) -> Result<(), TokenStoreError> {
        TokenStore::give_back(self, lease, setback, within)
    }
}

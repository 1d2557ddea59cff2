//! The pace of one process.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use advance_core::UnixMillis;
use async_trait::async_trait;

use super::{AsyncRateStore, Rate, RateRow, RateStore, Slot};
use crate::StoreError;

/// Rates in memory, for the clients of one process. Clones are the same.
#[derive(Clone)]
pub struct MemoryRates {
    rows: Arc<Mutex<HashMap<String, RateRow>>>,
    clock: Arc<dyn Fn() -> UnixMillis + Send + Sync>,
}

impl MemoryRates {
    /// None is held back, by the machine's clock.
    pub fn new() -> Self {
        Self::with_clock(|| SystemTime::now().into())
    }

    /// The same, by this clock.
    pub fn with_clock(clock: impl Fn() -> UnixMillis + Send + Sync + 'static) -> Self {
        Self {
            rows: Arc::default(),
            clock: Arc::new(clock),
        }
    }

    fn with<R>(&self, name: &str, change: impl FnOnce(&mut RateRow, UnixMillis) -> R) -> R {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let now = (self.clock)();
        change(rows.entry(name.to_owned()).or_default(), now)
    }
}

impl Default for MemoryRates {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryRates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryRates").finish_non_exhaustive()
    }
}

impl RateStore for MemoryRates {
    fn take(&self, name: &str, rate: &Rate, at_most: Duration, _: Duration) -> Result<Slot, StoreError> {
        Ok(self.with(name, |row, now| row.take(rate, at_most, now)))
    }

    fn hold(&self, name: &str, pause: Duration, _: Duration) -> Result<(), StoreError> {
        self.with(name, |row, now| row.hold(pause, now));
        Ok(())
    }

    fn held(&self, name: &str, _: Duration) -> Result<Duration, StoreError> {
        Ok(self.with(name, |row, now| row.held(now)))
    }
}

#[async_trait]
impl AsyncRateStore for MemoryRates {
    async fn take(
        &self,
        name: &str,
        rate: &Rate,
        at_most: Duration,
        within: Duration,
    ) -> Result<Slot, StoreError> {
        RateStore::take(self, name, rate, at_most, within)
    }

    async fn hold(&self, name: &str, pause: Duration, within: Duration) -> Result<(), StoreError> {
        RateStore::hold(self, name, pause, within)
    }

    async fn held(&self, name: &str, within: Duration) -> Result<Duration, StoreError> {
        RateStore::held(self, name, within)
    }
}

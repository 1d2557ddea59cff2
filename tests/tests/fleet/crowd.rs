//! Many workers that come at once, and stores on a bad day.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use advance_core::AsyncClient;
use advance_core::secret::AccessToken;
use advance_core::session::Event;
use advance_core::sharing::{
    AsyncTokenStore, Claimed, Setback, TokenClaim, TokenLease, TokenStoreError, TokenStoreErrorKind,
};
use async_trait::async_trait;
use tokio::task::JoinSet;

use crate::vendor::{Line, Vendor, config, egress, id, keys};

/// A store on a bad day.
pub(crate) struct Unwell<S> {
    pub(crate) store: S,
    /// How long it takes for each answer; none if it gives none.
    pub(crate) delay: Option<Duration>,
}

impl<S> Unwell<S> {
    async fn day(&self) -> Result<(), TokenStoreError> {
        match self.delay {
            Some(delay) => {
                tokio::time::sleep(delay).await;
                Ok(())
            }
            None => Err(TokenStoreError::new(TokenStoreErrorKind::Unavailable)),
        }
    }
}

#[async_trait]
impl<S: AsyncTokenStore> AsyncTokenStore for Unwell<S> {
    async fn claim(&self, claim: &TokenClaim, within: Duration) -> Result<Claimed, TokenStoreError> {
        self.day().await?;
        self.store.claim(claim, within).await
    }

    async fn publish(
        &self,
        lease: &TokenLease,
        token: &AccessToken,
        life: Duration,
        within: Duration,
    ) -> Result<bool, TokenStoreError> {
        self.day().await?;
        self.store.publish(lease, token, life, within).await
    }

    async fn give_back(
        &self,
        lease: &TokenLease,
        setback: Option<&Setback>,
        within: Duration,
    ) -> Result<(), TokenStoreError> {
        self.day().await?;
        self.store.give_back(lease, setback, within).await
    }
}

/// Workers, each with a client of its own.
pub(crate) struct Crowd {
    pub(crate) vendor: Arc<Vendor>,
    clients: Vec<AsyncClient<Line>>,
    failures: Arc<AtomicU32>,
}

impl Crowd {
    /// So many workers, which share these stores evenly.
    pub(crate) fn new<S: AsyncTokenStore + 'static>(workers: usize, stores: &[Arc<S>]) -> Self {
        let (vendor, failures) = (Vendor::new(), Arc::new(AtomicU32::new(0)));
        let client = |(seed, store): (usize, &Arc<S>)| {
            let failures = Arc::clone(&failures);
            AsyncClient::new(Line(Arc::clone(&vendor)), config(), keys(), seed as u64)
                .with_token_store(Arc::clone(store), egress())
                .with_observer(move |event: &Event| {
                    if let Event::TokenStoreFailed { .. } = event {
                        failures.fetch_add(1, Ordering::SeqCst);
                    }
                })
        };
        let stores = stores.iter().cycle().take(workers);
        Self {
            clients: stores.enumerate().map(client).collect(),
            vendor: Arc::clone(&vendor),
            failures: Arc::clone(&failures),
        }
    }

    /// All call at once: how many succeed.
    pub(crate) async fn call(&self) -> usize {
        let mut calls = JoinSet::new();
        for client in &self.clients {
            let client = client.clone();
            calls.spawn(async move { client.get_result(&id()).await.is_ok() });
        }
        calls.join_all().await.into_iter().filter(|ok| *ok).count()
    }

    /// How often a store failed.
    pub(crate) fn failures(&self) -> u32 {
        self.failures.load(Ordering::SeqCst)
    }
}

/// What came of a fleet.
pub(crate) struct Ended {
    pub(crate) issued: u32,
    pub(crate) succeeded: usize,
    pub(crate) failures_of_the_store: u32,
}

/// So many workers come at once; when all have been served, every token is revoked if that is wanted, and all call again.
pub(crate) async fn fleet(workers: usize, store: impl AsyncTokenStore + 'static, revoke: bool) -> Ended {
    let crowd = Crowd::new(workers, &[Arc::new(store)]);
    let mut succeeded = crowd.call().await;
    if revoke {
        crowd.vendor.revoke();
        succeeded = succeeded.min(crowd.call().await);
    }
    Ended {
        issued: crowd.vendor.issued(),
        succeeded,
        failures_of_the_store: crowd.failures(),
    }
}

//! A store of verifications that is a store of shared tokens as well.

use std::time::Duration;

use advance_core::secret::AccessToken;
use advance_core::sharing::{
    AsyncTokenStore, Claimed, Setback, TokenClaim, TokenLease, TokenStore, TokenStoreError,
    TokenStoreErrorKind,
};
use async_trait::async_trait;

use super::{OnThread, Store, StoreError, StoreErrorKind};

impl From<StoreError> for TokenStoreError {
    fn from(error: StoreError) -> Self {
        let kind = match error.kind() {
            StoreErrorKind::Unavailable => TokenStoreErrorKind::Unavailable,
            StoreErrorKind::Full | StoreErrorKind::Denied => TokenStoreErrorKind::Denied,
            StoreErrorKind::OtherVersion | StoreErrorKind::Damaged => TokenStoreErrorKind::Damaged,
            StoreErrorKind::Closed | StoreErrorKind::Other => TokenStoreErrorKind::Other,
        };
        Self::new(kind).with_source(error)
    }
}

#[async_trait]
impl<S: Store + TokenStore + 'static> AsyncTokenStore for OnThread<S> {
    async fn claim(&self, claim: &TokenClaim, within: Duration) -> Result<Claimed, TokenStoreError> {
        let claim = claim.clone();
        self.run(move |store| Ok(TokenStore::claim(store, &claim, within)))
            .await?
    }

    async fn publish(
        &self,
        lease: &TokenLease,
        token: &AccessToken,
        life: Duration,
        within: Duration,
    ) -> Result<bool, TokenStoreError> {
        let (lease, token) = (lease.clone(), token.clone());
        self.run(move |store| Ok(store.publish(&lease, &token, life, within)))
            .await?
    }

    async fn give_back(
        &self,
        lease: &TokenLease,
        setback: Option<&Setback>,
        within: Duration,
    ) -> Result<(), TokenStoreError> {
        let (lease, setback) = (lease.clone(), setback.cloned());
        self.run(move |store| Ok(TokenStore::give_back(store, &lease, setback.as_ref(), within)))
            .await?
    }
}

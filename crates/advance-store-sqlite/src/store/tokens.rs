//! The same file as a store of shared tokens.

use std::time::Duration;

use advance_core::UnixMillis;
use advance_core::secret::AccessToken;
use advance_core::sharing::{
    Claimed, Setback, TokenClaim, TokenKey, TokenLease, TokenRow, TokenStore, TokenStoreError,
};

use super::{Durable, SqliteStore};
use crate::tokens;

impl SqliteStore {
    /// Changes a row, and saves it if it was changed. A power cut may take that back: no client that knows of it survives.
    fn change<R>(
        &self,
        key: &TokenKey,
        within: Duration,
        change: impl FnOnce(&mut TokenRow, UnixMillis) -> R,
    ) -> Result<R, TokenStoreError> {
        Ok(self.write_within(Durable::No, within, |transaction, now| {
            let before = tokens::find(transaction, key)?.unwrap_or_default();
            let mut row = before.clone();
            let answer = change(&mut row, now);
            if row != before {
                tokens::save(transaction, key, &row)?;
            }
            Ok(answer)
        })?)
    }
}

impl TokenStore for SqliteStore {
    fn claim(&self, claim: &TokenClaim, within: Duration) -> Result<Claimed, TokenStoreError> {
        // Most who ask are told what is there, and no lock is needed for that.
        let look = self.read(|transaction, now| {
            let row = tokens::find(transaction, &claim.key)?;
            Ok(row.and_then(|row| row.look(claim, now)))
        })?;
        match look {
            Some(answer) => Ok(answer),
            None => self.change(&claim.key, within, |row, now| row.claim(claim, now)),
        }
    }

    fn publish(
        &self,
        lease: &TokenLease,
        token: &AccessToken,
        life: Duration,
        within: Duration,
    ) -> Result<bool, TokenStoreError> {
        self.change(&lease.key, within, |row, now| {
            row.publish(lease, token, life, now)
        })
    }

    fn give_back(
        &self,
        lease: &TokenLease,
        setback: Option<&Setback>,
        within: Duration,
    ) -> Result<(), TokenStoreError> {
        self.change(&lease.key, within, |row, now| {
            row.give_back(lease, setback, now);
        })
    }
}

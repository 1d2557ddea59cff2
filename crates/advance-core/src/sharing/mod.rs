//! One token for several clients: the seam to a store in which they share it.
//!
//! Each client holds its token by itself. A client that was given a store asks it before each token request: another client
//! may have a token that will do, or may be asking the vendor already. So a fleet of cold workers makes one token request,
//! and a token that the vendor refuses is replaced once. [`TokenStore`] is for threads, [`AsyncTokenStore`] for tasks;
//! [`MemoryTokenStore`](crate::client::MemoryTokenStore) is both, for the clients of one process.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::SystemTime;
//! use advance_core::client::MemoryTokenStore;
//! use advance_core::sharing::Egress;
//! use advance_core::{Client, Config, Credentials, Transport};
//!
//! fn clients<T: Transport>(parts: [(T, u64); 2], keys: &Credentials) -> Result<[Client<T>; 2], advance_core::Error> {
//!     let store = Arc::new(MemoryTokenStore::new(|| SystemTime::now().into()));
//!     let egress = Egress::new("this-machine")?;
//!     Ok(parts.map(|(transport, seed)| {
//!         Client::new(transport, Config::new(), keys.clone(), seed).with_token_store(Arc::clone(&store), egress.clone())
//!     }))
//! }
//! ```
//!
//! # What is kept where
//!
//! - **A store holds a live secret.** A token is as good as the keys until it ends, an hour by default. The stores keep it
//!   as it is, for every client must be able to send it. Protect the store as you protect the keys, or share in memory only.
//! - A [`TokenKey`] names the account, its keys, the server and the egress, so that only those share who may. Of the keys it
//!   has digests. A client whose keys are changed has another key from then on: it never takes a token of the former keys.
//! - The vendor may bind a token to the address it was asked from (a guess: the document's sample has a `realIp` claim).
//!   Give two clients one [`Egress`] label only if their requests leave by the same address, or if you have seen a token of one
//!   work for the other.
//!
//! # Rules of a store
//!
//! - **Only the store's clock counts.** What is left of a token or a lease is told as a duration. No time of a client's enters.
//! - **A lease is the right to ask the vendor.** Each lease has a higher fence than all before it of the same key. A client
//!   that vanishes holds the others up until its lease is over, and no longer. One that never heard the answer to its claim asks
//!   again and goes on with the lease that it has: a [`ClientId`] tells the store who asks.
//! - **A token is named by the fence of the lease that brought it**, its generation. What is published under a fence that is no
//!   longer the latest is dropped: a late answer overwrites no newer token. The client that brought it may use it all the same.
//! - **A refused token is replaced by generation.** A client says which token it had refused; if the store has another, it
//!   takes that one. Replacements are five seconds apart: the vendor says the same of a dead token and of a call that is not
//!   allowed. They are a minute apart if the client that asks has never seen the token accepted, or if the last two were less
//!   than two minutes apart. A replacement that brought nothing does not count.
//! - **A refusal of the vendor's to issue a token** is told to all who ask for as long as it says, so that it is not asked for by
//!   each: if the server asked for a while, or if the account gets no token. A client whose signature was refused tells no other.
//!
//! All of this is in [`TokenRow`]. A store only loads a row, asks it, and saves it, in one transaction. Whether an
//! implementation keeps to it is what `advance_conformance::tokens` finds out.
//!
//! # A store that fails
//!
//! A client whose store fails, or does not answer in time, goes on with the token that it holds. If that is about to end, or
//! there is none, it asks the vendor by itself. It says so by an
//! [`Event::TokenStoreFailed`](crate::session::Event::TokenStoreFailed), and leaves the store alone for ten seconds.

mod ask;
mod claim;
mod error;
mod key;
mod row;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

pub use ask::{TokenAnswer, TokenAsk};
pub use claim::{Claimed, ClientId, Setback, SharedToken, TokenClaim, TokenLease, TokenWish};
pub use error::{TokenStoreError, TokenStoreErrorKind};
pub use key::{Egress, TokenKey};
pub use row::TokenRow;

use crate::secret::AccessToken;

/// A token store for threads.
///
/// `within` is how long the client has patience: a method that waits for others longer than that fails instead. It is safe to
/// call each method again: a claim that says [who asks](TokenClaim::by) goes on with the lease that it was granted before.
pub trait TokenStore: Send + Sync {
    /// Asks for a token, or for the right to request one.
    ///
    /// # Errors
    /// A [`TokenStoreError`], if it could not be asked.
    fn claim(&self, claim: &TokenClaim, within: Duration) -> Result<Claimed, TokenStoreError>;

    /// Shares a token that the vendor issued to the holder of this lease, and ends the lease. Its life counts from when the lease
    /// was granted. Says no if the lease is no longer the latest: then nothing is changed.
    ///
    /// # Errors
    /// A [`TokenStoreError`], if it could not be told. It may have been booked all the same.
    fn publish(
        &self,
        lease: &TokenLease,
        token: &AccessToken,
        life: Duration,
        within: Duration,
    ) -> Result<bool, TokenStoreError>;

    /// Ends a lease that brought no token, and keeps the others from asking if the vendor said so. Nothing happens if the lease is
    /// no longer the latest.
    ///
    /// # Errors
    /// A [`TokenStoreError`], if it could not be told. The lease ends by itself then.
    fn give_back(
        &self,
        lease: &TokenLease,
        setback: Option<&Setback>,
        within: Duration,
    ) -> Result<(), TokenStoreError>;
}

/// A token store for tasks; each method as that of [`TokenStore`]. A future that is dropped, as one is that takes longer than
/// `within`, leaves its work done or not done, never half.
#[async_trait]
pub trait AsyncTokenStore: Send + Sync {
    /// As [`TokenStore::claim`].
    ///
    /// # Errors
    /// As there.
    async fn claim(&self, claim: &TokenClaim, within: Duration) -> Result<Claimed, TokenStoreError>;

    /// As [`TokenStore::publish`].
    ///
    /// # Errors
    /// As there.
    async fn publish(
        &self,
        lease: &TokenLease,
        token: &AccessToken,
        life: Duration,
        within: Duration,
    ) -> Result<bool, TokenStoreError>;

    /// As [`TokenStore::give_back`].
    ///
    /// # Errors
    /// As there.
    async fn give_back(
        &self,
        lease: &TokenLease,
        setback: Option<&Setback>,
        within: Duration,
    ) -> Result<(), TokenStoreError>;
}

macro_rules! forward {
    ($($owner:ty),*) => {$(
        impl<T: TokenStore + ?Sized> TokenStore for $owner {
            fn claim(&self, claim: &TokenClaim, within: Duration) -> Result<Claimed, TokenStoreError> {
                (**self).claim(claim, within)
            }

            fn publish(
                &self,
                lease: &TokenLease,
                token: &AccessToken,
                life: Duration,
                within: Duration,
            ) -> Result<bool, TokenStoreError> {
                (**self).publish(lease, token, life, within)
            }

            fn give_back(
                &self,
                lease: &TokenLease,
                setback: Option<&Setback>,
                within: Duration,
            ) -> Result<(), TokenStoreError> {
                (**self).give_back(lease, setback, within)
            }
        }

        #[async_trait]
        impl<T: AsyncTokenStore + ?Sized> AsyncTokenStore for $owner {
            async fn claim(&self, claim: &TokenClaim, within: Duration) -> Result<Claimed, TokenStoreError> {
                (**self).claim(claim, within).await
            }

            async fn publish(
                &self,
                lease: &TokenLease,
                token: &AccessToken,
                life: Duration,
                within: Duration,
            ) -> Result<bool, TokenStoreError> {
                (**self).publish(lease, token, life, within).await
            }

            async fn give_back(
                &self,
                lease: &TokenLease,
                setback: Option<&Setback>,
                within: Duration,
            ) -> Result<(), TokenStoreError> {
                (**self).give_back(lease, setback, within).await
            }
        }
    )*};
}

forward!(Arc<T>, Box<T>, &T);

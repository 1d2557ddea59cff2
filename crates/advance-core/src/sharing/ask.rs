//! What a step asks of a store, and how it is carried out.

use std::time::Duration;

use super::{AsyncTokenStore, Claimed, Setback, TokenClaim, TokenLease, TokenStore, TokenStoreError};
use crate::secret::AccessToken;

/// What a [`Step::Share`](crate::session::Step::Share) asks of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenAsk {
    /// A token, or the right to request one.
    Claim(TokenClaim),
    /// To share this token.
    Publish {
        /// Under this lease.
        lease: TokenLease,
        /// The token.
        token: AccessToken,
        /// Its life, from when the lease was granted.
        life: Duration,
    },
    /// To end this lease, which brought nothing.
    GiveBack {
        /// The lease.
        lease: TokenLease,
        /// What keeps the others from asking the vendor, if anything does.
        setback: Option<Setback>,
    },
}

/// What the store said to a [`TokenAsk`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenAnswer {
    /// To a claim.
    Claimed(Claimed),
    /// Whether a token is shared.
    Published(bool),
    /// A lease has ended.
    GivenBack,
}

impl TokenAsk {
    /// Asks this store.
    ///
    /// # Errors
    /// What the store says.
    pub fn of<S: TokenStore + ?Sized>(
        &self,
        store: &S,
        within: Duration,
    ) -> Result<TokenAnswer, TokenStoreError> {
        Ok(match self {
            Self::Claim(claim) => TokenAnswer::Claimed(store.claim(claim, within)?),
            Self::Publish { lease, token, life } => {
                TokenAnswer::Published(store.publish(lease, token, *life, within)?)
            }
            Self::GiveBack { lease, setback } => {
                store.give_back(lease, setback.as_ref(), within)?;
                TokenAnswer::GivenBack
            }
        })
    }

    /// Asks this store.
    ///
    /// # Errors
    /// What the store says.
    pub async fn of_async<S: AsyncTokenStore + ?Sized>(
        &self,
        store: &S,
        within: Duration,
    ) -> Result<TokenAnswer, TokenStoreError> {
        Ok(match self {
            Self::Claim(claim) => TokenAnswer::Claimed(store.claim(claim, within).await?),
            Self::Publish { lease, token, life } => {
                TokenAnswer::Published(store.publish(lease, token, *life, within).await?)
            }
            Self::GiveBack { lease, setback } => {
                store.give_back(lease, setback.as_ref(), within).await?;
                TokenAnswer::GivenBack
            }
        })
    }
}

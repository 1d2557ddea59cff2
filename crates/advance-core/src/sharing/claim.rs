//! What a client asks of a token store, and what it is told.

use std::time::Duration;

use super::TokenKey;
use crate::secret::AccessToken;
use crate::wire::Code;

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenClaim {
    /// Who shares it.
    pub key: TokenKey,
    /// Which token will do.
    pub wish: TokenWish,
    /// Who asks. A client that has the latest lease already goes on with that one, also if it never heard that it was granted.
    pub client: Option<ClientId>,
    /// How long the client may take to bring a token, should it have to ask the vendor.
    pub lease: Duration,
}

impl TokenClaim {
    /// Asks for a token of this kind, or for a lease of this length.
    pub const fn new(key: TokenKey, wish: TokenWish, lease: Duration) -> Self {
        Self {
            key,
            wish,
            client: None,
            lease,
        }
    }

    /// This client asks.
    #[must_use]
    pub const fn by(mut self, client: ClientId) -> Self {
        self.client = Some(client);
        self
    }
}

/// Tells one client from another: a random number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(u64);

impl ClientId {
    /// The lower 63 bits of this number, so that a database keeps it as a signed one.
    pub const fn new(number: u64) -> Self {
        Self(number & (u64::MAX >> 1))
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// Which token will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenWish {
    /// Any that lives for more than a second: the client has none.
    Any,
    /// One that lives longer than the client's own, which is about to end.
    Renewed {
        /// The generation of its own, if it came from the store or was published to it.
        generation: Option<u64>,
        /// What is left of its own.
        left: Duration,
    },
    /// Any but the client's own, with which the vendor refuses requests.
    Other {
        /// The generation of its own, if it came from the store or was published to it.
        generation: Option<u64>,
        /// Whether this client has seen it accepted.
        accepted: bool,
    },
}

/// What a client is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// Use this one.
    Token(SharedToken),
    /// Ask the vendor, and publish what comes.
    Lead(TokenLease),
    /// Another client asks. Its lease is over after so long at the latest.
    Wait(Duration),
    /// The last replacement was too short a while ago. The next may come after so long.
    Kept(Duration),
    /// The vendor refused another client a token. Until it may be asked again, the answer is the same.
    Refused(Setback),
}

/// A token out of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SharedToken {
    /// The token.
    pub token: AccessToken,
    /// Names it: the fence of the lease that brought it.
    pub generation: u64,
    /// What is left of its life.
    pub left: Duration,
    /// How long ago it was published.
    pub age: Duration,
}

impl SharedToken {
    /// A token that was published so long ago, and of whose life so much is left.
    pub const fn new(token: AccessToken, generation: u64, left: Duration, age: Duration) -> Self {
        Self {
            token,
            generation,
            left,
            age,
        }
    }
}

/// The right to ask the vendor for a token, for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenLease {
    /// Who shares what it brings.
    pub key: TokenKey,
    /// Its number: higher than all before it of the same key.
    pub fence: u64,
}

impl TokenLease {
    /// The lease of this number.
    pub const fn new(key: TokenKey, fence: u64) -> Self {
        Self { key, fence }
    }
}

/// What keeps the clients from asking the vendor for a token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Setback {
    /// The vendor's code, if it is one of the documented ones.
    pub code: Option<Code>,
    /// For how long no client asks: a minute at the most.
    pub pause: Duration,
}

impl Setback {
    /// The vendor answered with this code, and is left alone for this long.
    pub fn new(code: Option<&Code>, pause: Duration) -> Self {
        Self {
            // What is not documented may repeat what the vendor was sent.
            code: code.filter(|code| code.explanation().is_some()).cloned(),
            pause,
        }
    }
}

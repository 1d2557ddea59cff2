//! Does this store keep what clients that [share a token](advance_core::sharing) build on? The suite that any token store must
//! pass.
//!
//! Implement [`Bench`] for a store that is empty, and call [`check`] in a test with a way to make one:
//!
//! ```
//! use std::sync::Arc;
//! use std::sync::atomic::{AtomicU64, Ordering};
//! use advance_conformance::tokens::{Bench, check};
//! use advance_core::UnixMillis;
//! use advance_core::client::MemoryTokenStore;
//! use advance_core::sharing::TokenStore;
//!
//! struct InMemory {
//!     store: Arc<MemoryTokenStore>,
//!     clock: Arc<AtomicU64>,
//! }
//!
//! impl Bench for InMemory {
//!     fn open(&self) -> Arc<dyn TokenStore> {
//!         self.store.clone()
//!     }
//!     fn now(&self) -> UnixMillis {
//!         UnixMillis::new(self.clock.load(Ordering::SeqCst))
//!     }
//!     fn set(&self, now: UnixMillis) {
//!         self.clock.store(now.get(), Ordering::SeqCst);
//!     }
//! }
//!
//! check(|| {
//!     let clock = Arc::new(AtomicU64::new(1_700_000_000_000));
//!     let shown = Arc::clone(&clock);
//!     let store = MemoryTokenStore::new(move || UnixMillis::new(shown.load(Ordering::SeqCst)));
//!     Box::new(InMemory { store: Arc::new(store), clock })
//! });
//! ```

mod leases;
mod life;
mod model;
mod refusals;
mod replacing;
mod together;

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use advance_core::secret::AccessToken;
use advance_core::sharing::{
    Claimed, Egress, Setback, SharedToken, TokenClaim, TokenKey, TokenLease, TokenStore, TokenStoreError,
    TokenWish,
};
use advance_core::{BaseUrl, Credentials, UnixMillis};

/// An empty store, and power over its clock.
pub trait Bench: Sync {
    /// Another handle to the same store, as another process would open it.
    fn open(&self) -> Arc<dyn TokenStore>;

    /// The store's clock. It stands still but for [`set`](Self::set).
    fn now(&self) -> UnixMillis;

    /// Sets the store's clock.
    fn set(&self, now: UnixMillis);
}

/// One thing that a token store must keep.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct TokenCase {
    /// Its name.
    pub name: &'static str,
    /// What the store must do.
    pub rule: &'static str,
    run: fn(&dyn Bench),
}

/// A rule that a token store breaks.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BrokenRule {
    /// The name of the case.
    pub name: &'static str,
    /// What the store must do.
    pub rule: &'static str,
    /// What it did.
    pub found: String,
}

/// Every case.
pub fn token_cases() -> Vec<TokenCase> {
    [
        leases::CASES,
        life::CASES,
        refusals::CASES,
        replacing::CASES,
        together::CASES,
        model::CASES,
    ]
    .concat()
}

/// Runs every case, each on a store of its own: the rules that it breaks.
pub fn broken_rules(make: impl Fn() -> Box<dyn Bench>) -> Vec<BrokenRule> {
    let broken = |case: TokenCase| {
        let bench = make();
        let ran = catch_unwind(AssertUnwindSafe(|| (case.run)(&*bench)));
        let panic = ran.err()?;
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Some(BrokenRule {
            name: case.name,
            rule: case.rule,
            found: text.unwrap_or_default(),
        })
    };
    token_cases().into_iter().filter_map(broken).collect()
}

/// Runs every case, each on a store of its own.
///
/// # Panics
/// If the store breaks a rule, with all that it breaks.
pub fn check(make: impl Fn() -> Box<dyn Bench>) {
    let mut text = String::new();
    for rule in broken_rules(make) {
        // Writing to a string does not fail.
        let _ = write!(text, "\n{}: {}\n  {}\n", rule.name, rule.rule, rule.found);
    }
    assert!(text.is_empty(), "the token store breaks these rules:\n{text}");
}

macro_rules! cases {
    ($($name:ident: $rule:literal)+) => {
        pub(super) const CASES: &[super::TokenCase] = &[$(super::TokenCase {
            name: stringify!($name),
            rule: $rule,
            run: $name,
        }),+];
    };
}

use cases;

const S: fn(u64) -> Duration = Duration::from_secs;
const MS: fn(u64) -> Duration = Duration::from_millis;
const LEASE: Duration = Duration::from_secs(16);
const HOUR: Duration = Duration::from_secs(3_600);

/// So long that no store of a test is late.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the cases do again and again. A store that fails here breaks the case.
struct Desk<'a> {
    bench: &'a dyn Bench,
    store: Arc<dyn TokenStore>,
    key: TokenKey,
}

impl<'a> Desk<'a> {
    fn new(bench: &'a dyn Bench) -> Self {
        Self {
            bench,
            store: bench.open(),
            key: key("here"),
        }
    }

    fn pass(&self, time: Duration) {
        self.bench.set(self.bench.now().saturating_add(time));
    }

    fn ask(&self, wish: TokenWish) -> Claimed {
        self.asks(&TokenClaim::new(self.key.clone(), wish, LEASE))
    }

    fn asks(&self, claim: &TokenClaim) -> Claimed {
        done(self.store.claim(claim, PATIENCE))
    }

    fn any(&self) -> Claimed {
        self.ask(TokenWish::Any)
    }

    #[track_caller]
    fn leads(&self, wish: TokenWish) -> TokenLease {
        match self.ask(wish) {
            Claimed::Lead(lease) => lease,
            other => panic!("no lease was granted, but {other:?}"),
        }
    }

    #[track_caller]
    fn holds(&self, wish: TokenWish) -> SharedToken {
        match self.ask(wish) {
            Claimed::Token(token) => token,
            other => panic!("no token was handed out, but {other:?}"),
        }
    }

    fn publish(&self, lease: &TokenLease, name: &str) -> bool {
        done(self.store.publish(lease, &token(name), HOUR, PATIENCE))
    }

    fn give_back(&self, lease: &TokenLease, setback: Option<&Setback>) {
        done(self.store.give_back(lease, setback, PATIENCE));
    }

    /// A token that was asked for and published at this moment: its generation.
    fn share(&self, name: &str) -> u64 {
        let lease = self.leads(TokenWish::Any);
        assert!(self.publish(&lease, name), "the latest lease was refused");
        lease.fence
    }
}

fn key(egress: &str) -> TokenKey {
    let made = || {
        let server = BaseUrl::new("https://api.advance.ai/it's/here")?;
        let keys = Credentials::new("7c1f9ab04e6d2835", "e93b57d10af8c264")?;
        Ok(TokenKey::of(&server, &keys, &Egress::new(egress)?))
    };
    made().unwrap_or_else(|error: advance_core::Error| panic!("{error}"))
}

fn token(name: &str) -> AccessToken {
    AccessToken::new(name).unwrap_or_else(|error| panic!("{error}"))
}

const fn other(generation: u64, accepted: bool) -> TokenWish {
    TokenWish::Other {
        generation: Some(generation),
        accepted,
    }
}

#[track_caller]
fn done<T>(answer: Result<T, TokenStoreError>) -> T {
    answer.unwrap_or_else(|error| {
        let source = std::error::Error::source(&error).map(ToString::to_string);
        panic!("the store failed: {error} ({})", source.unwrap_or_default())
    })
}

//! Does this store keep what [`advance-collector`](advance_collector::store) builds on? The suite that any store must pass.
//!
//! Implement [`Bench`] for a store that is empty, and call [`check`] in a test with a way to make one:
//!
//! ```
//! use std::sync::Arc;
//! use std::sync::atomic::{AtomicU64, Ordering};
//! use std::time::Duration;
//! use advance_collector::{MemoryStore, Store};
//! use advance_conformance::stores::{Bench, check};
//! use advance_core::UnixMillis;
//!
//! struct InMemory {
//!     store: MemoryStore,
//!     clock: Arc<AtomicU64>,
//! }
//!
//! impl Bench for InMemory {
//!     fn open(&self) -> Arc<dyn Store> {
//!         Arc::new(self.store.clone())
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
//!     let store = MemoryStore::with_clock(move || UnixMillis::new(shown.load(Ordering::SeqCst)));
//!     Box::new(InMemory { store, clock })
//! });
//! ```

mod asking;
mod claims;
mod doubts;
mod keeping;
mod model;
mod outbox;
mod pictures;
mod rates;
mod telling;
mod together;
mod values;

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use advance_collector::{Claim, Intended, Intent, Pending, Store, Wanted};
use advance_core::{SignatureId, UnixMillis};

pub use outbox::{OutboxBench, check_outbox};
pub use rates::{RateBench, check_rates};

/// An empty store, and power over its clock.
pub trait Bench: Sync {
    /// Another handle to the same store, as another process would open it.
    fn open(&self) -> Arc<dyn Store>;

    /// The store's clock. It stands still but for [`set`](Self::set).
    fn now(&self) -> UnixMillis;

    /// Sets the store's clock.
    fn set(&self, now: UnixMillis);

    /// How many steps its random life has. A store that is slow to ask may have fewer in everyday tests.
    fn steps(&self) -> u32 {
        1_500
    }
}

/// One thing that a store must keep.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct StoreCase {
    /// Its name.
    pub name: &'static str,
    /// What the store must do.
    pub rule: &'static str,
    run: fn(&dyn Bench),
}

impl StoreCase {
    /// Runs it on this store, which has to be empty: how the rule is broken, if it is.
    pub fn broken_by(&self, bench: &dyn Bench) -> Option<BrokenRule> {
        let ran = catch_unwind(AssertUnwindSafe(|| (self.run)(bench)));
        let panic = ran.err()?;
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Some(BrokenRule {
            name: self.name,
            rule: self.rule,
            found: text.unwrap_or_default(),
        })
    }
}

/// A rule that a store breaks.
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
pub fn store_cases() -> Vec<StoreCase> {
    [
        claims::CASES,
        asking::CASES,
        doubts::CASES,
        pictures::CASES,
        telling::CASES,
        keeping::CASES,
        values::CASES,
        together::CASES,
        model::CASES,
    ]
    .concat()
}

/// Runs every case, each on a store of its own: the rules that it breaks.
pub fn broken_rules(make: impl Fn() -> Box<dyn Bench>) -> Vec<BrokenRule> {
    let broken = |case: StoreCase| case.broken_by(&*make());
    store_cases().into_iter().filter_map(broken).collect()
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
    assert!(text.is_empty(), "the store breaks these rules:\n{text}");
}

macro_rules! cases {
    ($($name:ident: $rule:literal)+) => {
        pub(super) const CASES: &[super::StoreCase] = &[$(super::StoreCase {
            name: stringify!($name),
            rule: $rule,
            run: $name,
        }),+];
    };
}

use cases;

const LEASE: Duration = Duration::from_secs(30);

/// What the cases do again and again. A store that fails here breaks the case.
struct Desk<'a> {
    bench: &'a dyn Bench,
    store: Arc<dyn Store>,
}

impl<'a> Desk<'a> {
    fn new(bench: &'a dyn Bench) -> Self {
        Self {
            bench,
            store: bench.open(),
        }
    }

    fn pass(&self, time: Duration) {
        self.bench.set(self.bench.now().saturating_add(time));
    }

    fn add(&self, text: &str) -> SignatureId {
        let pending = Pending::of(id(text)).first_after(Duration::ZERO);
        done(self.store.add(&[pending]));
        id(text)
    }

    fn claim_one(&self) -> Claim {
        let mut claims = done(self.store.claim(&Wanted::new(1, LEASE)));
        claims.pop().unwrap_or_else(|| panic!("nothing was due"))
    }

    fn claim_all(&self) -> Vec<Claim> {
        done(self.store.claim(&Wanted::new(100, LEASE)))
    }

    /// Claims what is due and commits an intent.
    fn intend(&self, attempt: u128) -> Claim {
        let claim = self.claim_one();
        let intent = Intent::new(&claim, attempt_of(attempt), true, LEASE);
        assert_eq!(done(self.store.intend(&intent)), Intended::Committed);
        claim
    }

    fn record(&self, id: &SignatureId) -> advance_collector::Record {
        done(self.store.get(id)).unwrap_or_else(|| panic!("the verification is gone"))
    }
}

const fn attempt_of(number: u128) -> advance_collector::AttemptId {
    advance_collector::AttemptId::new(number)
}

fn id(text: &str) -> SignatureId {
    SignatureId::new(text).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn done<T>(answer: Result<T, advance_collector::StoreError>) -> T {
    answer.unwrap_or_else(|error| {
        let source = std::error::Error::source(&error).map(ToString::to_string);
        panic!("the store failed: {error} ({})", source.unwrap_or_default())
    })
}

fn paid() -> advance_core::Charges {
    let mut charges = advance_core::Charges::NONE;
    charges.record(advance_core::Charge::Pay);
    charges
}

fn passed() -> advance_collector::Conclusion {
    let mut conclusion = advance_collector::Conclusion::of(advance_collector::Ending::Finished);
    conclusion.verdict = Some(advance_core::Outcome::Passed);
    conclusion.transaction_id = Some("d3fde1547eeaf226".into());
    conclusion.kept = true;
    conclusion
}

fn ended() -> advance_collector::Settlement {
    let then = advance_collector::Then::Ended(passed(), Vec::new());
    advance_collector::Settlement::new(paid(), then)
}

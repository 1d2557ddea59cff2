//! A suite that passes everything holds nothing: each rule of a token store, broken on purpose, fails the cases that are named
//! here.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use advance_conformance::tokens::{Bench, broken_rules};
use advance_core::UnixMillis;
use advance_core::secret::AccessToken;
use advance_core::sharing::{
    Claimed, Setback, TokenClaim, TokenKey, TokenLease, TokenRow, TokenStore, TokenStoreError, TokenWish,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    None,
    /// All lead.
    Leases,
    /// A client's own lease is another's.
    Clients,
    /// The last to come is right.
    Fence,
    /// The token that is refused is handed out again.
    Generation,
    /// One replacement after the other.
    Pace,
    /// The replacement before the last is forgotten.
    Often,
    /// A token's life begins when it is told.
    Clock,
    /// All have the same key.
    Keys,
    /// What the vendor said is kept by the one who heard it.
    Refusals,
}

struct Flawed {
    flaw: Flaw,
    rows: Mutex<BTreeMap<Option<TokenKey>, TokenRow>>,
    clock: AtomicU64,
}

impl Flawed {
    fn with<R>(&self, key: &TokenKey, change: impl FnOnce(&mut TokenRow, UnixMillis) -> R) -> R {
        let now = UnixMillis::new(self.clock.load(Ordering::SeqCst));
        let key = (self.flaw != Flaw::Keys).then(|| key.clone());
        change(self.rows.lock().unwrap().entry(key).or_default(), now)
    }
}

impl TokenStore for Flawed {
    fn claim(&self, claim: &TokenClaim, _: Duration) -> Result<Claimed, TokenStoreError> {
        let mut claim = claim.clone();
        Ok(self.with(&claim.key.clone(), |row, now| {
            match (self.flaw, claim.wish) {
                (Flaw::Leases, _) => row.leased_until = None,
                (Flaw::Pace, _) => row.replaced_at = None,
                (Flaw::Clients, _) => row.leased_by = None,
                (Flaw::Often, _) => row.replaced_before = None,
                (Flaw::Generation, TokenWish::Other { .. }) => claim.wish = TokenWish::Any,
                _ => {}
            }
            row.claim(&claim, now)
        }))
    }

    fn publish(
        &self,
        lease: &TokenLease,
        token: &AccessToken,
        life: Duration,
        _: Duration,
    ) -> Result<bool, TokenStoreError> {
        Ok(self.with(&lease.key, |row, now| {
            let lease = match self.flaw {
                Flaw::Fence => &TokenLease::new(lease.key.clone(), row.fence),
                _ => lease,
            };
            let published = row.publish(lease, token, life, now);
            if published && self.flaw == Flaw::Clock {
                row.ends_at = Some(now.saturating_add(life));
            }
            published
        }))
    }

    fn give_back(
        &self,
        lease: &TokenLease,
        setback: Option<&Setback>,
        _: Duration,
    ) -> Result<(), TokenStoreError> {
        let setback = setback.filter(|_| self.flaw != Flaw::Refusals);
        self.with(&lease.key, |row, now| row.give_back(lease, setback, now));
        Ok(())
    }
}

struct One(Arc<Flawed>);

impl Bench for One {
    fn open(&self) -> Arc<dyn TokenStore> {
        Arc::clone(&self.0) as Arc<dyn TokenStore>
    }

    fn now(&self) -> UnixMillis {
        UnixMillis::new(self.0.clock.load(Ordering::SeqCst))
    }

    fn set(&self, now: UnixMillis) {
        self.0.clock.store(now.get(), Ordering::SeqCst);
    }
}

fn fails(flaw: Flaw) -> Vec<&'static str> {
    let broken = broken_rules(|| {
        Box::new(One(Arc::new(Flawed {
            flaw,
            rows: Mutex::default(),
            clock: AtomicU64::new(1_700_000_000_000),
        })))
    });
    broken.into_iter().map(|rule| rule.name).collect()
}

#[test]
fn each_flaw_is_found_by_its_case() {
    assert_eq!(fails(Flaw::None), [""; 0]);
    for (flaw, case) in [
        (Flaw::Leases, "one_leads"),
        (Flaw::Leases, "led_by_one"),
        (Flaw::Clients, "goes_on"),
        (Flaw::Fence, "late_and_overtaken"),
        (Flaw::Generation, "not_the_one_refused"),
        (Flaw::Pace, "apart"),
        (Flaw::Pace, "far_apart"),
        (Flaw::Often, "often"),
        (Flaw::Clock, "life_begins_with_the_lease"),
        (Flaw::Keys, "keys_apart"),
        (Flaw::Refusals, "told_to_all"),
    ] {
        let found = fails(flaw);
        assert!(found.contains(&case), "{flaw:?} fails {found:?}");
        assert!(found.contains(&"as_the_model"), "{flaw:?} fails {found:?}");
    }
}

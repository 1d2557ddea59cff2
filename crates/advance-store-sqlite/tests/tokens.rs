//! The suite that any token store must pass, and what is this one's own.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use advance_conformance::tokens::{Bench, check};
use advance_core::secret::AccessToken;
use advance_core::sharing::{
    Claimed, Egress, TokenClaim, TokenKey, TokenStore, TokenStoreErrorKind, TokenWish,
};
use advance_core::{BaseUrl, Credentials, UnixMillis};
use advance_store_sqlite::SqliteStore;
use advance_store_sqlite::rusqlite::Connection;
use tempfile::TempDir;

struct File {
    folder: TempDir,
    clock: Arc<AtomicU64>,
}

impl Bench for File {
    fn open(&self) -> Arc<dyn TokenStore> {
        let clock = Arc::clone(&self.clock);
        let store = SqliteStore::open(self.folder.path().join("store.db")).unwrap();
        Arc::new(store.with_clock(move || UnixMillis::new(clock.load(Ordering::SeqCst))))
    }

    fn now(&self) -> UnixMillis {
        UnixMillis::new(self.clock.load(Ordering::SeqCst))
    }

    fn set(&self, now: UnixMillis) {
        self.clock.store(now.get(), Ordering::SeqCst);
    }
}

#[test]
fn every_rule_of_a_token_store_is_kept() {
    check(|| {
        Box::new(File {
            folder: tempfile::tempdir().unwrap(),
            clock: Arc::new(AtomicU64::new(1_700_000_000_000)),
        })
    });
}

fn claim() -> TokenClaim {
    let keys = Credentials::new("7c1f9ab04e6d2835", "e93b57d10af8c264").unwrap();
    let key = TokenKey::of(&BaseUrl::default(), &keys, &Egress::new("here").unwrap());
    TokenClaim::new(key, TokenWish::Any, Duration::from_secs(16))
}

#[test]
fn a_dead_token_is_overwritten_and_no_key_is_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let clock = Arc::new(AtomicU64::new(1_700_000_000_000));
    let shown = Arc::clone(&clock);
    let store = SqliteStore::open(&path)
        .unwrap()
        .with_clock(move || UnixMillis::new(shown.load(Ordering::SeqCst)));
    let patience = Duration::from_secs(5);
    let Claimed::Lead(lease) = TokenStore::claim(&store, &claim(), patience).unwrap() else {
        panic!("no client asked before");
    };
    let token = AccessToken::new("hidden.token.text").unwrap();
    assert!(
        store
            .publish(&lease, &token, Duration::from_secs(60), patience)
            .unwrap()
    );
    clock.fetch_add(60_000, Ordering::SeqCst);
    assert!(matches!(
        TokenStore::claim(&store, &claim(), patience).unwrap(),
        Claimed::Lead(_)
    ));
    drop(store);
    for name in ["store.db", "store.db-wal"] {
        let Ok(bytes) = std::fs::read(folder.path().join(name)) else {
            continue;
        };
        for secret in ["hidden.token.text", "7c1f9ab04e6d2835", "e93b57d10af8c264"] {
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is in {name}");
        }
    }
}

#[test]
fn another_process_that_keeps_the_file_locked_is_not_waited_for_longer_than_the_client_would() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = SqliteStore::open(&path).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = TokenStore::claim(&store, &claim(), Duration::from_millis(50)).unwrap_err();
    assert_eq!(error.kind(), TokenStoreErrorKind::Unavailable);
    other.execute_batch("ROLLBACK").unwrap();
    assert!(TokenStore::claim(&store, &claim(), Duration::from_millis(50)).is_ok());
}

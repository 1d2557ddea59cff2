//! The suite that any store must pass.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use advance_collector::Store;
use advance_conformance::stores::{Bench, check};
use advance_core::UnixMillis;
use advance_store_sqlite::SqliteStore;
use tempfile::TempDir;

struct File {
    folder: TempDir,
    clock: Arc<AtomicU64>,
}

impl Bench for File {
    fn open(&self) -> Arc<dyn Store> {
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
fn every_rule_of_a_store_is_kept() {
    check(|| {
        Box::new(File {
            folder: tempfile::tempdir().unwrap(),
            clock: Arc::new(AtomicU64::new(1_700_000_000_000)),
        })
    });
}

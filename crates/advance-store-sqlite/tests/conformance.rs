//! The suite that any store must pass.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use advance_collector::Store;
use advance_collector::outbox::Outbox;
use advance_collector::rate::RateStore;
use advance_conformance::stores::{Bench, OutboxBench, RateBench, check, check_outbox, check_rates};
use advance_core::UnixMillis;
use advance_store_sqlite::SqliteStore;
use tempfile::TempDir;

struct File {
    folder: TempDir,
    clock: Arc<AtomicU64>,
}

impl File {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            clock: Arc::new(AtomicU64::new(1_700_000_000_000)),
        }
    }

    fn store(&self) -> SqliteStore {
        let clock = Arc::clone(&self.clock);
        let store = SqliteStore::open(self.folder.path().join("store.db")).unwrap();
        store.with_clock(move || UnixMillis::new(clock.load(Ordering::SeqCst)))
    }
}

impl RateBench for File {
    fn open(&self) -> Arc<dyn RateStore> {
        Arc::new(self.store())
    }

    fn set(&self, now: UnixMillis) {
        Bench::set(self, now);
    }
}

impl OutboxBench for File {
    fn open(&self) -> Arc<dyn Outbox> {
        Arc::new(self.store())
    }

    fn set(&self, now: UnixMillis) {
        Bench::set(self, now);
    }
}

impl Bench for File {
    fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.store())
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
    check(|| Box::new(File::new()));
}

#[test]
fn a_pace_is_that_of_the_model_and_each_turn_is_taken_once() {
    check_rates(&File::new());
}

#[test]
fn every_rule_of_an_outbox_is_kept() {
    check_outbox(&File::new());
}

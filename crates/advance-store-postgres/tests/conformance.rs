//! The suite that any store must pass, on a Postgres of the test's own.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod cluster;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use advance_collector::Store;
use advance_conformance::stores::{Bench, check};
use advance_core::UnixMillis;
use advance_store_postgres::PostgresOptions;
use advance_store_postgres::tokio_postgres::{Client, NoTls, connect};
use cluster::Cluster;
use tokio::runtime::Runtime;

/// A schema of its own, whose clock stands where the test sets it.
struct Fresh {
    runtime: Arc<Runtime>,
    client: Client,
    url: String,
    clock: AtomicU64,
}

impl Fresh {
    fn new(runtime: &Arc<Runtime>, cluster: &Cluster, number: u64) -> Self {
        let url = format!("{} options='-c search_path=case{number}'", cluster.url());
        let client = runtime.block_on(async {
            let (client, connection) = connect(&url, NoTls).await.unwrap();
            tokio::spawn(connection);
            let schema = format!("CREATE SCHEMA case{number}");
            client.batch_execute(&schema).await.unwrap();
            client
        });
        let fresh = Self {
            runtime: Arc::clone(runtime),
            client,
            url,
            clock: AtomicU64::new(1_700_000_000_000),
        };
        drop(fresh.open());
        fresh.set(fresh.now());
        fresh
    }
}

impl Bench for Fresh {
    fn open(&self) -> Arc<dyn Store> {
        Arc::new(
            PostgresOptions::new(&self.url)
                .unwrap()
                .connect_blocking()
                .unwrap(),
        )
    }

    fn now(&self) -> UnixMillis {
        UnixMillis::new(self.clock.load(Ordering::SeqCst))
    }

    fn set(&self, now: UnixMillis) {
        self.clock.store(now.get(), Ordering::SeqCst);
        let clock = format!(
            "CREATE OR REPLACE FUNCTION advance_now() RETURNS bigint LANGUAGE sql VOLATILE AS 'SELECT {}::bigint'",
            now.get()
        );
        self.runtime.block_on(self.client.batch_execute(&clock)).unwrap();
    }
}

#[test]
fn every_rule_of_a_store_is_kept() {
    let Some(cluster) = Cluster::start("-c fsync=off").unwrap() else {
        return;
    };
    let runtime = Arc::new(Runtime::new().unwrap());
    let cluster = Arc::new(cluster);
    let (running, next) = (Arc::clone(&cluster), AtomicU64::new(0));
    check(move || {
        Box::new(Fresh::new(
            &runtime,
            &running,
            next.fetch_add(1, Ordering::SeqCst),
        ))
    });
    cluster.crash().unwrap();
}

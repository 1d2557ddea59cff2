//! Empty stores in one cluster: each a schema of its own, whose clock stands where the test sets it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use advance_collector::Store;
use advance_collector::outbox::Outbox;
use advance_collector::rate::RateStore;
use advance_conformance::stores::{Bench, OutboxBench, RateBench};
use advance_conformance::tokens;
use advance_core::UnixMillis;
use advance_core::sharing::TokenStore;
use advance_store_postgres::tokio_postgres::{Client, NoTls, connect};
use advance_store_postgres::{BlockingPostgresStore, PostgresOptions};
use tokio::runtime::Runtime;

use crate::cluster::Cluster;

/// Makes empty stores in a cluster, which ends with this.
pub(crate) struct Database {
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) cluster: Cluster,
    made: AtomicU64,
    /// The port of a proxy beside the server's socket, which stores connect to in its place.
    #[allow(dead_code, reason = "not all have one")]
    pub(crate) proxy: Option<u16>,
}

impl Database {
    /// Nothing if this machine has no Postgres.
    pub(crate) fn start() -> Option<Self> {
        Some(Self {
            // None of these tests crashes it. No statement may rely on the server's default isolation.
            cluster: Cluster::start(
                "-c fsync=off -c full_page_writes=off -c autovacuum=off -c default_transaction_isolation=serializable",
            )
            .unwrap()?,
            runtime: Arc::new(Runtime::new().unwrap()),
            made: AtomicU64::new(0),
            proxy: None,
        })
    }

    pub(crate) fn store(&self) -> Fresh {
        let number = self.made.fetch_add(1, Ordering::SeqCst);
        let server = self.cluster.url();
        // Through a proxy, a session's own search_path would not come to the server: there each has a role of its own.
        let (own, url, direct) = match self.proxy {
            None => (
                String::new(),
                format!("{server} options='-c search_path=case{number}'"),
                None,
            ),
            Some(port) => {
                let role = format!(
                    "CREATE ROLE case{number} SUPERUSER LOGIN; ALTER ROLE case{number} SET search_path = case{number}"
                );
                let direct = server.replace("user=advance", &format!("user=case{number}"));
                (role, format!("{direct} port={port}"), Some(direct))
            }
        };
        let client = self.runtime.block_on(async {
            let as_admin = if direct.is_some() { &server } else { &url };
            let (client, connection) = connect(as_admin, NoTls).await.unwrap();
            tokio::spawn(connection);
            let schema = format!("CREATE SCHEMA case{number}; {own}");
            client.batch_execute(&schema).await.unwrap();
            let search = format!("SET search_path = case{number}");
            client.batch_execute(&search).await.unwrap();
            client
        });
        let fresh = Fresh {
            runtime: Arc::clone(&self.runtime),
            client,
            url,
            direct,
            clock: AtomicU64::new(1_700_000_000_000),
            #[cfg(feature = "sabotage")]
            broken: None,
        };
        drop(fresh.connect());
        fresh.stop_clock();
        fresh
    }
}

pub(crate) struct Fresh {
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) client: Client,
    pub(crate) url: String,
    /// Past the proxy, if there is one.
    direct: Option<String>,
    clock: AtomicU64,
    #[cfg(feature = "sabotage")]
    pub(crate) broken: Option<advance_collector::row::Protection>,
}

impl Fresh {
    pub(crate) fn connect(&self) -> BlockingPostgresStore {
        let mut options = PostgresOptions::new(&self.url).unwrap();
        if let Some(direct) = &self.direct {
            options = options.listen_at(direct).unwrap();
        }
        let store = options.connect_blocking().unwrap();
        #[cfg(feature = "sabotage")]
        let store = store.sabotaged(self.broken);
        store
    }

    /// The database's clock stands from now on.
    pub(crate) fn stop_clock(&self) {
        self.execute(
            "CREATE TABLE IF NOT EXISTS stopped AS SELECT 0::bigint AS now; \
             CREATE OR REPLACE FUNCTION advance_now() RETURNS bigint LANGUAGE sql VOLATILE AS 'SELECT now FROM stopped'",
        );
        Bench::set(self, Bench::now(self));
    }

    /// As a person would, in psql.
    pub(crate) fn execute(&self, statements: &str) {
        self.runtime
            .block_on(self.client.batch_execute(statements))
            .unwrap();
    }
}

impl Bench for Fresh {
    fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.connect())
    }

    fn now(&self) -> UnixMillis {
        UnixMillis::new(self.clock.load(Ordering::SeqCst))
    }

    /// Each step is a dozen questions to a server. The release's gate asks for all.
    fn steps(&self) -> u32 {
        if std::env::var_os("ADVANCE_LONG_LIFE").is_some() {
            1_500
        } else {
            300
        }
    }

    fn set(&self, now: UnixMillis) {
        self.clock.store(now.get(), Ordering::SeqCst);
        let now = now.get();
        self.execute(&format!("UPDATE stopped SET now = {now}"));
    }
}

impl RateBench for Fresh {
    fn open(&self) -> Arc<dyn RateStore> {
        Arc::new(self.connect())
    }

    fn set(&self, now: UnixMillis) {
        Bench::set(self, now);
    }
}

impl OutboxBench for Fresh {
    fn open(&self) -> Arc<dyn Outbox> {
        Arc::new(self.connect())
    }

    fn set(&self, now: UnixMillis) {
        Bench::set(self, now);
    }
}

impl tokens::Bench for Fresh {
    fn open(&self) -> Arc<dyn TokenStore> {
        Arc::new(self.connect())
    }

    fn now(&self) -> UnixMillis {
        Bench::now(self)
    }

    fn set(&self, now: UnixMillis) {
        Bench::set(self, now);
    }
}

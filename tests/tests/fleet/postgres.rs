//! The same over a real Postgres: twenty machines with fifty workers each, and four connections a machine, which the fifty share.

#[path = "../../../crates/advance-store-postgres/tests/cluster/mod.rs"]
mod cluster;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use advance_store_postgres::{PostgresOptions, PostgresStore};

use self::cluster::Cluster;
use crate::WORKERS;
use crate::crowd::{Crowd, Unwell};

const MACHINES: usize = 20;

const CONNECTIONS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);

/// Nothing on a machine without Postgres.
fn cluster() -> Option<Cluster> {
    Cluster::start("-c fsync=off").unwrap()
}

async fn machines(cluster: &Cluster) -> Vec<PostgresStore> {
    let mut stores = Vec::new();
    for _ in 0..MACHINES {
        let options = PostgresOptions::new(&cluster.url()).unwrap();
        let options = options.connections(CONNECTIONS).without_listening();
        stores.push(options.connect().await.unwrap());
    }
    stores
}

fn with_delay(stores: Vec<PostgresStore>, millis: u64) -> Vec<Arc<Unwell<PostgresStore>>> {
    let delay = Some(Duration::from_millis(millis));
    let unwell = |store| Arc::new(Unwell { store, delay });
    stores.into_iter().map(unwell).collect()
}

/// All come at once, and all are refused at once.
async fn one_token_for_all(delay_millis: u64) {
    let Some(cluster) = cluster() else { return };
    let stores = with_delay(machines(&cluster).await, delay_millis);
    let crowd = Crowd::new(WORKERS, &stores);
    for round in 1..=2 {
        assert_eq!(crowd.call().await, WORKERS, "round {round}");
        assert_eq!(
            (crowd.vendor.issued(), crowd.failures()),
            (round, 0),
            "round {round}"
        );
        crowd.vendor.revoke();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a client waits five seconds for its store, which a busy machine may not keep: a release gate runs it"]
async fn a_thousand_workers_on_twenty_machines_share_one_token() {
    one_token_for_all(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a client waits five seconds for its store, which a busy machine may not keep: a release gate runs it"]
async fn a_slow_database_costs_them_time_and_no_token() {
    one_token_for_all(300).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a client waits five seconds for its store, which a busy machine may not keep: a release gate runs it"]
async fn a_thousand_workers_whose_database_is_gone_go_on_alone() {
    let Some(cluster) = cluster() else { return };
    let stores: Vec<_> = machines(&cluster).await.into_iter().map(Arc::new).collect();
    cluster.crash().unwrap();
    let crowd = Crowd::new(WORKERS, &stores);
    for round in 1..=2 {
        assert_eq!(crowd.call().await, WORKERS);
        assert_eq!(
            crowd.vendor.issued() as usize,
            round * WORKERS,
            "each asked for its own"
        );
        crowd.vendor.revoke();
    }
    assert!(crowd.failures() as usize >= WORKERS, "each says so");
}

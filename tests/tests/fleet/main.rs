//! A thousand workers, each with a client of its own, and one store: together they ask for one token. The network is made up,
//! so that a thousand are cheap; the clients and the stores are those that ship.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

mod crowd;
#[cfg(unix)]
mod postgres;
mod vendor;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use advance_collector::OnThread;
use advance_core::client::MemoryTokenStore;
use advance_core::secret::AccessToken;
use advance_core::sharing::{AsyncTokenStore, Claimed, Setback, TokenClaim, TokenLease, TokenStoreError};
use advance_core::transport::{Failure, Limits};
use advance_core::{AsyncClient, AsyncTransport, Client, Now};
use advance_store_sqlite::SqliteStore;
use async_trait::async_trait;
use tokio::sync::Notify;

use self::crowd::{Unwell, fleet};
use self::vendor::{Line, Vendor, config, egress, id, keys};

const WORKERS: usize = 1_000;

fn memory() -> MemoryTokenStore {
    MemoryTokenStore::new(|| SystemTime::now().into())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_cold_workers_make_one_token_request_and_replace_it_once() {
    let cold = fleet(WORKERS, memory(), false).await;
    assert_eq!((cold.issued, cold.succeeded), (1, WORKERS));
    let refused = fleet(WORKERS, memory(), true).await;
    assert_eq!((refused.issued, refused.succeeded), (2, WORKERS));
    assert_eq!(refused.failures_of_the_store, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_store_costs_time_and_no_token() {
    let slow = Unwell {
        store: memory(),
        delay: Some(Duration::from_millis(300)),
    };
    let ended = fleet(WORKERS, slow, true).await;
    assert_eq!((ended.issued, ended.succeeded), (2, WORKERS));
    assert_eq!(ended.failures_of_the_store, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_store_each_worker_goes_on_alone_and_says_so() {
    let gone = Unwell {
        store: memory(),
        delay: None,
    };
    let ended = fleet(WORKERS, gone, true).await;
    assert_eq!(ended.succeeded, WORKERS);
    let all = u32::try_from(WORKERS).unwrap();
    assert_eq!(ended.issued, 2 * all, "each asked for one, and replaced it");
    assert!(ended.failures_of_the_store >= all, "each says so");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_on_a_thread_of_its_own_does_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("tokens.db")).unwrap();
    let ended = fleet(100, OnThread::new(store).unwrap(), true).await;
    assert_eq!((ended.issued, ended.succeeded), (2, 100));
    assert_eq!(ended.failures_of_the_store, 0);
}

#[test]
fn threads_with_handles_of_their_own_to_one_file_make_one_token_request() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.db");
    let vendor = Vendor::new();
    let clients: Vec<_> = (0..16)
        .map(|seed| {
            let store = SqliteStore::open(&path).unwrap();
            Client::new(Line(Arc::clone(&vendor)), config(), keys(), seed).with_token_store(store, egress())
        })
        .collect();
    for round in 1..=2 {
        std::thread::scope(|scope| {
            for client in &clients {
                scope.spawn(|| client.get_result(&id()).unwrap());
            }
        });
        assert_eq!(vendor.issued(), round, "round {round}");
        vendor.revoke();
    }
}

/// Never answers.
struct Silent;

#[async_trait]
impl AsyncTokenStore for Silent {
    async fn claim(&self, _: &TokenClaim, _: Duration) -> Result<Claimed, TokenStoreError> {
        std::future::pending().await
    }

    async fn publish(
        &self,
        _: &TokenLease,
        _: &AccessToken,
        _: Duration,
        _: Duration,
    ) -> Result<bool, TokenStoreError> {
        std::future::pending().await
    }

    async fn give_back(
        &self,
        _: &TokenLease,
        _: Option<&Setback>,
        _: Duration,
    ) -> Result<(), TokenStoreError> {
        std::future::pending().await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_never_answers_is_given_a_part_of_the_calls_time() {
    let vendor = Vendor::new();
    let client =
        AsyncClient::new(Line(Arc::clone(&vendor)), config(), keys(), 7).with_token_store(Silent, egress());
    let hasty = client.with_total(Duration::from_secs(4));
    assert!(hasty.get_result(&id()).await.is_ok());
    assert_eq!(vendor.issued(), 1);
}

/// A network that swallows what is sent, and says when that was.
struct Abyss(Arc<Vendor>, Arc<Notify>);

#[async_trait]
impl AsyncTransport for Abyss {
    async fn send(&self, _: http::Request<Vec<u8>>, _: &Limits) -> Result<http::Response<Vec<u8>>, Failure> {
        self.1.notify_one();
        std::future::pending().await
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn now(&self) -> Now {
        self.0.now()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_is_dropped_while_it_leads_is_followed_by_another() {
    let (vendor, store, asks) = (Vendor::new(), Arc::new(memory()), Arc::new(Notify::new()));
    // A lease is as long as an attempt and the time that the store has to answer, and a second.
    let config = || config().attempt_timeout(Duration::from_secs(1));
    let abyss = Abyss(Arc::clone(&vendor), Arc::clone(&asks));
    let doomed = AsyncClient::new(abyss, config(), keys(), 1).with_token_store(Arc::clone(&store), egress());
    let call = tokio::spawn(async move { doomed.get_result(&id()).await.is_ok() });
    asks.notified().await;
    call.abort();
    assert!(call.await.is_err(), "it was dropped");
    let next =
        AsyncClient::new(Line(Arc::clone(&vendor)), config(), keys(), 2).with_token_store(store, egress());
    assert!(next.get_result(&id()).await.is_ok());
    assert_eq!(vendor.issued(), 1);
}

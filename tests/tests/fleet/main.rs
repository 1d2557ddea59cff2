//! A thousand workers, each with a client of its own, and one store: together they ask for one token. The network is made up,
//! so that a thousand are cheap; the clients and the stores are those that ship.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use advance_collector::OnThread;
use advance_core::client::MemoryTokenStore;
use advance_core::secret::AccessToken;
use advance_core::session::Event;
use advance_core::sharing::{
    AsyncTokenStore, Claimed, Egress, Setback, TokenClaim, TokenLease, TokenStore, TokenStoreError,
    TokenStoreErrorKind,
};
use advance_core::transport::{Failure, Limits, Transport};
use advance_core::{AsyncClient, AsyncTransport, Client, Config, Credentials, Now, RetryPolicy, SignatureId};
use advance_store_sqlite::SqliteStore;
use async_trait::async_trait;
use tokio::sync::Notify;
use tokio::task::JoinSet;

const WORKERS: usize = 1_000;

/// The vendor, and the way to it.
struct Vendor {
    began: Instant,
    alive: Mutex<BTreeSet<String>>,
    issued: AtomicU32,
}

impl Vendor {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            began: Instant::now(),
            alive: Mutex::default(),
            issued: AtomicU32::new(0),
        })
    }

    fn now(&self) -> Now {
        Now::new(SystemTime::now(), self.began.elapsed())
    }

    /// All tokens are dead from now on.
    fn revoke(&self) {
        self.alive.lock().unwrap().clear();
    }

    fn issued(&self) -> u32 {
        self.issued.load(Ordering::SeqCst)
    }

    fn answer(&self, request: &http::Request<Vec<u8>>) -> http::Response<Vec<u8>> {
        let said = |code: &str, data: &str| {
            format!(r#"{{"code":"{code}","message":"","data":{data},"extra":null,"pricingStrategy":"FREE"}}"#)
        };
        let mut alive = self.alive.lock().unwrap();
        let body = match request.headers().get("x-access-token") {
            None => {
                let token = format!("token-{}", self.issued.fetch_add(1, Ordering::SeqCst) + 1);
                let ends = self.now().wall.saturating_add(Duration::from_secs(3_600));
                let data = format!(r#"{{"token":"{token}","expiredTime":{}}}"#, ends.get());
                alive.insert(token);
                said("SUCCESS", &data)
            }
            Some(token) if alive.contains(token.to_str().unwrap()) => {
                said("SUCCESS", r#"{"idvCode":"SUCCESS"}"#)
            }
            Some(_) => said("IAM_FAILED", "null"),
        };
        http::Response::new(body.into_bytes())
    }
}

/// What a round trip takes: for a token, long enough that everybody comes meanwhile.
fn takes(request: &http::Request<Vec<u8>>) -> Duration {
    let asks_for_a_token = !request.headers().contains_key("x-access-token");
    Duration::from_millis(if asks_for_a_token { 150 } else { 5 })
}

struct Line(Arc<Vendor>);

#[async_trait]
impl AsyncTransport for Line {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        _: &Limits,
    ) -> Result<http::Response<Vec<u8>>, Failure> {
        tokio::time::sleep(takes(&request)).await;
        Ok(self.0.answer(&request))
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn now(&self) -> Now {
        self.0.now()
    }
}

impl Transport for Line {
    fn send(&self, request: http::Request<Vec<u8>>, _: &Limits) -> Result<http::Response<Vec<u8>>, Failure> {
        std::thread::sleep(takes(&request));
        Ok(self.0.answer(&request))
    }

    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }

    fn now(&self) -> Now {
        self.0.now()
    }
}

/// A store on a bad day.
struct Unwell {
    store: MemoryTokenStore,
    /// How long it takes for each answer; none if it gives none.
    delay: Option<Duration>,
}

impl Unwell {
    async fn day(&self) -> Result<(), TokenStoreError> {
        match self.delay {
            Some(delay) => {
                tokio::time::sleep(delay).await;
                Ok(())
            }
            None => Err(TokenStoreError::new(TokenStoreErrorKind::Unavailable)),
        }
    }
}

#[async_trait]
impl AsyncTokenStore for Unwell {
    async fn claim(&self, claim: &TokenClaim, within: Duration) -> Result<Claimed, TokenStoreError> {
        self.day().await?;
        TokenStore::claim(&self.store, claim, within)
    }

    async fn publish(
        &self,
        lease: &TokenLease,
        token: &AccessToken,
        life: Duration,
        within: Duration,
    ) -> Result<bool, TokenStoreError> {
        self.day().await?;
        TokenStore::publish(&self.store, lease, token, life, within)
    }

    async fn give_back(
        &self,
        lease: &TokenLease,
        setback: Option<&Setback>,
        within: Duration,
    ) -> Result<(), TokenStoreError> {
        self.day().await?;
        TokenStore::give_back(&self.store, lease, setback, within)
    }
}

fn memory() -> MemoryTokenStore {
    MemoryTokenStore::new(|| SystemTime::now().into())
}

/// The machine that runs this may be busy: no call runs out of time here.
fn config() -> Config {
    Config::new().retry(RetryPolicy::new().total(Duration::from_secs(120)))
}

fn keys() -> Credentials {
    Credentials::new("7c1f9ab04e6d2835", "e93b57d10af8c264").unwrap()
}

fn egress() -> Egress {
    Egress::new("here").unwrap()
}

fn id() -> SignatureId {
    SignatureId::new("f302f5d2454a85c2").unwrap()
}

/// What came of a fleet.
struct Ended {
    issued: u32,
    succeeded: usize,
    failures_of_the_store: u32,
}

/// So many workers come at once; when all have been served, every token is revoked if that is wanted, and all call again.
async fn fleet(workers: usize, store: impl AsyncTokenStore + 'static, revoke: bool) -> Ended {
    let (vendor, store) = (Vendor::new(), Arc::new(store));
    let failures = Arc::new(AtomicU32::new(0));
    let clients: Vec<_> = (0..workers)
        .map(|seed| {
            let failures = Arc::clone(&failures);
            AsyncClient::new(Line(Arc::clone(&vendor)), config(), keys(), seed as u64)
                .with_token_store(Arc::clone(&store), egress())
                .with_observer(move |event: &Event| {
                    if let Event::TokenStoreFailed { .. } = event {
                        failures.fetch_add(1, Ordering::SeqCst);
                    }
                })
        })
        .collect();
    let mut succeeded = 0;
    for round in 0..=usize::from(revoke) {
        if round == 1 {
            vendor.revoke();
        }
        let mut calls = JoinSet::new();
        for client in &clients {
            let client = client.clone();
            calls.spawn(async move { client.get_result(&id()).await.is_ok() });
        }
        succeeded = calls.join_all().await.into_iter().filter(|ok| *ok).count();
    }
    Ended {
        issued: vendor.issued(),
        succeeded,
        failures_of_the_store: failures.load(Ordering::SeqCst),
    }
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

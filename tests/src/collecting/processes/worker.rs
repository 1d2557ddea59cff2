//! One worker: what an application's own would be.

use std::error::Error;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use advance_collector::{Collector, Event, Pace, Policy, Stop, Store};
use advance_core::{BaseUrl, Client, Config, Credentials, RetryPolicy, Transport, UnixMillis};
use advance_store_sqlite::SqliteStore;

use super::server::millis;
use crate::collecting::Sabotage;

/// How long an attempt may be silent in these tests: a call of two seconds, and three more.
pub(super) const LEASE: Duration = Duration::from_secs(5);

/// How many verifications a worker of these tests works on at a time.
pub(super) const AT_A_TIME: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);

/// Opens the store as every process of a test does: the clock can be moved for all of them by a file beside it.
pub(super) fn open(path: &Path, sabotage: Option<Sabotage>) -> Result<SqliteStore, Box<dyn Error>> {
    let store = SqliteStore::open(path)?;
    #[cfg(feature = "sabotage")]
    let store = store.sabotaged(sabotage);
    #[cfg(not(feature = "sabotage"))]
    let _ = sabotage;
    let ahead = path.with_extension("ahead");
    Ok(store.with_clock(move || {
        let ahead = fs::read_to_string(&ahead).ok().and_then(|text| text.parse().ok());
        UnixMillis::new(millis() + ahead.unwrap_or(0))
    }))
}

/// Collects until it is killed.
///
/// # Errors
/// Of the store, the account or the file of what was told.
pub fn worker(store: &Path, base: &str, sabotage: Option<Sabotage>) -> Result<(), Box<dyn Error>> {
    let transport = advance_ureq::UreqTransport::new()?;
    collect(
        open(store, sabotage)?,
        transport,
        store.with_extension("told"),
        base,
    )
}

/// Collects over this store and this transport, and writes down what is told.
pub(super) fn collect(
    store: impl Store,
    transport: impl Transport + Send + Sync,
    told: PathBuf,
    base: &str,
) -> Result<(), Box<dyn Error>> {
    let config = Config::new()
        .base_url(BaseUrl::with_loopback(base)?)
        .retry(RetryPolicy::new().total(Duration::from_secs(2)));
    let credentials = Credentials::new("sampleaccesskey", "samplesecretkey")?;
    let client = Client::new(transport, config, credentials, u64::from(std::process::id()));
    let policy = Policy::new()
        .wait(|wait| {
            wait.backoff(Duration::from_millis(500), Duration::from_secs(4))
                .charged_polls(1_000)
        })
        .call_within(Duration::from_secs(2))
        .silent_for(LEASE.saturating_sub(Duration::from_secs(2)));
    let collector = Collector::new(client, store, policy).tell(move |event: &Event| tell(&told, event));
    let pace = Pace::new()
        .concurrency(AT_A_TIME)
        .claims_for(Duration::from_secs(3));
    collector.run(pace, &Stop::new())?;
    Ok(())
}

fn tell(told: &PathBuf, event: &Event) -> Result<(), Box<dyn Error + Send + Sync>> {
    let line = format!("{} {}\n", event.id(), event.conclusion.ending);
    let mut file = OpenOptions::new().append(true).create(true).open(told)?;
    file.write_all(line.as_bytes())?;
    Ok(())
}

//! Settles a second, by how many rows there are and how many workers.

use std::error::Error;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use advance_collector::{
    AttemptId, Conclusion, Ending, Intent, Pending, Settlement, Store, StoreError, Then, Wanted,
};
use advance_core::{Charges, SignatureId};
use advance_store_postgres::PostgresOptions;

use super::cluster::Cluster;

/// Measures with so many rows beside those that are settled, by so many workers with a connection each.
///
/// # Errors
/// Of the store.
#[expect(clippy::print_stdout, reason = "what was measured")]
pub fn fleet_speed(rows: u64, workers: u32) -> Result<(), Box<dyn Error>> {
    const SETTLES: u32 = 4_000;
    let Some(cluster) = Cluster::start("-c max_connections=200 -c shared_buffers=512MB -c max_wal_size=4GB")?
    else {
        return Ok(());
    };
    let options = PostgresOptions::new(&cluster.url())?
        .connections(NonZeroUsize::MIN)
        .patience(Duration::from_secs(600))
        .without_listening();
    let store = options.clone().connect_blocking()?;
    fill(&store, "later", rows, Duration::from_secs(40_000))?;
    fill(&store, "now", SETTLES.into(), Duration::ZERO)?;
    let stores: Result<Vec<_>, _> = (0..workers).map(|_| options.clone().connect_blocking()).collect();
    let attempts = AtomicU64::new(0);
    let begun = Instant::now();
    thread::scope(|scope| {
        let workers: Vec<_> = stores?
            .into_iter()
            .map(|store| {
                let attempts = &attempts;
                scope.spawn(move || work(&store, attempts))
            })
            .collect();
        workers.into_iter().try_for_each(|worker| {
            let done = worker.join().map_err(|_| "a worker panicked")?;
            done.map_err(Box::<dyn Error>::from)
        })
    })?;
    let took = begun.elapsed();
    let settled = attempts.load(Ordering::SeqCst);
    println!(
        "{rows} rows, {workers} workers: {:.0} settles a second, each with its intent ({settled} in {:.1} s)",
        f64::from(u32::try_from(settled)?) / took.as_secs_f64(),
        took.as_secs_f64(),
    );
    Ok(())
}

fn work(store: &dyn Store, attempts: &AtomicU64) -> Result<(), StoreError> {
    const LEASE: Duration = Duration::from_secs(60);
    loop {
        let claims = store.claim(&Wanted::new(8, LEASE))?;
        if claims.is_empty() {
            return Ok(());
        }
        for claim in claims {
            let attempt = AttemptId::new(u128::from(attempts.fetch_add(1, Ordering::SeqCst)));
            let _ = store.intend(&Intent::new(&claim, attempt, true, LEASE))?;
            let then = Then::Ended(Conclusion::of(Ending::Finished), Vec::new());
            store.settle(attempt, &Settlement::new(Charges::NONE, then))?;
        }
    }
}

fn fill(store: &dyn Store, name: &str, rows: u64, after: Duration) -> Result<(), Box<dyn Error>> {
    let ids: Vec<u64> = (0..rows).collect();
    for ids in ids.chunks(20_000) {
        let pending: Result<Vec<_>, _> = ids
            .iter()
            // Spread as the vendor's are.
            .map(|number| format!("{:016x}{name}", number.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
            .map(|id| SignatureId::new(id).map(|id| Pending::of(id).first_after(after)))
            .collect();
        store.add(&pending?)?;
    }
    Ok(())
}

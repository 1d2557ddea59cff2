//! Settles a second, by how many rows there are, and what a worker's memory does meanwhile.

use std::error::Error;
use std::fs;
use std::time::{Duration, Instant};

use advance_collector::{AttemptId, Conclusion, Ending, Intent, Pending, Settlement, Store, Then, Wanted};
use advance_core::{Charges, SignatureId};
use advance_store_sqlite::SqliteStore;

/// Measures with so many rows beside those that are settled.
///
/// # Errors
/// Of the store.
#[expect(clippy::print_stdout, reason = "what was measured")]
pub fn speed(rows: u64) -> Result<(), Box<dyn Error>> {
    const SETTLES: u32 = 2_000;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("store.db");
    let store = SqliteStore::open(&path)?;
    let begun = Instant::now();
    fill(&store, "later", rows, Duration::from_secs(40_000))?;
    let filled = begun.elapsed();
    fill(&store, "now", SETTLES.into(), Duration::ZERO)?;
    let (begun, before) = (Instant::now(), memory());
    let mut attempts = 0;
    loop {
        let claims = store.claim(&Wanted::new(8, Duration::from_secs(60)))?;
        if claims.is_empty() {
            break;
        }
        for claim in claims {
            attempts += 1;
            let attempt = AttemptId::new(attempts);
            let _ = store.intend(&Intent::new(&claim, attempt, true, Duration::from_secs(60)))?;
            let then = Then::Ended(Conclusion::of(Ending::Finished), Vec::new());
            store.settle(attempt, &Settlement::new(Charges::NONE, then))?;
        }
    }
    let took = begun.elapsed();
    let status = Instant::now();
    store.status()?;
    println!(
        "{rows} rows (added in {:.1} s, {} MiB): {:.0} settles a second, each with its intent; status in {:.0} ms; memory {} KiB before, {} KiB after",
        filled.as_secs_f32(),
        fs::metadata(&path)?.len() >> 20,
        f64::from(SETTLES) / took.as_secs_f64(),
        status.elapsed().as_secs_f64() * 1_000.0,
        before,
        memory(),
    );
    Ok(())
}

fn fill(store: &SqliteStore, name: &str, rows: u64, after: Duration) -> Result<(), Box<dyn Error>> {
    // Ids are spread as the vendor's are, and added in the table's order: filling is not what is measured, and in no order
    // each transaction would write most of the table's pages.
    let mut ids: Vec<u64> = (0..rows)
        .map(|number| number.wrapping_mul(0x9E37_79B9_7F4A_7C15))
        .collect();
    ids.sort_unstable();
    for ids in ids.chunks(10_000) {
        let pending: Result<Vec<_>, _> = ids
            .iter()
            .map(|id| SignatureId::new(format!("{id:016x}{name}")))
            .map(|id| id.map(|id| Pending::of(id).first_after(after)))
            .collect();
        store.add(&pending?)?;
    }
    Ok(())
}

/// What this process holds, in KiB.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

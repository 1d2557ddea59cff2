//! A power cut: the file is copied at every sync, and opened again as it was when a request came.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use advance_collector::{Pending, State, Store};
use advance_core::SignatureId;

use super::server::{Server, millis};
use super::worker::open;
use crate::collecting::vendor::{Charging, Shop};

/// A library that copies a store after each of its syncs; see the file.
const SHIM: &str = include_str!("sync_shim.c");

/// A request as it was answered: after which sync, for which id, and how often that had been charged then.
type Seen = (u64, String, u64);

/// Runs one worker, and opens what a power cut at each request would have left.
///
/// # Errors
/// `uncounted-charge`, or what kept the run from its end.
pub fn power(ids: u64, sabotage: Option<&str>) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let (path, copies) = (folder.path().join("store.db"), folder.path().join("copies"));
    fs::create_dir(&copies)?;
    let shim = build(folder.path())?;
    let store = open(&path, None)?;
    for number in 0..ids {
        let id = SignatureId::new(format!("{number:016x}"))?;
        store.add(&[Pending::of(id).first_after(Duration::ZERO)])?;
    }
    let seen = Arc::new(Mutex::new(Vec::<Seen>::new()));
    let (noted, latest) = (Arc::clone(&seen), copies.join("latest"));
    let watch = move |shop: &Shop, id: &str| {
        let sync = fs::read_to_string(&latest)
            .ok()
            .and_then(|text| text.trim().parse().ok());
        let entry = (sync.unwrap_or(0), id.to_owned(), shop.charged(id).pay);
        noted.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    };
    let server = Server::start(
        |_| Shop::new(Charging::PerPoll, millis(), 1_000),
        false,
        Box::new(watch),
    )?;
    let mut worker = Command::new(std::env::current_exe()?);
    worker
        .arg("worker")
        .arg(&path)
        .arg(&server.base)
        .args(sabotage)
        .stdout(Stdio::null());
    let mut worker = worker
        .env("LD_PRELOAD", &shim)
        .env("SYNC_COPIES", &copies)
        .spawn()?;
    let limit = Instant::now() + Duration::from_secs(120);
    while !store.rest()?.is_done() && Instant::now() < limit {
        thread::sleep(Duration::from_millis(100));
    }
    worker.kill()?;
    worker.wait()?;
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    let uncounted = seen
        .iter()
        .map(|one| is_uncounted(&copies, one))
        .collect::<Result<Vec<_>, _>>()?;
    let bad = uncounted.iter().filter(|bad| **bad).count();
    report(seen.len(), &copies, bad);
    if seen.is_empty() || bad > 0 {
        Err("uncounted-charge".into())
    } else {
        Ok(())
    }
}

#[expect(clippy::print_stdout, reason = "what was measured")]
fn report(requests: usize, copies: &Path, bad: usize) {
    let syncs = fs::read_to_string(copies.join("latest")).unwrap_or_default();
    println!(
        "power: {requests} requests, {} syncs, {bad} uncounted after a power cut",
        syncs.trim()
    );
}

/// Whether the copy knows less than was charged.
fn is_uncounted(copies: &Path, (sync, id, pay): &Seen) -> Result<bool, Box<dyn Error>> {
    let copy = copies.join(sync.to_string()).join("store.db");
    if !copy.exists() {
        // Nothing was synced before the request went out.
        return Ok(*pay > 0);
    }
    let record = open(&copy, None)?.get(&SignatureId::new(id.as_str())?)?;
    let record = record.ok_or("the copy does not have the verification")?;
    let known = record.charges.pay + record.charges.unknown + u64::from(record.state == State::Asking);
    Ok(*pay > known)
}

fn build(folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let (source, library) = (folder.join("sync_shim.c"), folder.join("sync_shim.so"));
    fs::write(&source, SHIM)?;
    let mut compiler = Command::new("cc");
    compiler
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&library)
        .arg(&source)
        .arg("-ldl");
    if compiler.status()?.success() {
        Ok(library)
    } else {
        Err("cc failed".into())
    }
}

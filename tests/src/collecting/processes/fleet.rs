//! Workers with clocks of their own on one Postgres: killed, stopped and cut off, and the database crashes under them.

#[path = "../../../../crates/advance-store-postgres/tests/cluster/mod.rs"]
mod cluster;
mod proxy;
mod scenes;
mod speed;

use std::error::Error;
use std::fs;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use advance_collector::rate::{MemoryRates, Paced, Rate, RateStore};
use advance_collector::{Pending, Rest, Store, StoreError};
use advance_core::{BaseUrl, SignatureId};
use advance_store_postgres::{BlockingPostgresStore, PostgresOptions};
use cluster::Cluster;
use proxy::Proxy;

pub use scenes::fleet_scenes;
pub use speed::fleet_speed;

use super::check;
use super::server::{Server, millis};
use super::worker::{AT_A_TIME, LEASE, collect};
use crate::collecting::Sabotage;
use crate::collecting::vendor::{Charging, Shop};
use crate::simulation::dice::Dice;

/// How wild it gets.
#[derive(Clone, Copy, Debug)]
pub struct Fleet {
    /// How many verifications.
    pub ids: u64,
    /// How many workers at a time. Every second one has a clock that is an hour off.
    pub workers: u32,
    /// How many times one is killed.
    pub kills: u32,
    /// How many times the database crashes.
    pub crashes: u32,
    /// How many times one is stopped past its lease and continued.
    pub stops: u32,
    /// How many requests a second all together may send.
    pub rate: NonZeroU32,
    /// What the vendor charges.
    pub charging: Charging,
}

/// The sabotage that leaves each worker to keep the rate by itself.
pub const PACE: &str = "pace";

/// For how long the vendor asks to be left alone, once.
const BUSY: Duration = Duration::from_secs(4);

/// How long a worker of these tests waits for the database.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether this machine has a Postgres to start.
pub fn has_postgres() -> bool {
    cluster::binaries().is_some()
}

/// Opens the store at this address. A database that is not there yet is waited for, as an application's supervisor does.
fn open(url: &str) -> Result<BlockingPostgresStore, Box<dyn Error>> {
    let limit = Instant::now() + Duration::from_secs(120);
    loop {
        match PostgresOptions::new(url)?.patience(PATIENCE).connect_blocking() {
            Ok(store) => return Ok(store),
            Err(error) if Instant::now() > limit => return Err(error.into()),
            Err(_) => thread::sleep(Duration::from_millis(200)),
        }
    }
}

/// What a worker is told.
#[derive(Clone, Debug)]
pub struct FleetWorker {
    /// Where the store is.
    pub url: String,
    /// The file of what was told.
    pub told: PathBuf,
    /// The vendor's address.
    pub base: String,
    /// How many requests a second all together may send.
    pub rate: NonZeroU32,
    /// The protection that it does without.
    pub sabotage: Option<Sabotage>,
    /// Whether it shares the pace with the others.
    pub shares_pace: bool,
}

impl FleetWorker {
    /// Collects until it is killed.
    ///
    /// # Errors
    /// Of the store, the account or the file of what was told.
    pub fn run(self) -> Result<(), Box<dyn Error>> {
        let store = open(&self.url)?;
        #[cfg(feature = "sabotage")]
        let store = store.sabotaged(self.sabotage);
        let store = Arc::new(store);
        if self.shares_pace {
            self.collect(&store, Arc::clone(&store))
        } else {
            self.collect(&store, MemoryRates::new())
        }
    }

    fn collect(
        &self,
        store: &Arc<BlockingPostgresStore>,
        rates: impl RateStore,
    ) -> Result<(), Box<dyn Error>> {
        let (base, rate) = (BaseUrl::with_loopback(&self.base)?, Rate::per_second(self.rate));
        let transport = Paced::new(advance_ureq::UreqTransport::new()?, &base, rates, "fleet", rate);
        collect(
            Arc::clone(store),
            transport.strictly(),
            self.told.clone(),
            &self.base,
        )
    }
}

/// Runs it, and says what did not hold.
///
/// # Errors
/// The names of the invariants that did not hold, or what kept the run from its end.
#[expect(clippy::print_stdout, reason = "what was measured")]
pub fn fleet(fleet: Fleet, sabotage: Option<&str>) -> Result<(), Box<dyn Error>> {
    let Some(cluster) = Cluster::start("")? else {
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let told = folder.path().join("fleet.told");
    let store = open(&cluster.url())?;
    let ids: Result<Vec<_>, _> = (0..fleet.ids)
        .map(|number| {
            SignatureId::new(format!("{number:016x}")).map(|id| Pending::of(id).first_after(Duration::ZERO))
        })
        .collect();
    store.add(&ids?)?;
    let server = Server::start(
        |_| Shop::new(fleet.charging, millis(), 3_000),
        true,
        Box::new(|_, _| {}),
    )?;
    server.journal(|journal| journal.is_to_be_busy(20, BUSY));
    let proxy = Proxy::start(cluster.folder().join(".s.PGSQL.5432"))?;
    let begun = Instant::now();
    let mut workers = Workers {
        url: format!(
            "host=127.0.0.1 port={} user=advance dbname=postgres sslmode=disable",
            proxy.port
        ),
        told: told.clone(),
        base: server.base.clone(),
        rate: fleet.rate,
        sabotage: sabotage.map(str::to_owned),
        faketime: faketime(),
        running: Vec::new(),
        dice: Dice::new(millis(), 5),
    };
    for number in 0..fleet.workers {
        let worker = workers.spawn(number)?;
        workers.running.push(worker);
    }
    // In quiet times, for a worker that hears of it is not to be killed before it has told the others.
    let limit = Instant::now() + Duration::from_secs(120);
    while !server.journal(|journal| journal.was_busy(Instant::now())) && Instant::now() < limit {
        thread::sleep(Duration::from_millis(100));
    }
    workers.trouble(fleet, &cluster, &proxy, &store)?;
    proxy.calm();
    let at_the_rate = 10 * fleet.ids / u64::from(fleet.rate.get());
    let limit = Instant::now() + Duration::from_secs(240 + fleet.ids / 20 + at_the_rate);
    while !left(&store)?.is_done() {
        if Instant::now() > limit {
            return Err("never-ends".into());
        }
        thread::sleep(Duration::from_millis(100));
    }
    drop(workers);
    let mut findings = server.with(|shop| check::look(&store, shop, &told))?;
    let in_hand = u32::try_from(AT_A_TIME.get())?;
    let requests = server.journal(|journal| {
        findings.above_the_rate = journal.above(Duration::from_secs(1) / fleet.rate.get(), in_hand);
        findings.hold_ignored = journal.ignored();
        journal.count()
    });
    println!(
        "{fleet:?}\n{findings:?}\n{requests} requests; {} connections cut between commit and answer; {:.1} s",
        proxy.cuts(),
        begun.elapsed().as_secs_f32()
    );
    match findings.broken()[..] {
        [] => Ok(()),
        ref names => Err(names.join(", ").into()),
    }
}

/// What is left to do. The database may have crashed a moment ago.
fn left(store: &dyn Store) -> Result<Rest, StoreError> {
    let limit = Instant::now() + Duration::from_secs(60);
    loop {
        match store.rest() {
            Err(_) if Instant::now() < limit => thread::sleep(Duration::from_millis(100)),
            answer => return answer,
        }
    }
}

/// The library that shifts a process's clock, if this machine has it.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn faketime() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let mut libraries = folders.map(|folder| folder.path().join("faketime/libfaketime.so.1"));
    let found = libraries.find(|library| library.is_file());
    if found.is_none() {
        eprintln!("SKIPPED: there is no faketime on this machine, so all workers have its clock");
    }
    found
}

struct Workers {
    url: String,
    told: PathBuf,
    base: String,
    rate: NonZeroU32,
    sabotage: Option<String>,
    faketime: Option<PathBuf>,
    running: Vec<Child>,
    dice: Dice,
}

impl Workers {
    fn spawn(&self, number: u32) -> std::io::Result<Child> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(["fleet-worker", &self.url])
            .arg(&self.told)
            .arg(&self.base)
            .arg(self.rate.to_string())
            .args(self.sabotage.iter())
            .stdout(Stdio::null());
        if let Some(library) = &self.faketime {
            let off = ["+0", "+3600", "+0", "-3600"][number as usize % 4];
            command
                .env("LD_PRELOAD", library)
                .env("FAKETIME", off)
                .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
        command.spawn()
    }

    fn one(&mut self) -> usize {
        usize::try_from(self.dice.below(self.running.len() as u64)).unwrap_or(0)
    }

    fn trouble(
        &mut self,
        fleet: Fleet,
        cluster: &Cluster,
        proxy: &Proxy,
        store: &dyn Store,
    ) -> Result<(), Box<dyn Error>> {
        let rounds = fleet.kills.max(fleet.crashes).max(fleet.stops).max(1);
        // Spread over the run: the how-manyth of so many is due in this round.
        let due = |round: u32, count: u32| (round + 1) * count / rounds > round * count / rounds;
        for round in 0..rounds {
            thread::sleep(self.dice.millis(100, 700));
            if due(round, fleet.kills) {
                let who = self.one();
                self.running[who].kill()?;
                self.running[who].wait()?;
                self.running[who] = self.spawn(u32::try_from(who)?)?;
            }
            if due(round, fleet.crashes) {
                cluster.crash()?;
                thread::sleep(self.dice.millis(0, 1_500));
                cluster.resume()?;
            }
            if due(round, fleet.stops) {
                self.stop_and_continue()?;
                // All lose the database at once, and no connection is closed.
                proxy.partition(PATIENCE + Duration::from_secs(1));
            }
            if left(store)?.is_done() {
                break;
            }
        }
        Ok(())
    }

    fn stop_and_continue(&mut self) -> Result<(), Box<dyn Error>> {
        let who = self.one();
        let pid = self.running[who].id().to_string();
        let signal = |name: &str| Command::new("kill").args([name, pid.as_str()]).status();
        signal("-STOP")?;
        thread::sleep(LEASE + Duration::from_millis(1_500));
        signal("-CONT")?;
        Ok(())
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        for worker in &mut self.running {
            // It may have ended by itself.
            drop(worker.kill());
            drop(worker.wait());
        }
    }
}

//! Three processes on one file, killed at random.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use advance_collector::{Pending, Store};
use advance_core::SignatureId;

use super::check::{self, Findings};
use super::server::{Server, millis};
use super::worker::{LEASE, open};
use crate::collecting::vendor::{Charging, Shop};
use crate::simulation::dice::Dice;

/// How wild it gets.
#[derive(Clone, Copy, Debug)]
pub struct Chaos {
    /// How many verifications.
    pub ids: u64,
    /// How many times a process is killed.
    pub kills: u32,
    /// How many times one is stopped past its lease and continued.
    pub stops: u32,
    /// What the vendor charges.
    pub charging: Charging,
    /// Whether the store's clock jumps by two hours in the middle.
    pub sleeps: bool,
}

const WORKERS: usize = 3;

/// Runs it, and says what did not hold.
///
/// # Errors
/// The names of the invariants that did not hold, or what kept the run from its end.
pub fn chaos(chaos: Chaos, sabotage: Option<&str>) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("store.db");
    let store = open(&path, None)?;
    let pending: Result<Vec<_>, _> = (0..chaos.ids)
        .map(|number| {
            SignatureId::new(format!("{number:016x}")).map(|id| Pending::of(id).first_after(Duration::ZERO))
        })
        .collect();
    store.add(&pending?)?;
    let server = Server::start(
        |_| Shop::new(chaos.charging, millis(), 3_000),
        true,
        Box::new(|_, _| {}),
    )?;
    let begun = Instant::now();
    let mut workers = Workers::start(&path, &server.base, sabotage)?;
    workers.trouble(chaos, &path, &store)?;
    let limit = Instant::now() + Duration::from_secs(300 + chaos.ids / 20);
    while !store.rest()?.is_done() {
        if Instant::now() > limit {
            return Err("never-ends".into());
        }
        thread::sleep(Duration::from_millis(100));
    }
    drop(workers);
    let findings = server.with(|shop| check::look(&store, shop, &path))?;
    report(chaos, &findings, begun.elapsed());
    match findings.broken()[..] {
        [] => Ok(()),
        ref names => Err(names.join(", ").into()),
    }
}

#[expect(clippy::print_stdout, reason = "what was measured")]
fn report(chaos: Chaos, findings: &Findings, took: Duration) {
    println!("{chaos:?}\n{findings:?}\n{:.1} s", took.as_secs_f32());
}

struct Workers {
    path: PathBuf,
    base: String,
    sabotage: Option<String>,
    running: Vec<Child>,
    dice: Dice,
}

impl Workers {
    fn start(path: &Path, base: &str, sabotage: Option<&str>) -> Result<Self, Box<dyn Error>> {
        let mut workers = Self {
            path: path.to_owned(),
            base: base.to_owned(),
            sabotage: sabotage.map(str::to_owned),
            running: Vec::new(),
            dice: Dice::new(millis(), 5),
        };
        for _ in 0..WORKERS {
            let worker = workers.spawn()?;
            workers.running.push(worker);
        }
        Ok(workers)
    }

    fn spawn(&self) -> std::io::Result<Child> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg("worker")
            .arg(&self.path)
            .arg(&self.base)
            .stdout(Stdio::null());
        command.args(self.sabotage.iter());
        command.spawn()
    }

    fn one(&mut self) -> usize {
        usize::try_from(self.dice.below(WORKERS as u64)).unwrap_or(0)
    }

    fn trouble(&mut self, chaos: Chaos, path: &Path, store: &dyn Store) -> Result<(), Box<dyn Error>> {
        let stops = chaos.stops.max(1);
        for round in 0..chaos.kills.max(stops) {
            thread::sleep(self.dice.millis(100, 700));
            if round < chaos.kills {
                let who = self.one();
                self.running[who].kill()?;
                self.running[who].wait()?;
                self.running[who] = self.spawn()?;
            }
            if chaos.stops > 0 && round % (chaos.kills.max(stops) / stops).max(1) == 0 {
                self.stop_and_continue()?;
            }
            if chaos.sleeps && round == chaos.kills / 2 {
                fs::write(path.with_extension("ahead"), "7200000")?;
            }
            if store.rest()?.is_done() {
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

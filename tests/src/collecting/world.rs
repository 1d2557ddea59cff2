//! One life: a store, a shop, processes, and what strikes them.

mod actions;
mod steps;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use advance_collector::{
    AttemptId, Event, MemoryStore, Pending, Policy, Store as _, StoreError, StoreErrorKind,
};
use advance_core::url::DownloadPolicy;
use advance_core::{Now, SignatureId, UnixMillis};

use super::Sabotage;
use super::check::{self, Asked, Violation, broken};
use super::fate::{Fate, Moments};
use super::process_model::Process;
use super::scope::Scope;
use super::vendor::Shop;
use crate::simulation::dice::Dice;

const OPENED: u64 = 1_700_000_000_000;

/// What a life was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Moments at which something could strike.
    pub moments: u64,
    /// What struck.
    pub strikes: u64,
    /// Requests that the vendor answered.
    pub answers: u64,
    /// What the vendor charged.
    pub pay: u64,
    /// What we say was charged.
    pub counted: u64,
    /// What we say may have been.
    pub unknown: u64,
    /// Verifications with a result.
    pub done: u64,
    /// Verifications that ended as unsure.
    pub unsure: u64,
    /// Outcomes told, more than once included.
    pub told: u64,
}

pub(super) struct World {
    scope: Scope,
    clock: Arc<AtomicU64>,
    mono: Duration,
    store: MemoryStore,
    synced: MemoryStore,
    /// Attempts whose intents are in the store, and in what a power cut leaves of it.
    intents: BTreeSet<AttemptId>,
    synced_intents: BTreeSet<AttemptId>,
    syncs_intents: bool,
    power: bool,
    /// A request went out whose intent is not in the store.
    uncommitted: bool,
    policy: Arc<Policy>,
    shop: Shop,
    asked: BTreeMap<String, Asked>,
    told: BTreeMap<String, Event>,
    processes: Vec<Process>,
    moments: Moments,
    dice: Dice,
    attempts: u128,
    tally: Tally,
}

/// A process died.
struct Died;

/// Where pictures come from.
fn hosts() -> DownloadPolicy {
    let hosts = DownloadPolicy::nowhere().host("pictures.example");
    hosts.unwrap_or_default()
}

impl World {
    pub(super) fn new(scope: Scope, moments: Moments, seed: u64, sabotage: Option<Sabotage>) -> Self {
        let clock = Arc::new(AtomicU64::new(OPENED));
        let shown = Arc::clone(&clock);
        let store = MemoryStore::with_clock(move || UnixMillis::new(shown.load(Ordering::SeqCst)));
        #[cfg(feature = "sabotage")]
        let store = store.sabotaged(sabotage);
        #[cfg(feature = "sabotage")]
        let syncs_intents = sabotage != Some(Sabotage::Synchronous);
        #[cfg(not(feature = "sabotage"))]
        let syncs_intents = sabotage.is_none();
        let policy = Policy::new()
            .ask_again_after_doubts(scope.doubts)
            .wait(|wait| wait.charged_polls(50))
            .pictures(scope.pictures)
            .download(hosts());
        let shop = Shop::new(scope.charging, OPENED, scope.patience);
        let shop = shop.with_pictures("https://pictures.example", scope.picture_life);
        let mut world = Self {
            scope,
            clock,
            mono: Duration::from_secs(100),
            synced: store.copy(),
            store,
            intents: BTreeSet::new(),
            synced_intents: BTreeSet::new(),
            syncs_intents,
            power: true,
            uncommitted: false,
            policy: Arc::new(policy),
            shop,
            asked: BTreeMap::new(),
            told: BTreeMap::new(),
            processes: Vec::new(),
            moments,
            dice: Dice::new(seed, 3),
            attempts: 0,
            tally: Tally::default(),
        };
        for number in 0..scope.ids {
            let ends = UnixMillis::new(OPENED + 3_600_000);
            if let Ok(id) = SignatureId::new(format!("id-{number}")) {
                let pending = Pending::of(id).link_ends(ends).first_after(Duration::ZERO);
                // A store in memory does not fail.
                drop(world.store.add(&[pending]));
            }
        }
        world.synced = world.store.copy();
        for number in 0..scope.processes {
            world.processes.push(Process::new(number, world.now()));
        }
        world
    }

    fn now(&self) -> Now {
        Now {
            wall: UnixMillis::new(self.clock.load(Ordering::SeqCst)),
            mono: self.mono,
        }
    }

    fn pass(&mut self, time: Duration) {
        self.mono += time;
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.clock.fetch_add(millis, Ordering::SeqCst);
    }

    /// Lives until all is done.
    pub(super) fn live(mut self) -> Result<Tally, Violation> {
        for action in 0.. {
            if action > 60_000 {
                return broken("never-ends", (self.store.list(None, 99), self.store.rest()));
            }
            let who = usize::try_from(self.dice.below(self.scope.processes)).unwrap_or(0);
            if self.processes[who].frozen <= self.mono && self.act(who).is_err() {
                self.processes[who] = Process::new(action, self.now());
            }
            if !self.power {
                self.cut_power(action);
            }
            self.check()?;
            let idle = self.processes.iter().all(|process| process.jobs.is_empty());
            let rest = self.store.rest().unwrap_or_default();
            if idle && rest.is_done() {
                break;
            }
            self.let_time_pass(rest.due.into_iter().chain(rest.untold).min());
        }
        for record in self.store.list(None, 99).unwrap_or_default() {
            check::end(&record, &self.told)?;
        }
        let status = self.store.status().unwrap_or_default();
        self.tally.moments = self.moments.passed();
        self.tally.answers = self.shop.answers();
        self.tally.pay = self.shop.pay();
        self.tally.counted = status.charges.pay;
        self.tally.unknown = status.charges.unknown;
        self.tally.done = status.done;
        self.tally.unsure = status.unsure;
        Ok(self.tally)
    }

    /// A moment; or until something is due if no process that is awake has anything to do; or until one wakes if none is.
    fn let_time_pass(&mut self, due: Option<Duration>) {
        let step = self.dice.millis(5, 120);
        let (frozen, awake): (Vec<_>, Vec<_>) = self
            .processes
            .iter()
            .partition(|process| process.frozen > self.mono);
        let thaws = frozen
            .iter()
            .map(|process| process.frozen.saturating_sub(self.mono));
        let resting = awake.iter().all(|process| process.jobs.is_empty());
        let due = due.filter(|_| !awake.is_empty());
        let next = thaws.chain(due).min().filter(|_| resting);
        self.pass(step.max(next.unwrap_or_default()));
    }

    fn cut_power(&mut self, action: u64) {
        self.power = true;
        self.store.restore(&self.synced);
        self.intents.clone_from(&self.synced_intents);
        let now = self.now();
        for process in &mut self.processes {
            *process = Process::new(action, now);
        }
    }

    fn check(&self) -> Result<(), Violation> {
        if self.uncommitted {
            return broken("sent-without-an-intent", self.tally);
        }
        for record in self.store.list(None, 99).unwrap_or_default() {
            let asked = self
                .asked
                .get(record.signature_id.as_str())
                .copied()
                .unwrap_or_default();
            check::money(&record, &self.shop, asked, self.scope.doubts)?;
        }
        Ok(())
    }

    /// What strikes this process now, if it goes on living.
    fn moment(&mut self, who: usize) -> Result<Fate, Died> {
        let fate = self.moments.next();
        self.tally.strikes += u64::from(fate != Fate::Fine);
        match fate {
            Fate::Crash => return Err(Died),
            Fate::PowerCut => {
                self.power = false;
                return Err(Died);
            }
            Fate::Freeze => self.processes[who].frozen = self.mono + Duration::from_secs(600),
            // The monotonic clock stands still while a machine sleeps.
            Fate::Sleep => drop(self.clock.fetch_add(7_200_000, Ordering::SeqCst)),
            Fate::Fine | Fate::Fail => {}
        }
        Ok(fate)
    }

    /// One operation of the store, which may fail before or after its commit.
    fn store<R>(
        &mut self,
        who: usize,
        synced: bool,
        operation: impl FnOnce(&MemoryStore) -> Result<R, StoreError>,
    ) -> Result<Result<R, StoreError>, Died> {
        let failed = || Err(StoreError::new(StoreErrorKind::Unavailable));
        if self.moment(who)? == Fate::Fail {
            return Ok(failed());
        }
        let answer = operation(&self.store);
        if synced {
            self.synced = self.store.copy();
        }
        if self.moment(who)? == Fate::Fail {
            return Ok(failed());
        }
        Ok(answer)
    }
}

//! One life: a store, a shop, processes, and what strikes them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use advance_collector::job::{Job, Step};
use advance_collector::{
    AttemptId, Event, Intended, MemoryStore, Pending, Pictures, Policy, Store, StoreError, StoreErrorKind,
    Wanted,
};
use advance_core::session::{Call, Step as CallStep, Until};
use advance_core::transport::{Failure, FailureKind, Sent};
use advance_core::{DownloadPolicy, Now, SignatureId, UnixMillis};

use super::Sabotage;
use super::check::{self, Asked, Violation, broken};
use super::fate::{Fate, Moments};
use super::process_model::{At, Process, Work};
use super::vendor::{Charging, Shop};
use crate::simulation::dice::Dice;

const OPENED: u64 = 1_700_000_000_000;

/// How large a life is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope {
    ids: u64,
    processes: u64,
    charging: Charging,
    doubts: u32,
    pictures: Pictures,
    picture_life: u64,
    /// Within how many milliseconds the persons finish.
    patience: u64,
}

impl Scope {
    pub(super) fn random(dice: &mut Dice) -> Self {
        Self {
            ids: 1 + dice.below(12),
            processes: 1 + dice.below(3),
            charging: dice.pick(&[Charging::PerResult, Charging::PerPoll]),
            doubts: dice.pick(&[0, 0, 1, 3]),
            pictures: dice.pick(&[Pictures::Skip, Pictures::Fetch, Pictures::FetchAndPay]),
            picture_life: dice.pick(&[86_400_000, 60_000, 2_000]),
            patience: dice.pick(&[1, 20_000, 600_000]),
        }
    }

    /// The lives that are explored: an answer at once, with a picture, and one that takes a second question.
    pub(super) fn small() -> Vec<Self> {
        let first = Self {
            ids: 2,
            processes: 2,
            charging: Charging::PerResult,
            doubts: 0,
            pictures: Pictures::Skip,
            picture_life: 86_400_000,
            patience: 1,
        };
        vec![
            first,
            Self { doubts: 1, ..first },
            Self {
                ids: 1,
                pictures: Pictures::Fetch,
                ..first
            },
            Self {
                ids: 1,
                charging: Charging::PerPoll,
                patience: 9_000,
                doubts: 1,
                ..first
            },
        ]
    }
}

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
            self.let_time_pass(idle, rest.due.into_iter().chain(rest.untold).min());
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

    fn let_time_pass(&mut self, idle: bool, due: Option<Duration>) {
        let step = self.dice.millis(5, 120);
        let jump = due.filter(|_| idle).unwrap_or_default();
        self.pass(step.max(jump));
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

    /// One action of a process: of a job, or of the runner.
    fn act(&mut self, who: usize) -> Result<(), Died> {
        let turn = self.processes[who].turn;
        self.processes[who].turn += 1;
        let doubts = self.scope.doubts;
        if let Some(place) = self.ready(who)
            && let Some(work) = self.processes[who].jobs.remove(place)
        {
            return self.advance(who, work);
        }
        match turn % 3 {
            0 => drop(self.store(who, true, |store| store.sweep(doubts))?),
            1 => self.claim(who)?,
            _ => self.tell(who)?,
        }
        Ok(())
    }

    fn ready(&mut self, who: usize) -> Option<usize> {
        let mono = self.mono;
        let jobs = self.processes[who].jobs.iter().enumerate();
        let ready: Vec<_> = jobs
            .filter(|(_, work)| work.due <= mono)
            .map(|(place, _)| place)
            .collect();
        // Now and then the runner gets its turn although there is work.
        if ready.is_empty() || (self.processes[who].jobs.len() < 3 && self.dice.one_in(4)) {
            return None;
        }
        Some(self.dice.pick(&ready))
    }

    fn claim(&mut self, who: usize) -> Result<(), Died> {
        let wanted = Wanted::new(2, Duration::from_secs(30));
        let claims = self
            .store(who, false, |store| store.claim(&wanted))?
            .unwrap_or_default();
        for claim in claims {
            self.attempts += 1;
            let attempt = AttemptId::new(self.attempts);
            let entropy = self.dice.next();
            let step = Job::begin(
                claim.clone(),
                Arc::clone(&self.policy),
                attempt,
                entropy,
                self.now(),
            );
            self.processes[who]
                .jobs
                .push_back(Work::new(&claim, attempt, step));
        }
        Ok(())
    }

    fn tell(&mut self, who: usize) -> Result<(), Died> {
        let again = Duration::from_secs(10);
        let events = self
            .store(who, false, |store| store.untold(2, again))?
            .unwrap_or_default();
        for event in events {
            if self.moment(who)? == Fate::Fail {
                continue;
            }
            self.told.insert(event.id(), event.clone());
            self.tally.told += 1;
            drop(self.store(who, false, |store| store.told(&event))?);
        }
        Ok(())
    }

    /// One step of a job.
    fn advance(&mut self, who: usize, mut work: Work) -> Result<(), Died> {
        work.at = match work.at {
            At::Job(step) => match self.job(who, &mut work.due, step)? {
                Some(at) => at,
                None => return Ok(()),
            },
            At::Call(step, asking) => match step {
                CallStep::Send(request, limits, awaiting) => {
                    let outcome = self.send(
                        who,
                        &request,
                        limits.within,
                        Some((&work.id, work.kind, work.attempt)),
                    )?;
                    let now = self.now();
                    At::Call(
                        awaiting.resume(&mut self.processes[who].session, now, outcome),
                        asking,
                    )
                }
                CallStep::Wait(until, pause) => {
                    self.wait(&mut work.due, until);
                    if work.due > self.mono {
                        At::Call(CallStep::Wait(Until::Elapsed(Duration::ZERO), pause), asking)
                    } else {
                        let now = self.now();
                        At::Call(pause.resume(&mut self.processes[who].session, now), asking)
                    }
                }
                CallStep::Done(result) => At::Job(asking.answered(result, self.now())),
            },
            At::Download(step, fetching) => match step {
                CallStep::Send(request, limits, awaiting) => {
                    let outcome = self.send(who, &request, limits.within, None)?;
                    let now = self.now();
                    At::Download(
                        awaiting.resume(&mut self.processes[who].session, now, outcome),
                        fetching,
                    )
                }
                CallStep::Wait(until, pause) => {
                    self.wait(&mut work.due, until);
                    if work.due > self.mono {
                        At::Download(CallStep::Wait(Until::Elapsed(Duration::ZERO), pause), fetching)
                    } else {
                        let now = self.now();
                        At::Download(pause.resume(&mut self.processes[who].session, now), fetching)
                    }
                }
                CallStep::Done(result) => At::Job(fetching.fetched(result)),
            },
        };
        self.processes[who].jobs.push_back(work);
        Ok(())
    }

    fn wait(&self, due: &mut Duration, until: Until) {
        let pause = match until {
            Until::Elapsed(pause) => pause,
            // Whoever asks for the token is a job of the same process, which moves on in a moment.
            Until::Token { at_most, .. } => at_most.min(Duration::from_millis(50)),
        };
        *due = self.mono + pause;
    }

    /// A step of the collector's own: where the job stands then, if it goes on.
    fn job(&mut self, who: usize, due: &mut Duration, step: Step) -> Result<Option<At>, Died> {
        Ok(Some(match step {
            Step::Intend(intent, next) => {
                let synced = self.syncs_intents;
                let answer = self.store(who, synced, |store| store.intend(&intent))?;
                if matches!(answer, Ok(Intended::Committed)) {
                    self.intents.insert(intent.attempt);
                    if synced {
                        self.synced_intents.insert(intent.attempt);
                    }
                }
                At::Job(next.intended(answer, self.now()))
            }
            Step::Ask(call, next) => {
                let now = self.now();
                At::Call(self.processes[who].session.begin(call, now), next)
            }
            Step::Fetch(link, next) => {
                let now = self.now();
                match Call::download(&link, &hosts()) {
                    Ok(call) => At::Download(self.processes[who].session.begin(call, now), next),
                    Err(error) => At::Job(next.fetched(Err(error))),
                }
            }
            Step::Keep(_, next) => {
                let failed = self.moment(who)? == Fate::Fail;
                At::Job(next.kept(if failed { Err("no room".into()) } else { Ok(()) }))
            }
            Step::Settle(attempt, settlement, next) => {
                let answer = self.store(who, true, |store| store.settle(attempt, &settlement))?;
                At::Job(next.settled(answer))
            }
            Step::Pause(pause, next) => {
                *due = self.mono + pause;
                At::Job(next.resume())
            }
            Step::Done(_) => return Ok(None),
        }))
    }

    /// One request: it may be lost on the way there or back.
    fn send(
        &mut self,
        who: usize,
        request: &http::Request<Vec<u8>>,
        within: Duration,
        of: Option<(&str, advance_collector::Kind, AttemptId)>,
    ) -> Result<Result<http::Response<Vec<u8>>, Failure>, Died> {
        if self.moment(who)? == Fate::Fail {
            return Ok(Err(Failure::new(FailureKind::Connect, Sent::No)));
        }
        let path = request.uri().path().to_owned();
        let asks = path.ends_with("/get-result");
        let before = of
            .map(|(id, ..)| self.shop.charged(id).results)
            .unwrap_or_default();
        let wall = self.clock.load(Ordering::SeqCst);
        let (status, kind, body) = self.shop.handle(&path, request.body(), wall);
        if let Some((id, kind, attempt)) = of.filter(|_| asks) {
            let results = self.shop.charged(id).results - before;
            if kind == advance_collector::Kind::Result {
                self.asked.entry(id.to_owned()).or_default().results += results;
            }
            self.uncommitted |= !self.intents.contains(&attempt);
        }
        let took = self.dice.millis(10, 900);
        self.pass(took);
        if self.moment(who)? == Fate::Fail {
            self.pass(within);
            let failure = self.dice.pick(&[FailureKind::Reset, FailureKind::Body]);
            return Ok(Err(Failure::new(failure, Sent::Maybe)));
        }
        let response = http::Response::builder()
            .status(status)
            .header("content-type", kind);
        Ok(Ok(response.body(body).unwrap_or_default()))
    }
}

//! A thousand workers on the store's model, in virtual time: one at a time they crash or are stopped past their leases, and now
//! and then all crash at once.
//!
//! As in the lives of one machine (`world`), the code that is driven is the one that ships: the runner's turns, the jobs, the
//! rules of rows and of the pace, the sessions. What is modelled is the store's table, the vendor, the network and the clock.

mod door;
mod report;
mod table;
mod worker;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashSet};
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

use advance_collector::{Pace, Policy};
use advance_core::{Now, UnixMillis};

use self::door::{Door, micros};
use self::report::Told;
pub use self::report::{CatchUp, Findings};
use self::table::Table;
use self::worker::Worker;
use super::Sabotage;
use super::check::Violation;
use super::vendor::{Charging, Shop};
use crate::simulation::dice::Dice;

/// How many, how fast, and how often they crash.
#[derive(Clone, Copy, Debug)]
pub struct Thousand {
    /// How many workers.
    pub workers: usize,
    /// How many verifications in all.
    pub verifications: usize,
    /// How many of them are added in a second.
    pub added: NonZeroU32,
    /// How many requests a second all together may send.
    pub rate: NonZeroU32,
    /// How often one of the workers crashes, or is stopped for a while and goes on.
    pub crash_every: Duration,
    /// How often all of them crash at once while verifications are added.
    pub crashes_of_all: u32,
    /// Decides all that happens.
    pub seed: u64,
}

const OPENED: u64 = 1_700_000_000_000;

/// A life that is not over so long after the last verification was added never is.
const AFTERWARDS: u64 = 6 * 3_600_000_000;

/// Within how many milliseconds the persons finish.
const PATIENCE: u64 = 120_000;

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    /// A verification is added.
    Add,
    /// The runner of a worker has its turn, if nothing woke it since.
    Turn(u64),
    /// A job of a worker goes on.
    Job(u64),
    /// A worker is there again.
    Start,
    /// One worker crashes.
    Crash,
    /// All crash.
    CrashOfAll,
    /// It is looked whether all has caught up.
    Look,
}

/// When, the how-manyth of its time, whose, and of which of its lives.
type Next = Reverse<(u64, u64, usize, u32, What)>;

/// All of it.
struct Crowd {
    scope: Thousand,
    /// Microseconds since the beginning.
    at: u64,
    queue: BinaryHeap<Next>,
    queued: u64,
    table: Table,
    shop: Shop,
    door: Door,
    told: Told,
    workers: Vec<Worker>,
    policy: Arc<Policy>,
    pace: Pace,
    dice: Dice,
    attempts: u128,
    crashes: u64,
    /// Since when all are catching up, and what was under way then and is not decided yet.
    behind: Option<(u64, HashSet<usize>)>,
    caught_up: Vec<CatchUp>,
}

/// Plays it to its end.
///
/// # Errors
/// The invariant that did not hold.
pub fn thousand(
    scope: Thousand,
    shares_pace: bool,
    sabotage: Option<Sabotage>,
) -> Result<Findings, Violation> {
    Crowd::new(scope, shares_pace, sabotage).live()
}

impl Crowd {
    fn new(scope: Thousand, shares_pace: bool, sabotage: Option<Sabotage>) -> Self {
        let paces = if shares_pace { 1 } else { scope.workers };
        let mut crowd = Self {
            scope,
            at: 0,
            queue: BinaryHeap::new(),
            queued: 0,
            table: Table::new(sabotage),
            shop: Shop::new(Charging::PerResult, OPENED, PATIENCE),
            door: Door::new(scope.rate, paces),
            told: BTreeMap::new(),
            workers: Vec::new(),
            policy: Arc::new(Policy::new()),
            pace: Pace::new()
                .concurrency(NonZeroUsize::MIN.saturating_add(3))
                .look_every(Duration::from_secs(2)),
            dice: Dice::new(scope.seed, 7),
            attempts: 0,
            crashes: 0,
            behind: None,
            caught_up: Vec::new(),
        };
        for worker in 0..scope.workers {
            crowd.workers.push(Worker::new(worker, crowd.now(), crowd.pace));
            // They were not all started in the same moment.
            let after = crowd.dice.millis(0, 2_000);
            crowd.later(after, worker, What::Turn(0));
        }
        crowd.later(Duration::ZERO, 0, What::Add);
        let all_added = Duration::from_secs(1) / scope.added.get()
            * u32::try_from(scope.verifications).unwrap_or(u32::MAX);
        for crash in 1..=scope.crashes_of_all {
            crowd.later(
                all_added * crash / (scope.crashes_of_all + 1),
                0,
                What::CrashOfAll,
            );
        }
        crowd.later(scope.crash_every, 0, What::Crash);
        crowd
    }

    fn live(mut self) -> Result<Findings, Violation> {
        while let Some(Reverse((at, _, who, life, what))) = self.queue.pop() {
            self.at = at;
            let all_added = self.table.rows().len() == self.scope.verifications;
            if all_added && self.behind.is_none() && self.table.rest(self.now().wall).is_done() {
                break;
            }
            if at > AFTERWARDS {
                return super::check::broken("never-ends", (self.table.rest(self.now().wall), self.behind));
            }
            match what {
                What::Add => self.add(),
                What::Crash if !all_added => {
                    let who = usize::try_from(self.dice.below(self.scope.workers as u64)).unwrap_or(0);
                    if self.dice.one_in(3) {
                        self.workers[who].stopped = self.at + micros(self.dice.millis(1_000, 150_000));
                    } else {
                        self.crash(who);
                    }
                    self.later(self.scope.crash_every, 0, What::Crash);
                }
                What::Crash => {}
                What::CrashOfAll => self.crash_all(),
                What::Look => self.look(),
                // What a worker that has crashed since was about to do.
                What::Turn(_) | What::Job(_) | What::Start if self.workers[who].life != life => {}
                What::Turn(_) | What::Job(_) if self.workers[who].stopped > at => {
                    self.queued += 1;
                    let on = self.workers[who].stopped;
                    self.queue.push(Reverse((on, self.queued, who, life, what)));
                }
                What::Start => {
                    let now = self.now();
                    self.workers[who].start(now, self.pace);
                    self.wake(who, Duration::ZERO);
                }
                What::Turn(wake) if self.workers[who].wake != wake => {}
                What::Turn(_) => self.turn(who),
                What::Job(job) => self.advance(who, job),
            }
        }
        self.findings()
    }

    /// The store's clock, which all agree on here: what other clocks do is tried elsewhere.
    fn now(&self) -> Now {
        Now {
            wall: UnixMillis::new(OPENED + self.at / 1_000),
            mono: Duration::from_micros(self.at),
        }
    }

    fn later(&mut self, after: Duration, who: usize, what: What) {
        let life = self.workers.get(who).map_or(0, |worker| worker.life);
        self.queued += 1;
        let at = self.at + micros(after);
        self.queue.push(Reverse((at, self.queued, who, life, what)));
    }

    /// The runner of this worker has its turn then, whatever it was waiting for.
    fn wake(&mut self, who: usize, after: Duration) {
        self.workers[who].wake += 1;
        let wake = self.workers[who].wake;
        self.later(after, who, What::Turn(wake));
    }

    fn add(&mut self) {
        self.table.add(self.now().wall);
        if let Some(id) = table::id(self.table.rows().len() - 1) {
            self.shop.begun(id.as_str(), self.now().wall.get());
        }
        if self.table.rows().len() < self.scope.verifications {
            self.later(Duration::from_secs(1) / self.scope.added.get(), 0, What::Add);
        }
    }

    fn crash(&mut self, who: usize) {
        self.crashes += 1;
        self.workers[who].crash();
        let after = self.dice.millis(500, 10_000);
        self.later(after, who, What::Start);
    }

    fn crash_all(&mut self) {
        let under_way = self.workers.iter().flat_map(Worker::under_way).collect();
        self.behind = Some((self.at, under_way));
        self.caught_up.push(CatchUp::default());
        for who in 0..self.workers.len() {
            self.crash(who);
        }
        self.later(Duration::from_secs(1), 0, What::Look);
    }

    /// All that was under way is decided, and nothing has been due for longer than a few seconds.
    fn look(&mut self) {
        let Some((since, under_way)) = &self.behind else {
            return;
        };
        let after = Duration::from_micros(self.at - since);
        let overdue = self.table.overdue(self.now().wall);
        let Some(caught_up) = self.caught_up.last_mut() else {
            return;
        };
        caught_up.overdue = caught_up.overdue.max(overdue);
        if under_way.is_empty() && caught_up.decided.is_none() {
            caught_up.decided = Some(after);
        }
        let prompt = after > Duration::from_secs(10) && overdue < Duration::from_secs(3);
        if prompt && caught_up.prompt.is_none() {
            caught_up.prompt = Some(after);
        }
        if caught_up.decided.is_some() && caught_up.prompt.is_some() {
            self.behind = None;
        } else {
            self.later(Duration::from_secs(1), 0, What::Look);
        }
    }

    /// Somebody has this verification again, or it has ended.
    fn decided(&mut self, number: usize) {
        if let Some((_, under_way)) = &mut self.behind {
            under_way.remove(&number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small enough for a build without optimisation. The release's gate plays a thousand workers.
    fn small(seed: u64) -> Thousand {
        Thousand {
            workers: 20,
            verifications: 400,
            added: NonZeroU32::new(20).unwrap(),
            rate: NonZeroU32::new(90).unwrap(),
            crash_every: Duration::from_secs(1),
            crashes_of_all: 1,
            seed,
        }
    }

    #[test]
    fn twenty_workers_that_crash_charge_nothing_twice_and_keep_to_the_rate() {
        let findings = thousand(small(1), true, None).unwrap();
        assert_eq!(findings.finished + findings.unsure + findings.otherwise, 400);
        assert!(findings.unsure > 0 && findings.crashes > 20, "{findings}");
        let after = findings.caught_up[0];
        // A claim is given for 30 s, an attempt for 75 s.
        assert!(after.decided.unwrap() <= Duration::from_secs(80), "{findings}");
        // The same seed is the same life.
        let again = thousand(small(1), true, None).unwrap();
        assert_eq!(findings.to_string(), again.to_string());
    }

    #[test]
    fn workers_that_keep_the_rate_each_by_itself_are_noticed() {
        // So few that what twenty send, each at this rate, is more.
        let few = Thousand {
            rate: NonZeroU32::new(10).unwrap(),
            ..small(3)
        };
        assert!(thousand(few, true, None).is_ok());
        assert_eq!(thousand(few, false, None).unwrap_err().name, "above-the-rate");
    }
}

//! Several backends wait for several people at once, over one session or one client.

mod person;
mod record;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use advance_core::session::Event;
use advance_core::{Config, RetryPolicy, WaitControl};
use advance_sandbox::model::{Charging, Unfinished};

use super::line::Line;
use super::machine::{Asked, Done, Machine, Turn};
use super::source::Source;
use super::violation::{Checked, Invariant, Violation, ensure};
use super::{ACCESS_KEY, Driven, SECRET_KEY, Tally};
use crate::monitors::{Monitors, Seen, Terms};
use person::{Handling, Person};
use record::{Record, Stage};

const S: fn(u64) -> Duration = Duration::from_secs;

/// More than any wait needs by far.
const ENDLESS: u32 = 20_000;

/// The longest that one poll takes.
const POLL: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    Begins,
    Returns,
    Wakes,
    GivesUp,
    Nudged,
    Cancelled,
}

/// When, in which order, what, to which wait, and in which of its epochs.
type Alarm = (Duration, u64, Happening, usize, u32);

struct World {
    machine: Box<dyn Machine>,
    line: Line,
    monitors: Monitors,
    terms: Terms,
    at: Duration,
    queue: BinaryHeap<Reverse<Alarm>>,
    queued: u64,
    people: Vec<Record>,
    /// Those that wait for a token rather than for time to pass.
    waiters: Vec<usize>,
    tally: Tally,
}

/// Runs the waits of one seed to their ends.
pub(super) fn run(source: &Source, driven: Driven) -> Result<Tally, Violation> {
    let mut world = World::new(source, driven);
    while let Some(Reverse((at, _, what, wait, epoch))) = world.queue.pop() {
        world.at = world.at.max(at);
        world.happens(what, wait, epoch).map_err(|mut violation| {
            violation.what = format!("at {:?}, wait {wait}: {}", world.at, violation.what);
            violation
        })?;
    }
    let left = world.people.iter().any(|wait| !matches!(wait.stage, Stage::Over));
    ensure(Invariant::WaitsEnd, !left, || "a wait never ended".to_owned())?;
    let over = Seen::Over(world.machine.charges());
    world.monitors.see(Line::now(world.at), &over)?;
    world.tally.virtual_time = world.at;
    Ok(world.tally)
}

impl World {
    fn new(source: &Source, driven: Driven) -> Self {
        let mut habit = Unfinished::NullFields;
        let mut line = Line::new(source, |config, dice| {
            habit = dice.pick(&[
                Unfinished::NullFields,
                Unfinished::NullData,
                Unfinished::SignatureNotExist,
            ]);
            config.behaviour.unfinished = habit;
            config.behaviour.charging = dice.pick(&[
                Charging::Documented,
                Charging::PayPerResult,
                Charging::PayPerPoll,
                Charging::Omit,
            ]);
            config.behaviour.link_life = S(dice.pick(&[5, 60, 60, 600]));
        });
        let unknown_id_is_unfinished = habit == Unfinished::SignatureNotExist && !line.dice.one_in(4);
        let terms = Terms {
            attempts: line.dice.pick(&[1, 3]),
            total: POLL,
            attempt: S(15),
            longest_backoff: S(10),
            maybe_charged: false,
            budget: 20,
            must_succeed: false,
        };
        let policy = RetryPolicy::new()
            .attempts(terms.attempts)
            .total(terms.total)
            .budget(terms.budget);
        let config = Config::new().retry(policy).attempt_timeout(terms.attempt);
        let mut world = Self {
            machine: driven.machine(config, source.seed, Line::now(Duration::ZERO)),
            line,
            monitors: Monitors::new(ACCESS_KEY, SECRET_KEY),
            terms,
            at: Duration::ZERO,
            queue: BinaryHeap::new(),
            queued: 0,
            people: Vec::new(),
            waiters: Vec::new(),
            tally: Tally::default(),
        };
        let mut handles = source.way(5);
        for _ in 0..=world.line.dice.below(4) {
            let person = Person::draw(&mut world.line, unknown_id_is_unfinished);
            let handling = match driven {
                Driven::ByHand(_) => None,
                Driven::OnTasks | Driven::OnThreads => Handling::draw(&mut handles, person.begins),
            };
            world.expects(person, handling, unknown_id_is_unfinished);
        }
        world
    }

    fn expects(&mut self, person: Person, handling: Option<Handling>, unknown_id_is_unfinished: bool) {
        let wait = self.people.len();
        let (begins, gives_up) = (person.begins, person.gives_up);
        let handle = handling.is_some().then(WaitControl::new);
        self.people
            .push(Record::new(person, handle, unknown_id_is_unfinished));
        self.queue(begins, Happening::Begins, wait);
        if let Some(at) = gives_up {
            self.queue(at, Happening::GivesUp, wait);
        }
        let Handling { nudges, cancelled } = handling.unwrap_or_default();
        for at in nudges {
            self.queue(at, Happening::Nudged, wait);
        }
        if let Some(at) = cancelled {
            self.queue(at, Happening::Cancelled, wait);
        }
    }

    fn queue(&mut self, at: Duration, what: Happening, wait: usize) {
        self.queued += 1;
        let epoch = self.people[wait].epoch;
        self.queue.push(Reverse((at, self.queued, what, wait, epoch)));
    }

    fn happens(&mut self, what: Happening, wait: usize, epoch: u32) -> Checked {
        match what {
            Happening::GivesUp => return self.gives_up(wait),
            Happening::Nudged => return self.is_nudged(wait),
            Happening::Cancelled => return self.is_cancelled(wait),
            Happening::Begins | Happening::Returns | Happening::Wakes => {}
        }
        let now = Line::now(self.at);
        let record = &mut self.people[wait];
        let sends = matches!(record.stage, Stage::Sending(_));
        if record.epoch != epoch || (what == Happening::Wakes && sends) {
            return Ok(());
        }
        match std::mem::replace(&mut record.stage, Stage::Over) {
            Stage::NotBegun(policy) => {
                self.tally.waits += 1;
                let asked = Asked::Wait(policy, record.handle.clone());
                let turn = self.machine.begin(wait, asked, now);
                self.moves(wait, turn)
            }
            Stage::Sending(outcome) => {
                let heard = Seen::Heard(record.call, outcome.as_ref());
                self.monitors.see(now, &heard)?;
                let turn = self.machine.answered(wait, now, outcome);
                self.moves(wait, turn)
            }
            rests @ (Stage::Resting | Stage::WaitsForToken) => {
                record.stage = rests;
                self.goes_on(wait)
            }
            Stage::Over => Ok(()),
        }
    }

    fn goes_on(&mut self, wait: usize) -> Checked {
        self.waiters.retain(|waiter| *waiter != wait);
        let turn = self.machine.waited(wait, Line::now(self.at));
        let record = &mut self.people[wait];
        if std::mem::take(&mut record.stirred) && matches!(turn, Turn::Stuck) {
            if matches!(record.stage, Stage::WaitsForToken) {
                self.waiters.push(wait);
            }
            return Ok(());
        }
        self.moves(wait, turn)
    }

    fn gives_up(&mut self, wait: usize) -> Checked {
        let record = &mut self.people[wait];
        let under_way = !matches!(record.stage, Stage::NotBegun(_) | Stage::Over);
        record.stage = Stage::Over;
        record.epoch += 1;
        self.waiters.retain(|waiter| *waiter != wait);
        if !under_way {
            return Ok(());
        }
        self.machine.gives_up(wait, Line::now(self.at));
        self.after_transition(wait)
    }

    /// Between two polls it asks at once; otherwise it hears of it when its poll has ended.
    fn is_nudged(&mut self, wait: usize) -> Checked {
        let record = &mut self.people[wait];
        let handle = record.handle.as_ref();
        let Some(handle) = handle.filter(|_| !matches!(record.stage, Stage::NotBegun(_) | Stage::Over))
        else {
            return Ok(());
        };
        self.tally.nudges += 1;
        handle.nudge();
        record.is_nudged();
        if record.pauses_until.is_none() {
            record.stirred = true;
            return Ok(());
        }
        let polls = record.polls;
        self.is_woken(wait)?;
        self.goes_on(wait)?;
        let record = &self.people[wait];
        let asks = polls < record.polls || matches!(record.stage, Stage::Over);
        ensure(Invariant::PollPace, asks, || {
            "it was nudged, and does not ask".to_owned()
        })
    }

    fn is_cancelled(&mut self, wait: usize) -> Checked {
        let record = &mut self.people[wait];
        let Some(handle) = &record.handle else {
            return Ok(());
        };
        self.tally.cancellations += 1;
        handle.cancel();
        record.cancelled = true;
        if !matches!(record.stage, Stage::Resting | Stage::WaitsForToken) {
            return Ok(());
        }
        self.is_woken(wait)?;
        self.goes_on(wait)?;
        let ended = matches!(self.people[wait].stage, Stage::Over);
        ensure(Invariant::WaitsAreEnded, ended, || {
            "it was cancelled, and goes on".to_owned()
        })
    }

    fn is_woken(&self, wait: usize) -> Checked {
        ensure(Invariant::NoLostWakeUp, self.machine.is_woken(wait), || {
            "its handle does not wake it".to_owned()
        })
    }

    fn after_transition(&mut self, wait: usize) -> Checked {
        let now = Line::now(self.at);
        for event in self.machine.take_events() {
            if let Event::CallBegun { .. } = &event {
                let total = self.people[wait].left(self.at);
                let terms = Terms { total, ..self.terms };
                self.monitors.see(now, &Seen::Terms(terms))?;
            }
            self.monitors.see(now, &Seen::Event(&event))?;
            self.people[wait].hears(self.at, &event)?;
        }
        for woken in self.machine.take_woken(&self.waiters) {
            self.waiters.retain(|waiter| *waiter != woken);
            self.queue(self.at, Happening::Wakes, woken);
        }
        Ok(())
    }

    fn moves(&mut self, wait: usize, turn: Turn) -> Checked {
        self.after_transition(wait)?;
        let at = self.at;
        let record = &mut self.people[wait];
        record.epoch += 1;
        ensure(Invariant::WaitsEnd, record.epoch < ENDLESS, || {
            format!("after {ENDLESS} steps there is no end in sight")
        })?;
        record.stage = Stage::Over;
        record.stirred = false;
        match turn {
            Turn::Send(request, limits) => {
                let sent = Seen::Sent(record.call, &request, &limits);
                self.monitors.see(Line::now(at), &sent)?;
                let fate = self.line.send(&request, &limits, at);
                record.sends(at, &limits, &fate)?;
                record.stage = Stage::Sending(fate.outcome);
                self.tally.sends += 1;
                self.queue(at + fate.takes, Happening::Returns, wait);
            }
            Turn::Sleep(pause) => {
                record.pauses(at, pause)?;
                record.stage = Stage::Resting;
                self.queue(at + pause, Happening::Wakes, wait);
            }
            Turn::WaitForToken(at_most) => {
                record.pauses(at, at_most)?;
                record.stage = Stage::WaitsForToken;
                self.queue(at + at_most, Happening::Wakes, wait);
                if self.machine.waits_on(wait, Line::now(at)) {
                    self.waiters.push(wait);
                } else {
                    self.queue(at, Happening::Wakes, wait);
                }
            }
            Turn::Done(Done::Wait(waited)) => {
                self.tally.polls += u64::from(waited.polls);
                record.ends(at, &waited)?;
            }
            Turn::Done(Done::Call(_)) | Turn::Stuck => ensure(Invariant::NoLostWakeUp, false, || {
                "it was to go on, and does not".to_owned()
            })?,
        }
        Ok(())
    }
}

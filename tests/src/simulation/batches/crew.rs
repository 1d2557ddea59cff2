//! A batch in the hands of a client, which has several requests and pauses under way at a time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Duration;

use advance_core::session::{BatchItem, BatchResult, Config, Event};
use advance_core::wire::CodeClass;
use advance_core::{BatchPolicy, Charges, ErrorKind, Now, SignatureId};

use super::super::hand::Outcome;
use super::super::line::Line;
use super::super::machine::Turn;
use super::super::source::Source;
use super::super::violation::{Checked, Invariant, Violation, ensure};
use super::super::{ACCESS_KEY, SECRET_KEY, Tally};
use super::order::{BUDGET, Order, TOTAL, costs};
use crate::monitors::{Monitors, Seen, Terms};

/// How the results are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// All in the end.
    Whole,
    /// Each as it comes.
    OneByOne,
    /// The same, until so many have come; then no more is to begin.
    Until(usize),
}

/// What there is to do.
pub(super) struct Work {
    pub(super) config: Config,
    pub(super) seed: u64,
    pub(super) ids: Vec<SignatureId>,
    pub(super) policy: BatchPolicy,
    pub(super) taken: Taken,
    /// How many may be under way.
    pub(super) limit: usize,
}

/// What came of it.
pub(super) struct Came {
    pub(super) items: Vec<BatchItem>,
    pub(super) charges: Charges,
}

impl Came {
    pub(super) fn whole(result: BatchResult) -> Self {
        Self {
            items: result.items,
            charges: result.charges,
        }
    }
}

/// What happens in a client, in the order in which it does.
#[expect(clippy::large_enum_variant, reason = "each lives for a moment")]
pub(super) enum Told {
    Event(Event),
    /// An errand for the world, by its number: a request, or a pause.
    Asks(usize, Turn),
    /// The caller wants no more of it to begin.
    Stops,
}

/// A client at work on a batch.
pub(super) trait Crew {
    /// It comes to rest where nothing is left to do before time passes.
    fn begins(&mut self);

    /// An errand is done. One of which nobody wants to hear any more is passed over.
    fn goes_on(&mut self, errand: usize, now: Now, outcome: Option<Outcome>);

    fn take_told(&mut self) -> Vec<Told>;

    /// What came, if that is the end.
    fn came(&mut self) -> Option<Came>;

    fn charges(&self) -> Charges;
}

struct World {
    crew: Box<dyn Crew>,
    line: Line,
    monitors: Monitors,
    at: Duration,
    queue: BinaryHeap<Reverse<(Duration, usize)>>,
    /// What comes of the requests, and the calls that they are for.
    replies: BTreeMap<usize, (u64, Outcome)>,
    /// The call that the next request is for.
    sender: u64,
    running: usize,
    last_begin: Option<Duration>,
    stopped: bool,
    order: Order,
    bill: Charges,
    tally: Tally,
}

/// Runs the batch of one seed to its end.
pub(super) fn run<C: Crew + 'static>(source: &Source, crew: fn(Work) -> C) -> Result<Tally, Violation> {
    let (order, line) = Order::draw(source);
    let mut dice = source.way(6);
    let work = Work {
        config: order.config.clone(),
        seed: source.seed,
        ids: order.ids.clone(),
        policy: order.policy.clone(),
        taken: match dice.below(4) {
            0 | 1 => Taken::Whole,
            2 => Taken::OneByOne,
            _ => Taken::Until(1 + usize::try_from(dice.below(5)).unwrap_or(0)),
        },
        limit: order.limit,
    };
    let mut world = World {
        crew: Box::new(crew(work)),
        line,
        monitors: Monitors::new(ACCESS_KEY, SECRET_KEY),
        at: Duration::ZERO,
        queue: BinaryHeap::new(),
        replies: BTreeMap::new(),
        sender: 0,
        running: 0,
        last_begin: None,
        stopped: false,
        order,
        bill: Charges::NONE,
        tally: Tally::default(),
    };
    world.run().map_err(|mut violation| {
        violation.what = format!("at {:?}, in a batch: {}", world.at, violation.what);
        violation
    })
}

impl World {
    fn run(&mut self) -> Result<Tally, Violation> {
        self.crew.begins();
        self.hears()?;
        let came = loop {
            if let Some(came) = self.crew.came() {
                break Some(came);
            }
            let Some(Reverse((at, errand))) = self.queue.pop() else {
                break None;
            };
            self.at = self.at.max(at);
            let reply = self.replies.remove(&errand);
            if let Some((call, outcome)) = &reply {
                self.see(&Seen::Heard(*call, outcome.as_ref()))?;
            }
            let outcome = reply.map(|(_, outcome)| outcome);
            self.crew.goes_on(errand, Line::now(self.at), outcome);
            self.hears()?;
        };
        let Some(came) = came else {
            ensure(Invariant::WholeBatch, false, || {
                "the batch never ended".to_owned()
            })?;
            return Ok(Tally::default());
        };
        self.order.judge(&came.items, self.stopped)?;
        costs(came.charges, self.bill)?;
        costs(self.crew.charges(), self.bill)?;
        self.see(&Seen::Over(came.charges))?;
        self.tally.batches = 1;
        self.tally.batch_items = self.order.ids.len() as u64;
        self.tally.virtual_time = self.at;
        Ok(std::mem::take(&mut self.tally))
    }

    fn see(&mut self, seen: &Seen<'_>) -> Checked {
        self.monitors.see(Line::now(self.at), seen)
    }

    fn hears(&mut self) -> Checked {
        for told in self.crew.take_told() {
            match told {
                Told::Event(event) => self.event(&event)?,
                Told::Asks(errand, Turn::Send(request, limits)) => {
                    self.see(&Seen::Sent(self.sender, &request, &limits))?;
                    let fate = self.line.send(&request, &limits, self.at);
                    self.bill += fate.bill;
                    self.tally.sends += 1;
                    self.replies.insert(errand, (self.sender, fate.outcome));
                    self.queue.push(Reverse((self.at + fate.takes, errand)));
                }
                Told::Asks(errand, Turn::Sleep(pause) | Turn::WaitForToken(pause)) => {
                    self.queue.push(Reverse((self.at + pause, errand)));
                }
                Told::Asks(errand, Turn::Done(_) | Turn::Stuck) => {
                    ensure(Invariant::NoLostWakeUp, false, || {
                        format!("errand {errand} is done, and its call does not go on")
                    })?;
                }
                Told::Stops => self.stopped = true,
            }
        }
        Ok(())
    }

    fn event(&mut self, event: &Event) -> Checked {
        match event {
            Event::CallBegun { .. } => self.begins()?,
            Event::CallEnded { error, .. } => {
                self.running -= 1;
                let unknown = *error == Some(ErrorKind::Api(CodeClass::NotFound));
                self.stopped |= self.order.stops && unknown;
            }
            Event::AttemptBegun { call, .. } => self.sender = call.get(),
            _ => {}
        }
        self.see(&Seen::Event(event))
    }

    fn begins(&mut self) -> Checked {
        ensure(Invariant::BatchLimits, !self.stopped, || {
            "one begins after the batch was to stop".to_owned()
        })?;
        ensure(Invariant::BatchLimits, self.running < self.order.limit, || {
            format!("one begins beside {} others", self.running)
        })?;
        let (at, interval) = (self.at, self.order.interval);
        let early = self.last_begin.is_some_and(|last| at < last + interval);
        ensure(Invariant::BatchLimits, !early, || {
            format!("one begins too soon after {:?}", self.last_begin)
        })?;
        self.last_begin = Some(at);
        self.running += 1;
        self.see(&Seen::Terms(Terms {
            attempts: 3,
            total: TOTAL,
            attempt: Duration::from_secs(15),
            longest_backoff: Duration::from_secs(10),
            maybe_charged: false,
            budget: BUDGET,
            must_succeed: false,
        }))
    }
}

//! A batch of results, worked off as the clients do it, or by one of them: so many at a time, each call by itself.

mod crew;
mod on_tasks;
mod on_threads;
mod order;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use advance_core::session::{Batch, BatchStep, Call, Pause, Session, Step, Until};
use advance_core::wire::CodeClass;
use advance_core::{Charges, ErrorKind, GetResult, Response, Verification};

use super::line::{Line, Outcome};
use super::source::Source;
use super::violation::{Checked, Invariant, Violation, ensure};
use super::{Driven, Sabotage, Tally, requests};
use order::{Order, costs};

#[expect(clippy::large_enum_variant, reason = "there are few at a time")]
enum State {
    Sending(advance_core::session::Awaiting<GetResult>, Outcome),
    Pausing(Pause<GetResult>),
}

struct Running {
    number: usize,
    state: State,
    epoch: u32,
}

struct World {
    session: Session,
    line: Line,
    at: Duration,
    queue: BinaryHeap<Reverse<(Duration, u64, usize, u32)>>,
    queued: u64,
    order: Order,
    batch: Batch,
    running: Vec<Running>,
    /// Those that wait for a token rather than for time to pass.
    tokens_awaited: Vec<usize>,
    last_begin: Option<Duration>,
    refusals: u64,
    bill: Charges,
    tally: Tally,
}

/// The alarm of the batch itself, beside those of its calls.
const BATCH: usize = usize::MAX;

/// Runs the batch of one seed to its end.
pub(super) fn run(source: &Source, driven: Driven) -> Result<Tally, Violation> {
    match driven {
        Driven::ByHand(broken) => by_hand(source, broken),
        Driven::OnTasks => crew::run(source, on_tasks::OnTasks::new),
        Driven::OnThreads => crew::run(source, on_threads::OnThreads::new),
    }
}

fn by_hand(source: &Source, broken: Option<Sabotage>) -> Result<Tally, Violation> {
    let mut world = World::new(source, broken);
    world.begin_more()?;
    while let Some(Reverse((at, _, number, epoch))) = world.queue.pop() {
        world.at = world.at.max(at);
        if number == BATCH {
            world.begin_more()?;
        } else {
            world.goes_on(number, epoch)?;
        }
    }
    let finished = world.running.is_empty() && world.batch.step(world.at) == BatchStep::Finished;
    ensure(Invariant::WholeBatch, finished, || {
        "the batch never ended".to_owned()
    })?;
    let World {
        batch,
        order,
        refusals,
        bill,
        mut tally,
        at,
        ..
    } = world;
    let result = batch.into_result();
    let whole = result.items.len() == order.ids.len();
    ensure(Invariant::WholeBatch, whole, || "ids are missing".to_owned())?;
    order.judge(&result.items, order.stops && refusals > 0)?;
    costs(result.charges, bill)?;
    tally.batches = 1;
    tally.batch_items = order.ids.len() as u64;
    tally.virtual_time = at;
    Ok(tally)
}

impl World {
    fn new(source: &Source, broken: Option<Sabotage>) -> Self {
        let (order, line) = Order::draw(source);
        let policy = order.policy.clone();
        #[cfg(feature = "sabotage")]
        let policy = match broken {
            Some(broken) => policy.sabotaged(broken.rule()),
            None => policy,
        };
        #[cfg(not(feature = "sabotage"))]
        debug_assert!(broken.is_none());
        Self {
            session: Session::new(order.config.clone(), requests::credentials(), source.seed),
            line,
            at: Duration::ZERO,
            queue: BinaryHeap::new(),
            queued: 0,
            batch: Batch::new(order.ids.clone(), policy),
            order,
            running: Vec::new(),
            tokens_awaited: Vec::new(),
            last_begin: None,
            refusals: 0,
            bill: Charges::NONE,
            tally: Tally::default(),
        }
    }

    fn queue(&mut self, at: Duration, number: usize, epoch: u32) {
        self.queued += 1;
        self.queue.push(Reverse((at, self.queued, number, epoch)));
    }

    fn begin_more(&mut self) -> Checked {
        loop {
            match self.batch.step(self.at) {
                BatchStep::Begin(number, id) => {
                    let at = self.at;
                    ensure(
                        Invariant::WholeBatch,
                        self.order.ids.get(number) == Some(&id),
                        || format!("number {number} begins with another id"),
                    )?;
                    ensure(
                        Invariant::BatchLimits,
                        self.running.len() < self.order.limit,
                        || format!("number {number} begins beside {} others", self.running.len()),
                    )?;
                    let stopped = self.order.stops && self.refusals > 0;
                    ensure(Invariant::BatchLimits, !stopped, || {
                        format!("number {number} begins after the batch was to stop")
                    })?;
                    let early = self
                        .last_begin
                        .is_some_and(|last| at < last + self.order.interval);
                    ensure(Invariant::BatchLimits, !early, || {
                        format!("number {number} begins {at:?}, too soon")
                    })?;
                    self.last_begin = Some(at);
                    let seen = self.session.generation();
                    let step = self.session.begin(Call::new(GetResult::new(id)), Line::now(at));
                    self.follow(number, 0, step);
                    self.wake(seen);
                }
                BatchStep::Wait(wait) => {
                    self.queue(self.at + wait, BATCH, 0);
                    return Ok(());
                }
                BatchStep::Full | BatchStep::Finished => return Ok(()),
            }
        }
    }

    fn goes_on(&mut self, number: usize, epoch: u32) -> Checked {
        let Some(place) = self
            .running
            .iter()
            .position(|call| call.number == number && call.epoch == epoch)
        else {
            return Ok(());
        };
        let Running { state, .. } = self.running.swap_remove(place);
        let (now, seen) = (Line::now(self.at), self.session.generation());
        let step = match state {
            State::Sending(awaiting, outcome) => awaiting.resume(&mut self.session, now, outcome),
            State::Pausing(pause) => pause.resume(&mut self.session, now),
        };
        self.follow(number, epoch + 1, step);
        self.wake(seen);
        self.begin_more()
    }

    /// Who waits for a token looks again whenever there is news of it.
    fn wake(&mut self, seen: advance_core::session::Generation) {
        if self.session.generation() == seen {
            return;
        }
        let news: Vec<(usize, u32)> = self
            .running
            .iter()
            .filter(|call| self.tokens_awaited.contains(&call.number))
            .map(|call| (call.number, call.epoch))
            .collect();
        for (number, epoch) in news {
            self.queue(self.at, number, epoch);
        }
    }

    fn follow(&mut self, number: usize, epoch: u32, step: Step<GetResult>) {
        self.tokens_awaited.retain(|other| *other != number);
        let state = match step {
            Step::Send(request, limits, awaiting) => {
                let fate = self.line.send(&request, &limits, self.at);
                self.bill += fate.bill;
                self.tally.sends += 1;
                self.queue(self.at + fate.takes, number, epoch);
                State::Sending(awaiting, fate.outcome)
            }
            Step::Wait(until, pause) => {
                let longest = match until {
                    Until::Elapsed(longest) => longest,
                    Until::Token { at_most, .. } => {
                        self.tokens_awaited.push(number);
                        at_most
                    }
                };
                self.queue(self.at + longest, number, epoch);
                State::Pausing(pause)
            }
            Step::Share(..) => unreachable!("no store was given"),
            Step::Done(result) => {
                self.ended(number, result);
                return;
            }
        };
        self.running.push(Running { number, state, epoch });
    }

    fn ended(&mut self, number: usize, result: Result<Response<Verification>, advance_core::Error>) {
        if let Err(error) = &result {
            self.refusals += u64::from(error.kind() == ErrorKind::Api(CodeClass::NotFound));
        }
        self.batch.ended(number, result);
    }
}

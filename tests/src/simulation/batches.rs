//! A batch of results, worked off as the clients do it: so many at a time, each call by itself.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::num::NonZeroUsize;
use std::time::Duration;

use advance_core::session::{Batch, BatchResult, BatchStep, Call, Pause, Session, Step, Until};
use advance_core::wire::CodeClass;
use advance_core::{
    BatchPolicy, Charges, Config, ErrorKind, GetResult, Response, RetryPolicy, SignatureId, Verification,
};
use advance_sandbox::model::Charging;

use super::line::{Line, Outcome};
use super::source::Source;
use super::violation::{Checked, Invariant, Violation, ensure};
use super::{Sabotage, Tally, requests};

const S: fn(u64) -> Duration = Duration::from_secs;

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
    ids: Vec<SignatureId>,
    known: Vec<bool>,
    batch: Batch,
    limit: usize,
    interval: Duration,
    stops: bool,
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
pub(super) fn run(source: &Source, broken: Option<Sabotage>) -> Result<Tally, Violation> {
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
        ids,
        known,
        stops,
        refusals,
        bill,
        mut tally,
        at,
        ..
    } = world;
    judge(&batch.into_result(), &ids, &known, stops && refusals > 0, bill)?;
    tally.batches = 1;
    tally.batch_items = ids.len() as u64;
    tally.virtual_time = at;
    Ok(tally)
}

fn judge(result: &BatchResult, ids: &[SignatureId], known: &[bool], stopped: bool, bill: Charges) -> Checked {
    let order = result.items.iter().map(|item| &item.signature_id).eq(ids);
    ensure(Invariant::WholeBatch, order, || {
        "the ids are not those that were given, in their order".to_owned()
    })?;
    for (number, item) in result.items.iter().enumerate() {
        ensure(Invariant::WholeBatch, stopped || item.result.is_some(), || {
            format!("number {number} has no outcome")
        })?;
        let fits = match &item.result {
            None => true,
            Some(Ok(_)) => known[number],
            Some(Err(error)) => {
                let unknown = error.kind() == ErrorKind::Api(CodeClass::NotFound);
                unknown != known[number] || !unknown
            }
        };
        ensure(Invariant::WholeBatch, fits, || {
            format!("number {number} has the outcome of another: {:?}", item.result)
        })?;
    }
    ensure(Invariant::TrueCharges, result.charges == bill, || {
        format!(
            "the batch says {:?}, and its requests cost {bill:?}",
            result.charges
        )
    })
}

impl World {
    fn new(source: &Source, broken: Option<Sabotage>) -> Self {
        let mut line = Line::new(&source.shifted(0x5eed), |config, dice| {
            config.behaviour.charging =
                dice.pick(&[Charging::Documented, Charging::PayPerPoll, Charging::Omit]);
        });
        let limit = line.dice.pick(&[1, 2, 8]);
        let interval = line
            .dice
            .pick(&[Duration::ZERO, Duration::ZERO, Duration::from_millis(250)]);
        let stops = line.dice.one_in(4);
        let mut policy = BatchPolicy::new()
            .concurrency(NonZeroUsize::new(limit).unwrap_or(NonZeroUsize::MIN))
            .interval(interval);
        if stops {
            policy = policy.stop_on(|error| error.kind() == ErrorKind::Api(CodeClass::NotFound));
        }
        let policy_of_calls = RetryPolicy::new().total(S(30)).budget(1_000);
        let session = Session::new(
            Config::new().retry(policy_of_calls),
            requests::credentials(),
            source.seed,
        );
        #[cfg(feature = "sabotage")]
        if let Some(broken) = broken {
            policy = policy.sabotaged(broken.rule());
        }
        #[cfg(not(feature = "sabotage"))]
        debug_assert!(broken.is_none());
        let known_id = requests::begin(&mut line.vendor, "sbx-ok", Line::time(Duration::ZERO))
            .signature_id()
            .clone();
        let (mut ids, mut known) = (Vec::new(), Vec::new());
        for _ in 0..line.dice.below(20) {
            let is_known = !line.dice.one_in(4);
            let unknown = SignatureId::new(format!("{:016x}", line.dice.next()));
            ids.push(match unknown {
                Ok(unknown) if !is_known => unknown,
                _ => known_id.clone(),
            });
            known.push(is_known);
        }
        Self {
            session,
            line,
            at: Duration::ZERO,
            queue: BinaryHeap::new(),
            queued: 0,
            batch: Batch::new(ids.clone(), policy),
            ids,
            known,
            limit,
            interval,
            stops,
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
                    ensure(Invariant::WholeBatch, self.ids.get(number) == Some(&id), || {
                        format!("number {number} begins with another id")
                    })?;
                    ensure(Invariant::BatchLimits, self.running.len() < self.limit, || {
                        format!("number {number} begins beside {} others", self.running.len())
                    })?;
                    let early = self.last_begin.is_some_and(|last| at < last + self.interval);
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

//! A worker: the runner's turns, its session, its jobs, and how their requests fare.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use advance_collector::job::{Asking, Job, Step};
use advance_collector::rate::Slot;
use advance_collector::{AttemptId, Pace, Settlement, Shift, StoreError, StoreErrorKind, Turn};
use advance_core::session::{Awaiting, Pause, Session, Step as CallStep, Until};
use advance_core::transport::{Failure, FailureKind, Limits, Sent};
use advance_core::{GetResult, Now};
use http::{Request, Response};

use super::door::{LATE, LONG_WAIT};
use super::{Crowd, What, table};
use crate::collecting::process_model::Process;

/// How many outcomes are told in one turn, and after how long those that were not taken are told again.
const TOLD_AT_ONCE: usize = 64;
const TELL_AGAIN: Duration = Duration::from_secs(10);

const CLAIMS: Duration = Duration::from_secs(30);

/// What the vendor asks for when it is busy.
const BUSY: Duration = Duration::from_secs(10);

/// A process, in one life after the other.
pub(super) struct Worker {
    number: usize,
    pub(super) life: u32,
    pub(super) wake: u64,
    /// Nothing of it moves before this.
    pub(super) stopped: u64,
    session: Session,
    shift: Shift,
    /// Claimed, and not begun.
    queue: Vec<usize>,
    jobs: BTreeMap<u64, Work>,
    begun: u64,
}

/// A job under way.
struct Work {
    number: usize,
    at: At,
}

/// Where a job stands.
#[allow(clippy::large_enum_variant, reason = "each lives for a moment")]
enum At {
    /// It has a step to carry out.
    Job(Step),
    /// Its call has one, and has waited for its turn since then.
    Call(CallStep<GetResult>, Asking, Option<Duration>),
    /// Its request has a turn: how long it waits for it, and when it comes.
    Turn(Outgoing, Duration, Duration),
    /// This has come back.
    Back(Result<Response<Vec<u8>>, Failure>, Awaiting<GetResult>, Asking),
    /// Its call pauses.
    Paused(Pause<GetResult>, Asking),
}

/// A request that is about to go out.
struct Outgoing {
    request: Request<Vec<u8>>,
    limits: Limits,
    awaiting: Awaiting<GetResult>,
    asking: Asking,
    since: Duration,
}

impl Worker {
    pub(super) fn new(number: usize, now: Now, pace: Pace) -> Self {
        Self {
            number,
            life: 0,
            wake: 0,
            stopped: 0,
            session: Process::new(number as u64, now).session,
            shift: Shift::new(pace, false),
            queue: Vec::new(),
            jobs: BTreeMap::new(),
            begun: 0,
        }
    }

    /// What it had in memory is gone.
    pub(super) fn crash(&mut self) {
        self.life += 1;
        self.stopped = 0;
        self.queue.clear();
        self.jobs.clear();
    }

    pub(super) fn start(&mut self, now: Now, pace: Pace) {
        let seed = (self.number as u64) << 32 | u64::from(self.life);
        self.session = Process::new(seed, now).session;
        self.shift = Shift::new(pace, false);
    }

    /// The verifications that it has claimed.
    pub(super) fn under_way(&self) -> impl Iterator<Item = usize> + '_ {
        let jobs = self.jobs.values().map(|work| work.number);
        self.queue.iter().copied().chain(jobs)
    }
}

impl Crowd {
    /// One turn of a worker's runner.
    pub(super) fn turn(&mut self, who: usize) {
        let (mono, wall) = (self.now().mono, self.now().wall);
        let turn = self.workers[who].shift.turn(mono);
        let (lost_before, lost_after) = (self.dice.per_mille(1), self.dice.per_mille(1));
        let took = self.dice.millis(2, 15);
        let shift = &mut self.workers[who].shift;
        match turn {
            Turn::Wait(pause) => return self.wake(who, pause),
            Turn::Begin(claim) => {
                let number = table::number(&claim.signature_id);
                self.attempts += 1;
                let (attempt, entropy) = (AttemptId::new(self.attempts), self.dice.next());
                let step = Job::begin(claim, Arc::clone(&self.policy), attempt, entropy, self.now());
                let worker = &mut self.workers[who];
                worker.queue.retain(|queued| *queued != number);
                worker.begun += 1;
                let job = worker.begun;
                let at = At::Job(step);
                worker.jobs.insert(job, Work { number, at });
                self.later(Duration::ZERO, who, What::Job(job));
                return self.wake(who, Duration::ZERO);
            }
            Turn::Token => shift.token(true, mono),
            _ if lost_before => shift.store_failed(mono),
            Turn::Sweep => {
                let found = self.table.sweep(0, wall);
                for number in &found {
                    self.decided(*number);
                }
                self.workers[who].shift.swept(found.len() as u64, mono);
            }
            Turn::Claim(limit) => {
                let claims = self.table.claim(limit, CLAIMS, wall);
                if lost_after {
                    // They are due again when their lease is over.
                    self.workers[who].shift.store_failed(mono);
                } else {
                    let numbers: Vec<_> = claims
                        .iter()
                        .map(|claim| table::number(&claim.signature_id))
                        .collect();
                    for number in &numbers {
                        self.decided(*number);
                    }
                    self.workers[who].queue.extend(numbers);
                    self.workers[who].shift.claimed(claims, mono);
                }
            }
            Turn::Look => shift.rest(self.table.rest(wall), mono),
            Turn::Tell => {
                let events = self.table.untold(TOLD_AT_ONCE, TELL_AGAIN, wall);
                let mut told = 0;
                // A worker may die between the telling and the note of it: then it is told again.
                for event in events.iter().filter(|_| !lost_after) {
                    let outcomes = self.told.entry(table::number(&event.signature_id)).or_default();
                    outcomes.insert(event.revision, event.conclusion.clone());
                    if !self.dice.per_mille(5) {
                        self.table.told(event);
                        told += 1;
                    }
                }
                self.workers[who].shift.told(&events, told, mono);
            }
            Turn::Prune | Turn::GiveBack(_) | Turn::Done => {}
        }
        self.wake(who, took);
    }

    /// One step of a job.
    pub(super) fn advance(&mut self, who: usize, job: u64) {
        let Some(Work { number, at }) = self.workers[who].jobs.remove(&job) else {
            return;
        };
        let Some((at, after)) = self.step(who, at) else {
            return;
        };
        self.workers[who].jobs.insert(job, Work { number, at });
        self.later(after, who, What::Job(job));
    }

    /// Where the job stands then, and after how long it goes on; nothing if it has ended.
    fn step(&mut self, who: usize, at: At) -> Option<(At, Duration)> {
        let now = self.now();
        let session = &mut self.workers[who].session;
        Some(match at {
            At::Job(step) => return self.job(who, step),
            At::Call(CallStep::Send(request, limits, awaiting), asking, since) => {
                let since = since.unwrap_or(now.mono);
                let outgoing = Outgoing {
                    request,
                    limits,
                    awaiting,
                    asking,
                    since,
                };
                self.queue_up(who, outgoing)
            }
            At::Call(CallStep::Wait(until, pause), asking, _) => {
                let wait = match until {
                    Until::Elapsed(wait) => wait,
                    Until::Token { at_most, .. } => at_most.min(Duration::from_millis(50)),
                };
                (At::Paused(pause, asking), wait)
            }
            At::Call(CallStep::Share(..), ..) => unreachable!("no store was given"),
            At::Call(CallStep::Done(result), asking, _) => {
                (At::Job(asking.answered(result, now)), Duration::ZERO)
            }
            At::Paused(pause, asking) => {
                let step = pause.resume(session, now);
                (At::Call(step, asking, None), Duration::ZERO)
            }
            At::Turn(outgoing, wait, due) => {
                let missed = now.mono > due + LATE;
                if missed || (wait >= LONG_WAIT && self.door.is_held(who, now.wall)) {
                    self.queue_up(who, outgoing)
                } else {
                    self.send(outgoing)
                }
            }
            At::Back(outcome, awaiting, asking) => {
                let busy = outcome.as_ref().ok();
                if busy.is_some_and(|reply| reply.headers().contains_key("retry-after")) {
                    self.door.hold(who, BUSY, now.wall, self.at);
                }
                let step = awaiting.resume(session, now, outcome);
                (At::Call(step, asking, None), Duration::ZERO)
            }
        })
    }

    /// A step of the collector's own.
    fn job(&mut self, who: usize, step: Step) -> Option<(At, Duration)> {
        let now = self.now();
        let took = self.dice.millis(2, 15);
        let step = match step {
            Step::Intend(intent, next) => {
                let answer = self.store(|table| table.intend(&intent, now.wall));
                next.intended(answer, now)
            }
            Step::Ask(call, next) => {
                let step = self.workers[who].session.begin(call, now);
                return Some((At::Call(step, next, None), Duration::ZERO));
            }
            Step::Keep(_, next) => next.kept(Ok(())),
            Step::Settle(attempt, settlement, next) => {
                let answer = self.book(attempt, &settlement, now);
                next.settled(answer)
            }
            Step::Pause(pause, next) => return Some((At::Job(next.resume()), pause)),
            Step::Fetch(..) => unreachable!("pictures are left"),
            Step::Done(report) => {
                self.workers[who].shift.ended(&report, now.mono);
                self.wake(who, Duration::ZERO);
                return None;
            }
        };
        Some((At::Job(step), took))
    }

    fn book(
        &mut self,
        attempt: AttemptId,
        settlement: &Settlement,
        now: Now,
    ) -> Result<advance_collector::Settled, StoreError> {
        self.store(|table| table.settle(attempt, settlement, now.wall))
    }

    /// One operation of the store: one in a thousand fails before it is done, and one in a thousand afterwards.
    fn store<R>(&mut self, operation: impl FnOnce(&mut table::Table) -> R) -> Result<R, StoreError> {
        let failed = || Err(StoreError::new(StoreErrorKind::Unavailable));
        if self.dice.per_mille(1) {
            return failed();
        }
        let answer = operation(&mut self.table);
        if self.dice.per_mille(1) {
            return failed();
        }
        Ok(answer)
    }

    /// Takes a turn, as `advance_collector::rate::Paced` does.
    fn queue_up(&mut self, who: usize, outgoing: Outgoing) -> (At, Duration) {
        let now = self.now();
        let waited = now.mono.saturating_sub(outgoing.since);
        let at_most = (outgoing.limits.within / 2).saturating_sub(waited);
        match self.door.take(who, at_most, now.wall) {
            Slot::In(wait) => (At::Turn(outgoing, wait, now.mono + wait), wait),
            Slot::Later(_) => {
                let failure = Failure::new(FailureKind::Connect, Sent::No);
                (
                    At::Back(Err(failure), outgoing.awaiting, outgoing.asking),
                    Duration::ZERO,
                )
            }
        }
    }

    /// The request goes out: it may be lost on the way there or back, or find the vendor busy.
    fn send(&mut self, outgoing: Outgoing) -> (At, Duration) {
        let Outgoing {
            request,
            awaiting,
            asking,
            ..
        } = outgoing;
        let took = self.dice.millis(20, 300);
        let fate = self.dice.below(1_000);
        if fate < 10 {
            let failure = Failure::new(FailureKind::Connect, Sent::No);
            return (At::Back(Err(failure), awaiting, asking), took);
        }
        self.door.came(self.at);
        if self.dice.one_in(20_000) {
            return (At::Back(Ok(busy()), awaiting, asking), took);
        }
        let wall = self.now().wall.get();
        let (status, kind, body) = self.shop.handle(request.uri().path(), request.body(), wall);
        if fate < 20 {
            let failure = Failure::new(FailureKind::Reset, Sent::Maybe);
            return (At::Back(Err(failure), awaiting, asking), took);
        }
        let response = Response::builder().status(status).header("content-type", kind);
        (
            At::Back(Ok(response.body(body).unwrap_or_default()), awaiting, asking),
            took,
        )
    }
}

fn busy() -> Response<Vec<u8>> {
    let body = r#"{"code":"SERVICE_BUSY","message":"busy","data":null,"extra":null,
        "transactionId":"b6d722f7e9f553ae","pricingStrategy":"FREE"}"#;
    let response = Response::builder()
        .header("content-type", "application/json")
        .header("retry-after", BUSY.as_secs().to_string());
    response.body(body.into()).unwrap_or_default()
}

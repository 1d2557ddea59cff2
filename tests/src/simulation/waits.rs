//! Several backends wait for several people at once, over one session.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use advance_core::session::{Awaiting, Pause, Session, Step, Until, Wait, WaitStep, Waited};
use advance_core::transport::Limits;
use advance_core::{Charges, Config, GetResult, Now, RetryPolicy, WaitOutcome, WaitPolicy};
use advance_sandbox::model::{Charging, Unfinished};
use http::Request;

use super::line::{Line, Outcome};
use super::source::Source;
use super::violation::{Checked, Invariant, Violation, ensure};
use super::{Sabotage, Tally, requests};

const S: fn(u64) -> Duration = Duration::from_secs;

/// More than any wait needs by far.
const ENDLESS: u32 = 20_000;

/// The longest that one poll takes.
const POLL: Duration = Duration::from_secs(20);

const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How long after the end of its link a result may come, by the policies that are drawn.
const GRACE: Duration = Duration::from_secs(60);

/// How long after that a wait may go on trying.
const AFTERWARDS: Duration = Duration::from_secs(120);

/// How long the vendor may not know a link that was just made.
const UNKNOWN_AT_FIRST: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    Begins,
    Returns,
    Wakes,
    GivesUp,
}

#[expect(clippy::large_enum_variant, reason = "there are few at a time")]
enum State {
    NotBegun(Box<WaitPolicy>),
    Sending(Wait, Awaiting<GetResult>, Outcome),
    /// Within a poll.
    Holding(Wait, Pause<GetResult>),
    /// Between two.
    Pausing(Wait),
    Over,
}

struct Waiter {
    state: State,
    /// Moves on with every step, so that an alarm of an earlier one is known for what it is.
    epoch: u32,
    begun: Duration,
    deadline: Duration,
    link_ends: Option<Duration>,
    first: Duration,
    /// How many polls may be charged and bring nothing.
    charged_polls: u32,
    bill: Charges,
    sends: u32,
    told_finished: bool,
    told_refused: bool,
    /// When the latest request for the result went out, if its reply got through.
    answered: Option<Duration>,
}

/// What a wait and the call it is in ask for together.
#[expect(clippy::large_enum_variant, reason = "each lives for a moment")]
enum Next {
    Send(Wait, Request<Vec<u8>>, Limits, Awaiting<GetResult>),
    Wait(Wait, Until, Option<Pause<GetResult>>),
    Done(Waited),
}

/// Follows a wait to where it sends, waits or ends; `step` is that of the call it is in.
fn goes_on(mut plan: Wait, step: Option<Step<GetResult>>, session: &mut Session, now: Now) -> Next {
    let mut step = step;
    loop {
        match step.take() {
            Some(Step::Send(request, limits, awaiting)) => {
                return Next::Send(plan, request, limits, awaiting);
            }
            Some(Step::Wait(until, pause)) => return Next::Wait(plan, until, Some(pause)),
            Some(Step::Share(..)) => unreachable!("no store was given"),
            Some(Step::Done(result)) => plan.ended(result),
            None => {}
        }
        match plan.step(session, now) {
            WaitStep::Ask(call) => step = Some(session.begin(call, now)),
            WaitStep::Pause(pause) => return Next::Wait(plan, Until::Elapsed(pause), None),
            WaitStep::Done => return Next::Done(plan.into_result()),
        }
    }
}

/// When, in which order, what, to which wait, and in which of its epochs.
type Alarm = (Duration, u64, Happening, usize, u32);

struct World {
    session: Session,
    line: Line,
    at: Duration,
    queue: BinaryHeap<Reverse<Alarm>>,
    queued: u64,
    people: Vec<Waiter>,
    waiters: Vec<usize>,
    unknown_id_is_unfinished: bool,
    tally: Tally,
}

/// Runs the waits of one seed to their ends.
pub(super) fn run(source: &Source, broken: Option<Sabotage>) -> Result<Tally, Violation> {
    let mut world = World::new(source, broken);
    while let Some(Reverse((at, _, what, wait, epoch))) = world.queue.pop() {
        world.at = world.at.max(at);
        world.happens(what, wait, epoch).map_err(|mut violation| {
            violation.what = format!("at {:?}, wait {wait}: {}", world.at, violation.what);
            violation
        })?;
    }
    let left = world.people.iter().any(|wait| !matches!(wait.state, State::Over));
    ensure(Invariant::WaitsEnd, !left, || "a wait never ended".to_owned())?;
    world.tally.virtual_time = world.at;
    Ok(world.tally)
}

impl World {
    fn new(source: &Source, broken: Option<Sabotage>) -> Self {
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
        let policy = RetryPolicy::new().attempts(line.dice.pick(&[1, 3])).total(POLL);
        let session = Session::new(Config::new().retry(policy), requests::credentials(), source.seed);
        #[cfg(feature = "sabotage")]
        let session = match broken {
            Some(broken) => session.sabotaged(broken.rule()),
            None => session,
        };
        #[cfg(not(feature = "sabotage"))]
        debug_assert!(broken.is_none());
        let mut world = Self {
            session,
            line,
            at: Duration::ZERO,
            queue: BinaryHeap::new(),
            queued: 0,
            people: Vec::new(),
            waiters: Vec::new(),
            unknown_id_is_unfinished,
            tally: Tally::default(),
        };
        for _ in 0..=world.line.dice.below(4) {
            world.plan();
        }
        world
    }

    /// Draws one wait, and when its caller begins it and perhaps loses patience.
    fn plan(&mut self) {
        let dice = &mut self.line.dice;
        let user = dice.pick(&["sbx-ok", "sbx-pending-3", "sbx-pending-9", "nobody", "nobody"]);
        let begins = dice.millis(0, 30_000);
        let total = dice.pick(&[None, None, Some(S(1)), Some(S(90)), Some(S(700))]);
        let (first, cap) = dice.pick(&[(S(3), S(30)), (Duration::from_millis(500), S(60)), (S(20), S(20))]);
        let by_link = !dice.one_in(3);
        let charged_polls = dice.pick(&[5, 5, 2, u32::MAX]);
        let patience = dice.one_in(6).then(|| dice.millis(0, 100_000));
        let link = requests::begin(&mut self.line.vendor, user, Line::time(begins));
        let polling = if by_link {
            WaitPolicy::link(&link)
        } else {
            WaitPolicy::of(link.signature_id().clone())
        };
        let mut polling = polling
            .backoff(first, cap)
            .charged_polls(charged_polls)
            .signature_not_exist(self.unknown_id_is_unfinished);
        if let Some(total) = total {
            polling = polling.total(total);
        }
        let life = self.line.vendor.behaviour().link_life;
        let untold = if by_link { Duration::MAX } else { S(3_600) };
        let wait = self.people.len();
        self.people.push(Waiter {
            state: State::NotBegun(Box::new(polling)),
            epoch: 0,
            begun: begins,
            deadline: begins.saturating_add(total.unwrap_or(untold)),
            link_ends: by_link.then(|| begins + life),
            first,
            charged_polls,
            bill: Charges::NONE,
            sends: 0,
            told_finished: false,
            told_refused: false,
            answered: None,
        });
        self.queue(begins, Happening::Begins, wait);
        if let Some(patience) = patience {
            self.queue(begins + patience, Happening::GivesUp, wait);
        }
    }

    fn queue(&mut self, at: Duration, what: Happening, wait: usize) {
        self.queued += 1;
        let epoch = self.people[wait].epoch;
        self.queue.push(Reverse((at, self.queued, what, wait, epoch)));
    }

    fn happens(&mut self, what: Happening, wait: usize, epoch: u32) -> Checked {
        let record = &mut self.people[wait];
        if what == Happening::GivesUp {
            let ticket = match std::mem::replace(&mut record.state, State::Over) {
                State::Sending(_, awaiting, _) => Some(awaiting.ticket()),
                State::Holding(_, pause) => Some(pause.ticket()),
                State::Pausing(plan) => Some(plan.ticket()),
                State::NotBegun(_) | State::Over => None,
            };
            record.epoch += 1;
            if let Some(ticket) = ticket {
                let seen = self.session.generation();
                self.session.abandon(ticket);
                self.wake(seen);
            }
            return Ok(());
        }
        if record.epoch != epoch {
            return Ok(());
        }
        let now = Line::now(self.at);
        let seen = self.session.generation();
        let session = &mut self.session;
        let (plan, step) = match std::mem::replace(&mut record.state, State::Over) {
            State::NotBegun(policy) => {
                self.tally.waits += 1;
                (session.begin_wait(*policy, now), None)
            }
            State::Sending(plan, awaiting, outcome) => (plan, Some(awaiting.resume(session, now, outcome))),
            State::Holding(plan, pause) => (plan, Some(pause.resume(session, now))),
            State::Pausing(plan) => (plan, None),
            State::Over => return Ok(()),
        };
        let next = goes_on(plan, step, session, now);
        self.wake(seen);
        self.follow(wait, next)
    }

    fn wake(&mut self, seen: advance_core::session::Generation) {
        if self.session.generation() != seen {
            for wait in std::mem::take(&mut self.waiters) {
                self.queue(self.at, Happening::Wakes, wait);
            }
        }
    }

    fn follow(&mut self, wait: usize, next: Next) -> Checked {
        let at = self.at;
        let record = &mut self.people[wait];
        record.epoch += 1;
        ensure(Invariant::WaitsEnd, record.epoch < ENDLESS, || {
            format!("after {ENDLESS} steps there is no end in sight")
        })?;
        match next {
            Next::Send(plan, request, limits, awaiting) => {
                let bounded = at + limits.within <= record.deadline && !limits.within.is_zero();
                ensure(Invariant::BoundedTime, bounded, || {
                    format!(
                        "a request has {:?}, and the time ends at {:?}",
                        limits.within, record.deadline
                    )
                })?;
                let fate = self.line.send(&request, &limits, at);
                record.bill += fate.bill;
                record.sends += 1;
                record.told_finished |= fate.finished;
                record.told_refused |= fate.refused;
                record.answered = fate.answered.then_some(at);
                record.state = State::Sending(plan, awaiting, fate.outcome);
                self.tally.sends += 1;
                self.queue(at + fate.takes, Happening::Returns, wait);
                Ok(())
            }
            Next::Wait(plan, until, pause) => {
                record.state = match pause {
                    Some(pause) => State::Holding(plan, pause),
                    None => State::Pausing(plan),
                };
                let (longest, seen) = match until {
                    Until::Elapsed(longest) => (longest, None),
                    Until::Token { seen, at_most } => (at_most, Some(seen)),
                };
                ensure(
                    Invariant::BoundedTime,
                    at.saturating_add(longest) <= record.deadline,
                    || {
                        format!(
                            "a pause of {longest:?}, and the time ends at {:?}",
                            record.deadline
                        )
                    },
                )?;
                self.queue(at + longest, Happening::Wakes, wait);
                match seen {
                    Some(seen) if self.session.generation() == seen => self.waiters.push(wait),
                    Some(_) => self.queue(at, Happening::Wakes, wait),
                    None => {}
                }
                Ok(())
            }
            Next::Done(waited) => self.ends(wait, &waited),
        }
    }

    fn ends(&mut self, wait: usize, waited: &Waited) -> Checked {
        let at = self.at;
        let record = &self.people[wait];
        self.tally.polls += u64::from(waited.polls);
        ensure(Invariant::WaitsEnd, at <= record.deadline, || {
            format!("it ends after its time, {:?}", record.deadline)
        })?;
        let last = record
            .link_ends
            .map_or(Duration::MAX, |ends| ends + GRACE + AFTERWARDS + POLL);
        ensure(Invariant::WaitsEnd, at <= last, || {
            format!("it ends long after its link, {:?}", record.link_ends)
        })?;
        let honest = waited.charges == record.bill && waited.sends == record.sends;
        ensure(Invariant::TrueCharges, honest, || {
            format!(
                "it says {:?} for {} requests, and {} cost {:?}",
                waited.charges, waited.sends, record.sends, record.bill
            )
        })?;
        let finished = matches!(waited.outcome, WaitOutcome::Finished(_));
        ensure(
            Invariant::AnswersAreKept,
            finished == record.told_finished,
            || {
                format!(
                    "the vendor told the end: {}, the wait: {:?}",
                    record.told_finished, waited.outcome
                )
            },
        )?;
        let within_limit = finished || record.bill.pay <= u64::from(record.charged_polls);
        ensure(Invariant::TrueCharges, within_limit, || {
            format!(
                "{} were charged for nothing, and {} may be",
                record.bill.pay, record.charged_polls
            )
        })?;
        let justified = match &waited.outcome {
            // The vendor said after the grace that nothing was finished.
            WaitOutcome::LinkExpired => record
                .link_ends
                .is_some_and(|ends| record.answered.is_some_and(|asked| ends + GRACE <= asked)),
            WaitOutcome::ChargeLimit => record.bill.pay >= u64::from(record.charged_polls),
            WaitOutcome::TimedOut => record.deadline.saturating_sub(at) <= record.first,
            WaitOutcome::Failed(_) if record.answered.is_none() => record
                .link_ends
                .is_some_and(|ends| ends + GRACE + AFTERWARDS < at + LONGEST_PAUSE),
            WaitOutcome::Failed(_) => {
                let fresh = record.link_ends.is_some() && at < record.begun + UNKNOWN_AT_FIRST;
                record.told_refused && !self.unknown_id_is_unfinished && !fresh
            }
            _ => true,
        };
        ensure(Invariant::NoEarlySurrender, justified, || {
            format!(
                "{:?}, its time ends at {:?} and its link at {:?}",
                waited.outcome, record.deadline, record.link_ends
            )
        })
    }
}

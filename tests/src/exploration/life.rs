//! One life: what may happen next, which of it does, and what comes of that.

use std::num::NonZeroUsize;
use std::time::Duration;

use advance_core::session::Call;
use advance_core::session::{
    Batch, BatchPolicy, BatchStep, Config, Event, RetryPolicy, Session, WaitOutcome, WaitPolicy, WaitStep,
};
use advance_core::transport::{Failure, FailureKind, Phase, Sent};
use advance_core::url::DownloadPolicy;
use advance_core::wire::parse;
use advance_core::{Error, GetResult, Now, SignatureId, UnixMillis};

use super::choices::Choices;
use super::replies;
use super::scope::{Asks, Nodes, Scope, Start, Trouble};
use super::strand::{Brought, Stage, Strand};
use super::vendor::{BEGIN, Target, Vendor};
use crate::monitors::{Monitors, Seen, Terms};
use crate::simulation::hand::{self, Hand, Move, Outcome};
use crate::simulation::violation::{Checked, Violation, ensure};
use crate::simulation::{ACCESS_KEY, Invariant, SECRET_KEY, Sabotage, requests};

/// How long a reply is on its way, if nothing is said of that.
const STEP: Duration = Duration::from_millis(10);

/// How late a transport is that is late.
const LATE: Duration = Duration::from_secs(3);

/// More than any life needs by far.
const ENDLESS: u64 = 2_000;

/// What may happen next.
#[derive(Clone, Copy, Debug)]
enum Happening {
    Wakes(usize),
    Begins(usize),
    IsAnswered(usize),
    /// Its time is up.
    IsDue(usize),
    Trouble(usize, usize),
}

pub(super) struct Life<'a> {
    scope: &'a Scope,
    choices: &'a mut Choices,
    session: Session,
    vendor: Vendor,
    monitors: Monitors,
    strands: Vec<Strand>,
    batch: Option<Batch>,
    ids: Vec<SignatureId>,
    mono: Duration,
    slept: Duration,
    jumped: i64,
    troubles: Vec<u8>,
    /// Nothing is chosen yet: the session is made ready.
    prelude: bool,
    happenings: Vec<Happening>,
    pub(super) transitions: u64,
    /// What happened, if anybody wants to read it.
    pub(super) trail: Option<Vec<String>>,
    broken: Option<Sabotage>,
}

impl<'a> Life<'a> {
    pub(super) fn new(scope: &'a Scope, choices: &'a mut Choices, broken: Option<Sabotage>) -> Self {
        let policy = scope.policy;
        let retry = RetryPolicy::new()
            .attempts(policy.attempts)
            .total(policy.total)
            .retry_maybe_charged(policy.maybe_charged)
            .budget(policy.budget);
        let config = Config::new().retry(retry).attempt_timeout(policy.attempt);
        let mut session = Session::new(config, requests::credentials(), 7);
        #[cfg(feature = "sabotage")]
        if let Some(broken) = broken {
            session = session.sabotaged(broken.rule());
        }
        session.record_events(true);
        Self {
            scope,
            choices,
            session,
            vendor: Vendor::default(),
            monitors: Monitors::new(ACCESS_KEY, SECRET_KEY),
            strands: Vec::new(),
            batch: None,
            ids: Vec::new(),
            mono: Duration::from_secs(1),
            slept: Duration::ZERO,
            jumped: 0,
            troubles: scope.troubles.iter().map(|(_, times)| *times).collect(),
            prelude: true,
            happenings: Vec::new(),
            transitions: 0,
            trail: None,
            broken,
        }
    }

    /// Lives it to its end.
    pub(super) fn run(&mut self) -> Checked {
        if self.scope.start != Start::Cold {
            self.strands.push(Strand::new(Asks::Result));
            self.live()?;
            self.strands.clear();
        }
        if self.scope.start == Start::Window {
            self.mono += Duration::from_secs(3_580);
        }
        self.prelude = false;
        self.strands
            .extend(self.scope.asks.iter().map(|asks| Strand::new(*asks)));
        self.live()?;
        self.see(&Seen::Over(self.session.charges()))?;
        self.judge_batch()
    }

    fn live(&mut self) -> Checked {
        while let Some(next) = self.choose()? {
            self.tell(|| format!("{next:?}"));
            ensure(Invariant::NoDeadlock, self.transitions < ENDLESS, || {
                format!("after {ENDLESS} transitions there is no end in sight")
            })?;
            match next {
                Happening::Wakes(strand) => self.goes_on(strand)?,
                Happening::Begins(strand) => {
                    self.mono += self.scope.gap;
                    self.begins(strand)?;
                }
                Happening::IsAnswered(strand) => self.is_answered(strand)?,
                Happening::IsDue(strand) => self.is_due(strand)?,
                Happening::Trouble(trouble, strand) => self.trouble(trouble, strand)?,
            }
        }
        Ok(())
    }

    fn knows(&self) -> bool {
        self.scope.vendor != Nodes::Say || self.prelude
    }

    /// This much later, but no later than the next timer.
    fn passes(&mut self, time: Duration) {
        let due = self.strands.iter().filter_map(Strand::due).min();
        self.mono = (self.mono + time).min(due.unwrap_or(Duration::MAX));
    }

    fn pick(&mut self, ways: usize) -> usize {
        if self.prelude { 0 } else { self.choices.pick(ways) }
    }

    /// Collects what may happen next, the plain course first, and chooses one of it.
    fn choose(&mut self) -> Result<Option<Happening>, Violation> {
        let mut open = std::mem::take(&mut self.happenings);
        open.clear();
        let generation = self.session.generation();
        let wakes = |strand: &Strand| matches!(strand.stage, Stage::Waiting(_, seen) if seen != generation);
        let all = || self.strands.iter().enumerate();
        open.extend(
            all()
                .filter(|(_, one)| wakes(one))
                .map(|(n, _)| Happening::Wakes(n)),
        );
        let woken = open.len();
        // Time goes no further than to the next timer before that has fired.
        let due = self.strands.iter().filter_map(Strand::due).min();
        if due.is_none_or(|due| self.mono + self.scope.gap < due) {
            open.extend(
                all()
                    .filter(|(_, one)| matches!(one.stage, Stage::NotBegun))
                    .map(|(n, _)| Happening::Begins(n)),
            );
        }
        if due.is_some_and(|due| self.mono < due) {
            open.extend(
                all()
                    .filter(|(_, one)| matches!(one.stage, Stage::Sending(..)))
                    .map(|(n, _)| Happening::IsAnswered(n)),
            );
        }
        let timers = open.len();
        // Nodes that tell the truth answer in time.
        let fires = |one: &Strand| {
            let silent = matches!(one.stage, Stage::Sending(..)) && self.knows();
            one.due() == due && !wakes(one) && !silent
        };
        open.extend(
            all()
                .filter(|(_, one)| due.is_some() && fires(one))
                .map(|(n, _)| Happening::IsDue(n)),
        );
        if !open.is_empty() && !self.prelude {
            self.add_troubles(&mut open, due);
        }
        let chosen = if open.is_empty() {
            None
        } else {
            Some(self.pick(open.len()))
        };
        let next = chosen.and_then(|chosen| open.get(chosen)).copied();
        self.happenings = open;
        if woken == 0 && timers <= chosen.unwrap_or(0) && matches!(next, Some(Happening::IsDue(_))) {
            self.is_idle()?;
        }
        Ok(next)
    }

    fn add_troubles(&self, open: &mut Vec<Happening>, due: Option<Duration>) {
        for (trouble, (kind, _)) in self.scope.troubles.iter().enumerate() {
            if self.troubles[trouble] == 0 {
                continue;
            }
            let strands = || self.strands.iter().enumerate();
            match kind {
                Trouble::GivesUp => open.extend(
                    strands()
                        .filter(|(_, one)| one.is_under_way() && one.hand.is_some() && one.number.is_none())
                        .map(|(n, _)| Happening::Trouble(trouble, n)),
                ),
                Trouble::IsLate => open.extend(
                    strands()
                        .filter(|(_, one)| matches!(one.stage, Stage::Sending(_, end) if Some(end) == due))
                        .map(|(n, _)| Happening::Trouble(trouble, n)),
                ),
                Trouble::RevokesBetween if self.strands.iter().any(Strand::is_under_way) => {}
                _ => open.push(Happening::Trouble(trouble, 0)),
            }
        }
    }

    /// Before time passes, no wake-up may be owed to anybody.
    fn is_idle(&mut self) -> Checked {
        let waits = |strand: &&Strand| matches!(strand.stage, Stage::Waiting(due, _) if due > self.mono);
        let waiting: Vec<u64> = self
            .strands
            .iter()
            .filter(waits)
            .map(|strand| strand.call)
            .collect();
        if waiting.is_empty() {
            return Ok(());
        }
        self.see(&Seen::Idle(&waiting))
    }

    fn trouble(&mut self, trouble: usize, strand: usize) -> Checked {
        self.troubles[trouble] -= 1;
        match self.scope.troubles[trouble].0 {
            Trouble::GivesUp => return self.gives_up(strand),
            Trouble::Jumps(seconds) => self.jumped += seconds * 1_000,
            Trouble::Sleeps(seconds) => self.slept += Duration::from_secs(seconds),
            Trouble::Revokes | Trouble::RevokesBetween => self.vendor.revoke(),
            Trouble::IsLate => {
                if let Stage::Sending(_, due) = &mut self.strands[strand].stage {
                    self.mono = self.mono.max(*due);
                    *due += LATE;
                }
            }
        }
        Ok(())
    }

    fn now(&self) -> Now {
        let wall = BEGIN + u64::try_from((self.mono + self.slept).as_millis()).unwrap_or(0);
        Now {
            wall: UnixMillis::new(wall).offset_by(self.jumped),
            mono: self.mono,
        }
    }

    fn terms(&self, strand: usize) -> Terms {
        let asks = self.strands[strand].asks;
        let policy = self.scope.policy;
        Terms {
            attempts: policy.attempts,
            total: policy.total,
            attempt: policy.attempt,
            longest_backoff: Duration::from_secs(10),
            maybe_charged: policy.maybe_charged,
            budget: policy.budget,
            must_succeed: !self.prelude && self.scope.succeed.contains(&asks),
        }
    }

    fn begins(&mut self, strand: usize) -> Checked {
        let now = self.now();
        let id = requests::id();
        match self.strands[strand].asks {
            Asks::Result => {
                let call = Call::new(GetResult::new(id));
                self.takes(strand, |session| {
                    hand::take_for(session.begin(call, now), Brought::Verification)
                })
            }
            Asks::Link => {
                let call = Call::new(requests::generate_url());
                self.takes(strand, |session| {
                    hand::take_for(session.begin(call, now), |_| Brought::Other)
                })
            }
            Asks::Token => self.takes(strand, |session| {
                hand::take_for(session.begin(Call::token(), now), |_| Brought::Other)
            }),
            Asks::Picture => {
                let call = picture();
                self.takes(strand, |session| {
                    hand::take_for(session.begin(call, now), |_| Brought::Other)
                })
            }
            Asks::Wait => {
                let policy = WaitPolicy::of(id).link_ends(now.wall.saturating_add(Duration::from_secs(600)));
                let policy = policy.backoff(Duration::from_secs(100), Duration::from_secs(200));
                self.strands[strand].wait = Some(self.session.begin_wait(policy, now));
                self.waits_on(strand)
            }
            Asks::Batch(many) => {
                let two = NonZeroUsize::MIN.saturating_add(1);
                #[cfg_attr(not(feature = "sabotage"), expect(unused_mut, reason = "nothing is broken"))]
                let mut policy = BatchPolicy::new().concurrency(two);
                #[cfg(feature = "sabotage")]
                if let Some(broken) = self.broken {
                    policy = policy.sabotaged(broken.rule());
                }
                debug_assert!(self.broken.is_none() || Sabotage::is_possible());
                self.ids = vec![id; many];
                self.batch = Some(Batch::new(self.ids.clone(), policy));
                self.strands[strand].stage = Stage::Over;
                self.batch_goes_on()
            }
        }
    }

    fn takes(
        &mut self,
        strand: usize,
        begin: impl FnOnce(&mut Session) -> (Box<dyn Hand<Brought>>, Move<Brought>),
    ) -> Checked {
        self.see(&Seen::Terms(self.terms(strand)))?;
        let (hand, first) = begin(&mut self.session);
        self.strands[strand].hand = Some(hand);
        self.after_transition(Some(strand))?;
        self.moves(strand, first)
    }

    /// The wait of this strand says what comes next.
    fn waits_on(&mut self, strand: usize) -> Checked {
        let now = self.now();
        let Some(mut wait) = self.strands[strand].wait.take() else {
            return Ok(());
        };
        let step = wait.step(&mut self.session, now);
        self.after_transition(None)?;
        match step {
            WaitStep::Ask(call) => {
                self.strands[strand].wait = Some(wait);
                self.takes(strand, |session| {
                    hand::take_for(session.begin(call, now), Brought::Verification)
                })
            }
            WaitStep::Pause(pause) => {
                self.strands[strand].wait = Some(wait);
                self.strands[strand].stage = Stage::Sleeping(self.mono + pause);
                Ok(())
            }
            WaitStep::Done => {
                self.strands[strand].stage = Stage::Over;
                let waited = wait.into_result();
                let timely = !matches!(waited.outcome, WaitOutcome::TimedOut);
                ensure(Invariant::WaitsEnd, timely, || {
                    format!("a wait of its own time ends by it: {waited:?}")
                })
            }
        }
    }

    fn batch_goes_on(&mut self) -> Checked {
        while let Some(step) = self.batch.as_mut().map(|batch| batch.step(self.mono)) {
            let BatchStep::Begin(number, id) = step else { break };
            let running = self
                .strands
                .iter()
                .filter(|one| one.number.is_some() && one.is_under_way());
            ensure(Invariant::BatchLimits, running.count() < 2, || {
                "a third of two is under way".to_owned()
            })?;
            let mut strand = Strand::new(Asks::Result);
            strand.number = Some(number);
            self.strands.push(strand);
            let now = self.now();
            let call = Call::new(GetResult::new(id));
            self.takes(self.strands.len() - 1, |session| {
                hand::take_for(session.begin(call, now), Brought::Verification)
            })?;
        }
        Ok(())
    }

    fn judge_batch(&mut self) -> Checked {
        let Some(mut batch) = self.batch.take() else {
            return Ok(());
        };
        let finished = batch.step(self.mono) == BatchStep::Finished;
        let result = batch.into_result();
        let whole = result.items.iter().all(|item| item.result.is_some());
        let order = result.items.iter().map(|item| &item.signature_id).eq(&self.ids);
        ensure(Invariant::WholeBatch, finished && whole && order, || {
            let lost = result.items.iter().position(|item| item.result.is_none());
            format!("the batch has no outcome for number {lost:?}")
        })?;
        let booked = self.session.charges();
        ensure(Invariant::TrueCharges, result.charges == booked, || {
            format!("the batch says {:?}, and the session {booked:?}", result.charges)
        })
    }

    /// What the clients do after every transition.
    fn after_transition(&mut self, strand: Option<usize>) -> Checked {
        self.transitions += 1;
        for event in self.session.take_events() {
            self.tell(|| format!("    {event:?}"));
            self.see(&Seen::Event(&event))?;
            if let (Event::CallBegun { call, .. }, Some(strand)) = (&event, strand) {
                self.strands[strand].call = call.get();
            }
        }
        Ok(())
    }

    fn see(&mut self, seen: &Seen<'_>) -> Checked {
        let now = self.now();
        self.monitors.see(now, seen)
    }

    fn moves(&mut self, strand: usize, next: Move<Brought>) -> Checked {
        let mono = self.mono;
        match next {
            Move::Send(request, limits) => {
                let seen = Seen::Sent(self.strands[strand].call, &request, &limits);
                self.monitors.see(self.now(), &seen)?;
                self.strands[strand].stage = Stage::Sending(request, mono + limits.within);
                Ok(())
            }
            Move::Sleep(wait) => {
                self.strands[strand].stage = Stage::Sleeping(mono + wait);
                Ok(())
            }
            Move::WaitForToken(seen, at_most) => {
                self.strands[strand].stage = Stage::Waiting(mono + at_most, seen);
                Ok(())
            }
            Move::Done(result) => self.ends(strand, result),
        }
    }

    /// A reply comes, a little later than the last event.
    fn is_answered(&mut self, strand: usize) -> Checked {
        self.passes(STEP);
        let Stage::Sending(request, _) = std::mem::replace(&mut self.strands[strand].stage, Stage::Over)
        else {
            return Ok(());
        };
        let (at, scope) = (self.mono + self.slept, self.scope);
        let target = Target::of(request.uri().path());
        let alphabet = if target == Target::Token {
            scope.token
        } else {
            scope.own
        };
        let knows = self.knows();
        let chosen = self.pick(alphabet.len() + usize::from(knows));
        let reply = match (chosen, knows) {
            (0, true) => self.vendor.truth(&request, scope.vendor, at),
            (chosen, _) => alphabet
                .get(chosen - usize::from(knows))
                .copied()
                .unwrap_or(replies::OK),
        };
        self.tell(|| format!("    {}", reply.name));
        let outcome = self.vendor.says(reply, &request, at);
        self.hears(strand, outcome)
    }

    fn hears(&mut self, strand: usize, outcome: Outcome) -> Checked {
        self.see(&Seen::Heard(self.strands[strand].call, outcome.as_ref()))?;
        self.advances(strand, |hand, session, now| hand.answered(session, now, outcome))
    }

    fn is_due(&mut self, strand: usize) -> Checked {
        let Some(due) = self.strands[strand].due() else {
            return Ok(());
        };
        self.mono = self.mono.max(due);
        if matches!(self.strands[strand].stage, Stage::Sending(..)) {
            let silence = Failure::new(FailureKind::Timeout(Phase::Exchange), Sent::Maybe);
            return self.hears(strand, Err(silence));
        }
        self.goes_on(strand)
    }

    fn goes_on(&mut self, strand: usize) -> Checked {
        if self.strands[strand].hand.is_none() {
            return self.waits_on(strand);
        }
        self.advances(strand, |hand, session, now| hand.waited(session, now))
    }

    fn advances(
        &mut self,
        strand: usize,
        f: impl FnOnce(&mut dyn Hand<Brought>, &mut Session, Now) -> Move<Brought>,
    ) -> Checked {
        let now = self.now();
        let Some(mut hand) = self.strands[strand].hand.take() else {
            return Ok(());
        };
        let next = f(&mut *hand, &mut self.session, now);
        self.strands[strand].hand = Some(hand);
        self.after_transition(Some(strand))?;
        self.moves(strand, next)
    }

    fn gives_up(&mut self, strand: usize) -> Checked {
        let one = &mut self.strands[strand];
        (one.stage, one.gave_up, one.wait) = (Stage::Over, true, None);
        let Some(ticket) = one.hand.take().and_then(|hand| hand.ticket()) else {
            return Ok(());
        };
        self.session.abandon(ticket);
        self.after_transition(None)
    }

    fn ends(&mut self, strand: usize, result: Result<Brought, Error>) -> Checked {
        let one = &mut self.strands[strand];
        one.stage = Stage::Over;
        one.hand = None;
        let number = one.number;
        if let Err(error) = &result {
            self.monitors.see(self.now(), &Seen::Failed(error))?;
        }
        let result = match result {
            Ok(Brought::Verification(response)) => Ok(response),
            Ok(Brought::Other) => return Ok(()),
            Err(error) => Err(error),
        };
        if let Some(wait) = &mut self.strands[strand].wait {
            wait.ended(result);
            return self.waits_on(strand);
        }
        if let (Some(number), Some(batch)) = (number, &mut self.batch) {
            batch.ended(number, result);
            return self.batch_goes_on();
        }
        Ok(())
    }

    fn tell(&mut self, what: impl FnOnce() -> String) {
        if let Some(trail) = &mut self.trail {
            trail.push(format!("{:>12.3}  {}", self.mono.as_secs_f64(), what()));
        }
    }
}

/// A picture's link, as a reply has it.
fn picture() -> Call<advance_core::session::Download> {
    let id = GetResult::new(requests::id());
    let reply = br#"{"code":"SUCCESS","data":{"idvCode":"SUCCESS","image":"https://pictures.example/card.png?Signature=s3cret"}}"#;
    let envelope = parse(&id, reply).ok().and_then(|envelope| envelope.data);
    let call = envelope.as_ref().and_then(|verification| {
        let policy = DownloadPolicy::nowhere().host("pictures.example").ok()?;
        Call::download(verification.image()?, &policy).ok()
    });
    match call {
        Some(call) => call,
        None => unreachable!("a constant reply, with a picture on a host of the list"),
    }
}

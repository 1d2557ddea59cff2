//! One life: what may happen next, which of it does, and what comes of that.

mod beginning;
mod choosing;

use std::time::Duration;

use advance_core::session::{Batch, Config, Event, RetryPolicy, Session};
use advance_core::transport::{Failure, FailureKind, Phase, Sent};
use advance_core::{Error, Now, SignatureId, UnixMillis};

use super::choices::Choices;
use super::replies;
use super::scope::{Asks, Nodes, Scope, Start, Trouble};
use super::strand::{Brought, Stage, Strand};
use super::vendor::{BEGIN, Target, Vendor};
use crate::monitors::{Monitors, Seen};
use crate::simulation::hand::{Hand, Move, Outcome};
use crate::simulation::violation::{Checked, ensure};
use crate::simulation::{ACCESS_KEY, Invariant, SECRET_KEY, Sabotage, requests};
use choosing::Happening;

/// How long a reply is on its way, if nothing is said of that.
const STEP: Duration = Duration::from_millis(10);

/// How late a transport is that is late.
const LATE: Duration = Duration::from_secs(3);

/// More than any life needs by far.
const ENDLESS: u64 = 2_000;

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

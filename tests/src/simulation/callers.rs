//! The callers: they begin, wait, wake up, sometimes late, and sometimes lose patience.

use std::time::Duration;

use advance_core::GetResult;
use advance_core::session::{Call, Event};

use super::fault::Fault;
use super::machine::{Asked, Machine, Turn};
use super::plan::Kind;
use super::record::{Cause, Stage};
use super::requests;
use super::truth::{Meaning, Told};
use super::violation::{Checked, Invariant, ensure};
use super::world::{Happening, World};
use crate::monitors::Seen;

impl World {
    pub(super) fn begin(&mut self, call: usize) -> Checked {
        let now = self.clock.client();
        let (kind, total, maybe_charged) = {
            let plan = &self.calls[call].plan;
            (plan.kind, plan.total, plan.maybe_charged)
        };
        let url = requests::generate_url();
        let result = GetResult::new(self.signature_id.clone());
        let terms = self.calls[call].terms(&self.plan.rules);
        self.monitors.see(now, &Seen::Terms(terms))?;
        let asked = match kind {
            Kind::Url => Asked::Url(set(Call::new(url), total, maybe_charged)),
            Kind::Result => Asked::Result(set(Call::new(result), total, maybe_charged)),
            Kind::Token => Asked::Token,
        };
        let first = self.machine.begin(call, asked, now);
        self.after_transition()?;
        self.calls[call].id = self.monitors.last_call().unwrap_or_default();
        self.moves(call, first, Cause::Begun)
    }

    /// A transition of a call that is under way.
    pub(super) fn advance(
        &mut self,
        call: usize,
        cause: Cause,
        f: impl FnOnce(&mut dyn Machine, advance_core::Now) -> Turn,
    ) -> Checked {
        let now = self.clock.client();
        let judged = match cause {
            Cause::Outcome(attempt, truth)
                if matches!(
                    truth.meaning,
                    Meaning::Rejected | Meaning::Answer | Meaning::Unclear
                ) =>
            {
                Some((attempt, truth.meaning, self.in_use()))
            }
            _ => None,
        };
        let next = f(&mut *self.machine, now);
        self.after_transition()?;
        match judged {
            Some((attempt, Meaning::Rejected, held)) => {
                self.drops_nothing(attempt, held.as_ref().map(|held| held.token.expose()))?;
            }
            Some((attempt, _, held)) => self.keeps_the_better(attempt, held.as_ref())?,
            None => {}
        }
        self.moves(call, next, cause)
    }

    /// What the clients do after every transition: wake who waits if there is news, and look at the events.
    pub(super) fn after_transition(&mut self) -> Checked {
        self.tally.transitions += 1;
        for event in self.machine.take_events() {
            if let Event::AttemptBegun { purpose, .. } = &event {
                self.purpose = Some(*purpose);
            }
            self.tell(|| format!("    {event:?}"));
            self.monitors.see(self.clock.client(), &Seen::Event(&event))?;
            let shown = self.watch.shown(&event);
            ensure(Invariant::NoSecretShown, shown.is_ok(), || {
                format!("an event: {}", shown.err().unwrap_or_default())
            })?;
        }
        for call in self.machine.take_woken(&self.waiters) {
            self.waiters.retain(|waiter| *waiter != call);
            let late = self.lateness();
            let record = &mut self.calls[call];
            // News may come while the caller is late already.
            record.late = record.late.max(late);
            let epoch = self.calls[call].epoch;
            self.queue(self.clock.at + late, Happening::Wakes(call, epoch));
        }
        Ok(())
    }

    /// How late a caller is woken this time.
    pub(super) fn lateness(&mut self) -> Duration {
        if self.plan.lateness == 0 || self.is_calm() || !self.dice.per_mille(self.plan.lateness) {
            return Duration::ZERO;
        }
        self.tally.faults.count(Fault::Late);
        let most = self.dice.pick(&[5, 500, 5_000, 30_000]);
        self.dice.millis(1, most)
    }

    pub(super) fn is_calm(&self) -> bool {
        self.clock.at >= self.plan.calm_from
    }

    pub(super) fn registers(&mut self, call: usize, epoch: u32) -> Checked {
        let record = &self.calls[call];
        if record.epoch != epoch {
            return Ok(());
        }
        if !matches!(record.stage, Stage::Waiting(_)) {
            return Ok(());
        }
        let on = self.clock.at < record.sleep_due;
        if on && self.machine.waits_on(call, self.clock.client()) {
            self.waiters.push(call);
            return self.nobody_waits_in_vain();
        }
        self.wakes(call, epoch)
    }

    pub(super) fn wakes(&mut self, call: usize, epoch: u32) -> Checked {
        if self.calls[call].epoch != epoch {
            return Ok(());
        }
        self.waiters.retain(|waiter| *waiter != call);
        let cause = match self.calls[call].stage {
            Stage::Sleeping => Cause::Slept,
            Stage::Waiting(since) => Cause::Waited(since),
            _ => return Ok(()),
        };
        self.advance(call, cause, |machine, now| machine.waited(call, now))
    }

    pub(super) fn gives_up(&mut self, call: usize) -> Checked {
        let stage = self.calls[call].stage;
        if matches!(stage, Stage::NotBegun | Stage::Over) {
            return Ok(());
        }
        let says_so = self.calls[call].plan.gives_up.is_some_and(|(_, says_so)| says_so);
        self.tally
            .faults
            .count(if says_so { Fault::GaveUp } else { Fault::Vanished });
        self.waiters.retain(|waiter| *waiter != call);
        if let Stage::Sending(attempt) = stage {
            self.attempts[attempt].open = !says_so;
            if says_so {
                self.bill.add(Told::Unknown);
            } else {
                self.untold += 1;
            }
        }
        let record = &mut self.calls[call];
        let asked = std::mem::take(&mut record.asking);
        record.enter(Stage::Over);
        if says_so {
            self.machine.gives_up(call, self.clock.client());
        } else {
            self.machine.vanishes(call);
        }
        if asked && !says_so {
            // Its lease ends by itself, a while after its request would have.
            let wait = record.sleeps_until.saturating_sub(self.clock.at);
            let end = self.clock.at + wait + self.plan.rules.attempt + Duration::from_secs(1);
            self.ghost = self.ghost.max(end);
        }
        self.after_transition()?;
        self.nobody_waits_in_vain()
    }
}

fn set<E>(call: Call<E>, total: Option<Duration>, maybe_charged: Option<bool>) -> Call<E> {
    let call = match total {
        Some(total) => call.total(total),
        None => call,
    };
    match maybe_charged {
        Some(allowed) => call.retry_maybe_charged(allowed),
        None => call,
    }
}

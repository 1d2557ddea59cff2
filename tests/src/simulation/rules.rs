//! What the machine may do, judged by what the network and the vendor know.

use std::time::Duration;

use advance_core::transport::Limits;

use super::machine::{Done, Turn};
use super::record::{Cause, Stage};
use super::truth::{Meaning, Target};
use super::violation::{Checked, Invariant, ensure};
use super::world::{Happening, World};

/// How often a call is sent again because it was refused: it may wait for a young token, go on with the one before, and
/// be given more chances where nodes differ.
const REFUSALS: u32 = 24;

/// The longest that a call waits for a young token, or for the last replacement to be long enough ago.
const PATIENCE: Duration = Duration::from_secs(11);

impl World {
    /// Carries out the machine's next move, if it may be made.
    pub(super) fn moves(&mut self, call: usize, next: Turn, cause: Cause) -> Checked {
        match next {
            Turn::Send(request, limits) => {
                self.goes_on(call, cause)?;
                if Target::of(request.uri().path()) == Target::Token {
                    self.asks_again(call, cause)?;
                }
                self.send(call, *request, limits)?;
            }
            Turn::Sleep(wait) => self.sleeps(call, wait, cause)?,
            Turn::WaitForToken(at_most) => {
                self.goes_on(call, cause)?;
                let (at, deadline) = (self.clock.at, self.calls[call].deadline);
                ensure(
                    Invariant::BoundedTime,
                    at + at_most <= deadline && !at_most.is_zero(),
                    || format!("call {call} waits {at_most:?} for a token, and its deadline is {deadline:?}"),
                )?;
                let record = &mut self.calls[call];
                record.asking = false;
                record.sleep_due = at + at_most;
                record.enter(Stage::Waiting(at));
                let epoch = record.epoch;
                let late = self.lateness();
                self.calls[call].late = late;
                self.queue(at + at_most + late, Happening::Wakes(call, epoch));
                // Between the transition and the place in the queue others may run.
                let moment = if self.dice.one_in(4) {
                    Duration::from_micros(50)
                } else {
                    Duration::ZERO
                };
                self.queue(at + moment, Happening::Registers(call, epoch));
            }
            Turn::Done(Done::Call(result)) => self.ends(call, result, cause)?,
            Turn::Done(Done::Wait(_)) | Turn::Stuck => ensure(Invariant::NoLostWakeUp, false, || {
                format!("call {call} does not go on after {cause:?}")
            })?,
        }
        self.nobody_waits_in_vain()
    }

    /// Checks a request that the machine gives out, and counts it.
    pub(super) fn may_send(
        &mut self,
        call: usize,
        target: Target,
        limits: &Limits,
        token: Option<&str>,
        held: Option<&str>,
    ) -> Checked {
        let at = self.clock.at;
        let rules = self.plan.rules;
        let record = &self.calls[call];
        let bounded = !limits.within.is_zero()
            && limits.within <= rules.attempt
            && at + limits.within <= record.deadline;
        ensure(Invariant::BoundedTime, bounded, || {
            format!(
                "call {call} sends within {:?}, its deadline is {:?} and an attempt has {:?}",
                limits.within, record.deadline, rules.attempt
            )
        })?;
        let early = record.not_before[usize::from(target != Target::Token)];
        ensure(Invariant::RetryAfter, at >= early, || {
            format!("call {call} sends {target:?} again, which the server will not have before {early:?}")
        })?;
        if target == Target::Token {
            self.may_ask(call, limits, held, self.purpose)?;
        } else {
            self.may_send_own(call, token)?;
        }
        let record = &self.calls[call];
        let beyond = record.sends().saturating_sub(rules.attempts);
        self.tally.most_beyond_attempts = self.tally.most_beyond_attempts.max(beyond);
        Ok(())
    }

    fn may_send_own(&mut self, call: usize, token: Option<&str>) -> Checked {
        let vendor = self.clock.vendor();
        let attempts = self.plan.rules.attempts;
        let record = &mut self.calls[call];
        record.own += 1;
        record.asking = false;
        // It got a token in another way; what becomes of that one is another story.
        record.not_before[0] = Duration::ZERO;
        let brought = std::mem::take(&mut record.brought);
        let own = record.own;
        ensure(Invariant::BoundedSends, own <= attempts + REFUSALS, || {
            format!("call {call} sends its own request for the {own}th time, with {attempts} attempts")
        })?;
        let barred = record.barred;
        ensure(Invariant::NoChargedResend, barred.is_none(), || {
            format!("call {call} sends again what {}", barred.unwrap_or_default())
        })?;
        let (woke, period) = (self.clock.woke(), self.plan.rules.period);
        let token = self.tokens.entry(token.unwrap_or_default());
        // What a machine slept over: a wall clock that went ahead alone may have been set, so the token is renewed,
        // and used until the next is there.
        let alive = token
            .ends
            .is_none_or(|ends| vendor < ends || woke.is_some_and(|woke| ends <= woke.after(period)));
        ensure(
            Invariant::NoDeadTokenSent,
            alive || token.adopted || brought,
            || {
                format!(
                    "call {call} sends a token that ended at {:?}, and it is {vendor:?}",
                    token.ends
                )
            },
        )
    }

    fn sleeps(&mut self, call: usize, wait: Duration, cause: Cause) -> Checked {
        let at = self.clock.at;
        let rules = self.plan.rules;
        if self.calls[call].rejections > 0
            && !matches!(cause, Cause::Outcome(_, truth) if truth.meaning == Meaning::Passing)
        {
            return self.sleeps_on_a_refusal(call, wait);
        }
        let Cause::Outcome(attempt, truth) = cause else {
            return ensure(Invariant::NoDeadlock, false, || {
                format!("call {call} sleeps twice: {cause:?}")
            });
        };
        let record = &mut self.calls[call];
        let blurred = truth.meaning == Meaning::Unclear;
        record.sleeps += u32::from(!blurred);
        record.blurred_sleeps += u32::from(blurred);
        let (sleeps, perhaps) = (record.sleeps, record.blurred_sleeps);
        ensure(Invariant::BoundedSends, sleeps < rules.attempts, || {
            format!(
                "call {call} begins its {sleeps}th retry with {} attempts",
                rules.attempts
            )
        })?;
        let end = record.deadline;
        ensure(Invariant::BoundedTime, at.saturating_add(wait) < end, || {
            format!("call {call} sleeps {wait:?}, and its deadline is {end:?}")
        })?;
        let passing = matches!(truth.meaning, Meaning::Passing | Meaning::Unclear);
        ensure(Invariant::NoEarlySurrender, passing, || {
            format!("call {call} tries again after {truth:?}")
        })?;
        if truth.meaning == Meaning::Passing && !truth.wait_unclear {
            let (least, _) = rules.wait(sleeps, truth.wait);
            let (_, most) = rules.wait(sleeps + perhaps, truth.wait);
            ensure(Invariant::RetryAfter, least <= wait && wait <= most, || {
                format!(
                    "call {call} sleeps {wait:?} after {truth:?}, which should be from {least:?} to {most:?}"
                )
            })?;
        }
        let target = self.attempts[attempt].target;
        self.budget_is_blurred |= blurred;
        if !blurred {
            let budget = &mut self.budgets[target as usize];
            ensure(Invariant::BudgetBites, *budget >= 10, || {
                format!("call {call} tries {target:?} again with {budget} tenths left in its budget")
            })?;
            *budget -= 10;
        }
        self.calls[call].retries = Some(target);
        let late = self.lateness();
        let record = &mut self.calls[call];
        // Told to come back later, it lets go of its lead: everybody is told.
        record.asking &= truth.wait.is_none_or(|wait| wait.is_zero());
        record.told_by_its_clock = truth.wait_unclear;
        record.late = late;
        record.sleeps_until = at + wait + late;
        record.sleep_due = at + wait;
        record.enter(Stage::Sleeping);
        let (until, epoch) = (record.sleeps_until, record.epoch);
        self.queue(until, Happening::Wakes(call, epoch));
        Ok(())
    }

    /// It comes back with the same token, or when another one may be asked for.
    fn sleeps_on_a_refusal(&mut self, call: usize, wait: Duration) -> Checked {
        let (at, end) = (self.clock.at, self.calls[call].deadline);
        ensure(Invariant::BoundedTime, at.saturating_add(wait) < end, || {
            format!("call {call} sleeps {wait:?}, and its deadline is {end:?}")
        })?;
        ensure(
            Invariant::NoEarlySurrender,
            wait <= PATIENCE.max(Duration::from_secs(14)),
            || format!("call {call} was refused, and sleeps {wait:?}"),
        )?;
        let late = self.lateness();
        let record = &mut self.calls[call];
        record.late = late;
        record.asking = false;
        record.sleeps_until = at + wait + late;
        record.sleep_due = at + wait;
        record.enter(Stage::Sleeping);
        let (until, epoch) = (record.sleeps_until, record.epoch);
        self.queue(until, Happening::Wakes(call, epoch));
        Ok(())
    }

    /// What must not go on, and what must not be forgotten.
    fn goes_on(&mut self, call: usize, cause: Cause) -> Checked {
        let Cause::Outcome(attempt, truth) = cause else {
            return Ok(());
        };
        let own = self.attempts[attempt].target != Target::Token;
        if truth.meaning == Meaning::Answer {
            self.calls[call].brought = !own;
            return ensure(Invariant::AnswersAreKept, !own, || {
                format!("call {call} goes on although it was answered")
            });
        }
        Ok(())
    }
}

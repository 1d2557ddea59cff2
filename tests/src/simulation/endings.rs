//! How a call may end.

use std::time::Duration;

use advance_core::{Error, ErrorKind};

use super::asking::PACE;
use super::hand::Summary;
use super::plan::Kind;
use super::record::{Cause, Stage};
use super::sending::surely;
use super::truth::{Meaning, Resend, Target, Truth};
use super::violation::{Checked, Invariant, ensure};
use super::world::World;

impl World {
    /// Judges the end of a call.
    pub(super) fn ends(&mut self, call: usize, result: Result<Summary, Error>, cause: Cause) -> Checked {
        let at = self.clock.at;
        let record = &mut self.calls[call];
        record.asking = false;
        record.enter(Stage::Over);
        let (late, deadline) = (record.late, record.deadline);
        ensure(Invariant::BoundedTime, at <= deadline + late, || {
            format!(
                "call {call} ends {:?} after its deadline",
                at.saturating_sub(deadline)
            )
        })?;
        let (charges, sends) = match &result {
            Ok(summary) => (summary.charges, summary.sends),
            Err(error) => (error.charges(), error.sends()),
        };
        let (bill, sent) = (record.bill, record.sends());
        ensure(
            Invariant::TrueCharges,
            bill.allows(charges) && sends == sent,
            || {
                format!(
                    "call {call} says {charges:?} for {sends} requests, and {sent} requests cost {bill:?}"
                )
            },
        )?;
        let must_succeed = record.plan.calm;
        match result {
            Ok(_) => {
                self.tally.succeeded += 1;
                let kind = self.calls[call].plan.kind;
                match kind {
                    Kind::Url if sent > 0 => self.works(call, Target::Url),
                    Kind::Result if sent > 0 => self.works(call, Target::Result),
                    _ => {}
                }
                Ok(())
            }
            Err(error) => {
                if let Cause::Outcome(attempt, truth) = cause
                    && self.plan.lateness == 0
                    && self.attempts[attempt].target == Target::Token
                    && truth.replied
                    && matches!(truth.meaning, Meaning::Refused { .. } | Meaning::Final)
                {
                    self.shared_verdict = Some(at);
                }
                if let Cause::Outcome(attempt, truth) = cause
                    && self.plan.lateness == 0
                    && self.attempts[attempt].target == Target::Token
                    && truth.replied
                    && truth.meaning == Meaning::Passing
                    && truth.resend != Resend::Never
                {
                    self.must_hold = self.must_hold.max(at + surely(PACE));
                }
                let shown = self.watch.error(&error);
                ensure(Invariant::NoSecretShown, shown.is_ok(), || {
                    format!("the error of call {call}: {}", shown.err().unwrap_or_default())
                })?;
                ensure(
                    Invariant::CalmSucceeds,
                    !must_succeed || !self.clock_is_fine(),
                    || format!("call {call} ({:?}) fails: {error}", self.calls[call].plan.kind),
                )?;
                self.is_told_so(call, &error)?;
                self.may_fail(call, &error, cause)
            }
        }
    }

    /// A request was answered: a retry gives back what it took, also if a token was needed on the way, and any other a
    /// tenth of one.
    pub(super) fn works(&mut self, call: usize, target: Target) {
        let retried = self.calls[call]
            .retries
            .take_if(|retried| *retried == target)
            .is_some();
        let budget = &mut self.budgets[target as usize];
        let full = u64::from(self.plan.rules.budget) * 10;
        *budget = (*budget + if retried { 10 } else { 1 }).min(full);
    }

    /// Whether the machine can sign at all, or can repair what keeps it from it.
    fn clock_is_fine(&self) -> bool {
        let reach = if self.plan.rules.repair_clock {
            86_300_000
        } else {
            290_000
        };
        self.clock
            .error_ms()
            .is_some_and(|error| error.unsigned_abs() < reach)
    }

    /// Whether there is a reason for a call to fail here and now.
    fn may_fail(&self, call: usize, error: &Error, cause: Cause) -> Checked {
        let at = self.clock.at;
        let record = &self.calls[call];
        // A clock of other than thirteen digits cannot sign; the wall is checked, not the machine's word.
        let wall = self.clock.client().wall.get();
        let unsignable = !(1_001_000_000_000..9_998_000_000_000).contains(&wall);
        if at >= record.deadline || at < self.may_cool || (unsignable && error.kind() == ErrorKind::Invalid) {
            return Ok(());
        }
        // It would have to wait longer than it has.
        let held_off = at < self.may_hold && record.deadline <= self.may_hold;
        let justified = match cause {
            _ if held_off && !matches!(cause, Cause::Outcome(..)) => true,
            // There was no other token for it: it keeps its own error.
            Cause::Slept | Cause::Waited(_) if record.rejections > 1 || record.unclear => true,
            Cause::Begun | Cause::Slept => false,
            Cause::Waited(since) => self.verdict.is_some_and(|verdict| verdict >= since),
            Cause::Outcome(attempt, truth) => {
                let sent = &self.attempts[attempt];
                if sent.replaces {
                    return Ok(());
                }
                if sent.renews && self.held().is_some() {
                    return ensure(Invariant::RenewalIsOptional, false, || {
                        format!("call {call} fails by a renewal while the old token lives: {error}")
                    });
                }
                let own = sent.target != Target::Token;
                let by_itself = match truth.meaning {
                    Meaning::Answer if own => {
                        return ensure(Invariant::AnswersAreKept, false, || {
                            format!("call {call} was answered and fails: {error}")
                        });
                    }
                    Meaning::Answer => error.kind() == ErrorKind::DeadToken,
                    Meaning::Passing => self.may_give_up(call, &truth),
                    Meaning::Rejected => {
                        let no_time = record.deadline.saturating_sub(at) <= Duration::from_secs(2);
                        record.unclear
                            || record.rejections > 1
                            || (own && record.barred.is_some())
                            || truth.wait.is_some()
                            || truth.wait_unclear
                            || no_time
                    }
                    _ => true,
                };
                by_itself || held_off
            }
        };
        ensure(Invariant::NoEarlySurrender, justified, || {
            format!(
                "call {call} ({:?}) gives up after {cause:?}, {:?} before its deadline: {error}",
                record.plan.kind,
                record.deadline.saturating_sub(at)
            )
        })
    }

    fn may_give_up(&self, call: usize, truth: &Truth) -> bool {
        let record = &self.calls[call];
        let rules = &self.plan.rules;
        let tried = record.sleeps + record.blurred_sleeps + 1;
        let (_, longest) = rules.wait(tried, truth.wait);
        tried >= rules.attempts
            || truth.resend == Resend::Never
            || (truth.resend == Resend::Risky && !record.maybe_charged)
            || truth.wait_unclear
            || self.clock.at.saturating_add(longest) >= record.deadline
            || self.budgets.iter().any(|budget| *budget < 10)
            || record.unclear
            || self.budget_is_blurred
    }
}

//! What the machine may do, judged by what the network and the vendor know.

use std::time::Duration;

use advance_core::{Error, ErrorKind, Limits};

use super::hand::{Move, Summary};
use super::record::{Cause, Stage};
use super::truth::{Meaning, Resend, Target, Truth};
use super::violation::{Checked, Invariant, ensure};
use super::world::{Happening, World};

/// Beyond attempts: a clock repair, and a token that was dead on arrival.
const SECOND_CHANCES: u32 = 2;

impl World {
    /// Carries out the machine's next move, if it may be made.
    pub(super) fn moves(&mut self, call: usize, next: Move, cause: Cause) -> Checked {
        match next {
            Move::Send(request, limits) => {
                self.goes_on(call, cause)?;
                self.send(call, request, limits)?;
            }
            Move::Sleep(wait) => self.sleeps(call, wait, cause)?,
            Move::WaitForToken(seen, at_most) => {
                self.goes_on(call, cause)?;
                let (at, deadline) = (self.clock.at, self.calls[call].deadline);
                ensure(
                    Invariant::BoundedTime,
                    at + at_most <= deadline && !at_most.is_zero(),
                    || format!("call {call} waits {at_most:?} for a token, and its deadline is {deadline:?}"),
                )?;
                let record = &mut self.calls[call];
                record.asking = false;
                record.enter(Stage::Waiting(at, seen));
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
            Move::Done(result) => self.ends(call, result, cause)?,
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
        ensure(Invariant::OneReAcquisition, record.rejections < 2, || {
            format!("call {call} goes on after {} rejected tokens", record.rejections)
        })?;
        let early = record.not_before[usize::from(target != Target::Token)];
        ensure(Invariant::RetryAfter, at >= early, || {
            format!("call {call} sends {target:?} again, which the server will not have before {early:?}")
        })?;
        if target == Target::Token {
            self.may_ask(call, held)?;
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
        ensure(Invariant::BoundedSends, own <= attempts + 1, || {
            format!("call {call} sends its own request for the {own}th time, with {attempts} attempts")
        })?;
        let barred = record.barred;
        ensure(Invariant::NoChargedResend, barred.is_none(), || {
            format!("call {call} sends again what {}", barred.unwrap_or_default())
        })?;
        let token = self.tokens.entry(token.unwrap_or_default());
        let alive = token.ends.is_none_or(|ends| vendor < ends);
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

    fn may_ask(&mut self, call: usize, held: Option<&str>) -> Checked {
        let at = self.clock.at;
        let rules = self.plan.rules;
        let open = self.attempts.iter().rev().find(|sent| {
            sent.target == Target::Token && sent.open && at < sent.begun + sent.within.min(rules.attempt)
        });
        ensure(Invariant::OneAsker, open.is_none(), || {
            let other = open.map_or(0, |sent| sent.call);
            format!("call {call} asks for a token while call {other} does")
        })?;
        ensure(Invariant::CoolDown, at >= self.must_cool, || {
            format!(
                "call {call} asks for a token, and a refusal holds until {:?}",
                self.must_cool
            )
        })?;
        let renews = held.is_some();
        if let Some(held) = held {
            let token = self.tokens.entry(held);
            token.renewals += 1;
            let (tried, early) = (token.renewals, token.renew_not_before);
            ensure(Invariant::TwoPerWindow, tried <= 2, || {
                format!("call {call} makes the {tried}th attempt to renew one token")
            })?;
            ensure(Invariant::RetryAfter, at >= early, || {
                format!("call {call} renews, which the server will not have before {early:?}")
            })?;
        }
        if self.plan.calm {
            let soon = self.last_ask.map(|last| last + rules.period * 9 / 10);
            ensure(
                Invariant::OneColdRequest,
                soon.is_none_or(|soon| at >= soon),
                || format!("call {call} asks for a token, which is not due before {soon:?}"),
            )?;
        }
        self.last_ask = Some(at);
        let record = &mut self.calls[call];
        record.asks += 1;
        record.renewals += u32::from(renews);
        record.asking = true;
        record.brought = false;
        let failed = record.asks - record.renewals.min(record.asks);
        let most = rules.attempts + SECOND_CHANCES + record.answered_asks;
        ensure(Invariant::BoundedSends, failed <= most, || {
            format!(
                "call {call} asks for a token for the {failed}th time, with {} attempts",
                rules.attempts
            )
        })?;
        let (renewals, own) = (record.renewals, record.own);
        let answers = record.answered_asks;
        ensure(
            Invariant::BoundedSends,
            renewals <= 2 * (own + 1) && answers <= own + 1 + SECOND_CHANCES + renewals,
            || {
                format!(
                    "call {call} renewed {renewals} times and got {answers} tokens around {own} requests of its own"
                )
            },
        )
    }

    fn sleeps(&mut self, call: usize, wait: Duration, cause: Cause) -> Checked {
        let at = self.clock.at;
        let rules = self.plan.rules;
        let Cause::Outcome(_, truth) = cause else {
            return ensure(Invariant::NoDeadlock, false, || {
                format!("call {call} sleeps twice: {cause:?}")
            });
        };
        let record = &mut self.calls[call];
        record.sleeps += 1;
        let sleeps = record.sleeps;
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
            let (least, most) = rules.wait(sleeps, truth.wait);
            ensure(Invariant::RetryAfter, least <= wait && wait <= most, || {
                format!(
                    "call {call} sleeps {wait:?} after {truth:?}, which should be from {least:?} to {most:?}"
                )
            })?;
        }
        ensure(Invariant::BudgetBites, self.budget >= 10, || {
            format!(
                "call {call} tries again with {} tenths left in the budget",
                self.budget
            )
        })?;
        self.budget -= 10;
        let late = self.lateness();
        let record = &mut self.calls[call];
        record.late = late;
        record.sleeps_until = at + wait + late;
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

    fn ends(&mut self, call: usize, result: Result<Summary, Error>, cause: Cause) -> Checked {
        let at = self.clock.at;
        let record = &mut self.calls[call];
        record.asking = false;
        record.hand = None;
        record.enter(Stage::Over);
        let (late, deadline) = (record.late, record.deadline);
        ensure(Invariant::BoundedTime, at <= deadline + late, || {
            format!("call {call} ends {:?} after its deadline", at - deadline)
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
        let calm = record.plan.calm;
        match result {
            Ok(_) => {
                self.tally.succeeded += 1;
                self.budget = (self.budget + 1).min(u64::from(self.plan.rules.budget) * 10);
                Ok(())
            }
            Err(error) => {
                let shown = self.watch.error(&error);
                ensure(Invariant::NoSecretShown, shown.is_ok(), || {
                    format!("the error of call {call}: {}", shown.err().unwrap_or_default())
                })?;
                ensure(Invariant::CalmSucceeds, !calm || !self.clock_is_fine(), || {
                    format!("call {call} ({:?}) fails: {error}", self.calls[call].plan.kind)
                })?;
                self.may_fail(call, &error, cause)
            }
        }
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
        let justified = match cause {
            Cause::Begun | Cause::Slept => false,
            Cause::Waited(since) => self.verdict.is_some_and(|verdict| verdict >= since),
            Cause::Outcome(attempt, truth) => {
                let sent = &self.attempts[attempt];
                if sent.renews && self.held().is_some() {
                    return ensure(Invariant::RenewalIsOptional, false, || {
                        format!("call {call} fails by a renewal while the old token lives: {error}")
                    });
                }
                let own = sent.target != Target::Token;
                match truth.meaning {
                    Meaning::Answer if own => {
                        return ensure(Invariant::AnswersAreKept, false, || {
                            format!("call {call} was answered and fails: {error}")
                        });
                    }
                    Meaning::Answer => error.kind() == ErrorKind::DeadToken,
                    Meaning::Passing => self.may_give_up(call, &truth),
                    Meaning::Rejected => {
                        record.unclear || record.rejections > 1 || (own && record.barred.is_some())
                    }
                    _ => true,
                }
            }
        };
        ensure(Invariant::NoEarlySurrender, justified, || {
            format!(
                "call {call} ({:?}) gives up after {cause:?}, {:?} before its deadline: {error}",
                record.plan.kind,
                record.deadline - at
            )
        })
    }

    fn may_give_up(&self, call: usize, truth: &Truth) -> bool {
        let record = &self.calls[call];
        let rules = &self.plan.rules;
        let (_, longest) = rules.wait(record.sleeps + 1, truth.wait);
        record.sleeps + 1 >= rules.attempts
            || truth.resend == Resend::Never
            || (truth.resend == Resend::Risky && !record.maybe_charged)
            || truth.wait_unclear
            || self.clock.at.saturating_add(longest) >= record.deadline
            || self.budget < 10
    }

    /// A rejection drops the token that was rejected, if it is the one that was held, and no other.
    pub(super) fn drops_only_it(&mut self, attempt: usize, held: Option<&str>) -> Checked {
        let now_held = self.held();
        let sent = &self.attempts[attempt];
        let (call, dropped) = (sent.call, now_held.as_deref() != held);
        if held.is_some() && held == sent.token.as_deref() {
            // A token that was put back after its end counts as another one.
            let adopted = self.tokens.entry(held.unwrap_or_default()).adopted;
            return ensure(Invariant::LateRejection, dropped || adopted, || {
                format!("call {call} was told that the token in use is no good, and it is still in use")
            });
        }
        ensure(Invariant::LateRejection, !dropped, || {
            format!("call {call} was told that an old token is no good, and the one in use was dropped")
        })
    }

    /// While somebody waits there is no token, and somebody asks for one.
    pub(super) fn nobody_waits_in_vain(&self) -> Checked {
        let Some(waiter) = self.waiters.first() else {
            return Ok(());
        };
        let now = self.clock.client();
        ensure(
            Invariant::NoLostWakeUp,
            self.session.export_token(now).is_none(),
            || format!("call {waiter} waits for a token, and there is one"),
        )?;
        let asked = self.clock.at < self.ghost || self.calls.iter().any(|record| record.asking);
        ensure(Invariant::NoLostWakeUp, asked, || {
            format!("call {waiter} waits for a token, and nobody asks for one")
        })
    }
}

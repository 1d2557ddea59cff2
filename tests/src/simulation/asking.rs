//! Who may ask for a token, who may wait for one, and what becomes of the one in use.

use std::time::Duration;

use advance_core::{ExportedToken, Limits};

use super::record::{Cause, Stage};
use super::truth::{Meaning, Target};
use super::violation::{Checked, Invariant, ensure};
use super::world::World;

/// How long nobody asks a busy server again whose asker gave up.
pub(super) const PACE: Duration = Duration::from_secs(1);

/// Beyond attempts: a clock repair, and a token that was dead on arrival.
const SECOND_CHANCES: u32 = 2;

impl World {
    /// Checks a token request that the machine gives out, and counts it.
    pub(super) fn may_ask(&mut self, call: usize, limits: &Limits, held: Option<&str>) -> Checked {
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
        ensure(Invariant::RetryAfter, at >= self.must_hold, || {
            format!(
                "call {call} asks for a token, which the server will not have before {:?}",
                self.must_hold
            )
        })?;
        let renews = held.is_some();
        if let Some(held) = held {
            let half = self.calls[call].deadline.saturating_sub(at) / 2;
            ensure(Invariant::RenewalIsOptional, limits.within <= half, || {
                format!(
                    "call {call} renews within {:?} and would be left less than that to go on",
                    limits.within
                )
            })?;
            let token = self.tokens.entry(held);
            token.renewals += 1;
            let tried = token.renewals;
            ensure(Invariant::TwoPerWindow, tried <= 2, || {
                format!("call {call} makes the {tried}th attempt to renew one token")
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
        if self.plan.lateness == 0 {
            let other = self.calls.iter().position(|other| {
                let sure = other.asking && !other.told_by_its_clock;
                sure && other.stage == Stage::Sleeping && at < other.sleep_due
            });
            ensure(
                Invariant::OneAsker,
                other.is_none_or(|other| other == call),
                || format!("call {call} asks for a token while call {other:?} is about to try again"),
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

    /// Checks that a call which asks has not been told to stop, or to share what others were told.
    pub(super) fn asks_again(&mut self, call: usize, cause: Cause) -> Checked {
        match cause {
            Cause::Waited(since) => {
                let heard = self.shared_verdict.is_some_and(|verdict| verdict > since);
                ensure(Invariant::SharedVerdict, !heard, || {
                    format!("call {call} waited since {since:?} and asks what was refused meanwhile")
                })
            }
            Cause::Outcome(attempt, truth)
                if truth.meaning == Meaning::Parameter && !self.attempts[attempt].renews =>
            {
                let record = &mut self.calls[call];
                record.repairs += 1;
                ensure(Invariant::OneRepair, record.repairs < 2, || {
                    format!("call {call} asks again after a second PARAMETER_ERROR for a token request")
                })
            }
            _ => Ok(()),
        }
    }

    /// A rejection drops the token that was rejected, if it is the one that was held, and no other.
    pub(super) fn drops_only_it(&mut self, attempt: usize, held: Option<&str>) -> Checked {
        let now_held = self.held();
        let sent = &self.attempts[attempt];
        let (call, dropped) = (sent.call, now_held.as_deref() != held);
        if held.is_some() && held == sent.token.as_deref() {
            // A token that was put back after its end counts as another one.
            let adopted = self.tokens.entry(held.unwrap_or_default()).adopted;
            if dropped && self.tokens.dropped(held.unwrap_or_default(), self.clock.at) {
                self.must_cool = self.must_cool.max(self.clock.at + advance_core::COOL_DOWN);
            }
            return ensure(Invariant::LateRejection, dropped || adopted, || {
                format!("call {call} was told that the token in use is no good, and it is still in use")
            });
        }
        ensure(Invariant::LateRejection, !dropped, || {
            format!("call {call} was told that an old token is no good, and the one in use was dropped")
        })
    }

    /// A reply that may have brought a token leaves one in use that lives no shorter than the one before.
    pub(super) fn keeps_the_better(&mut self, attempt: usize, held: Option<&ExportedToken>) -> Checked {
        let (asked, target) = (self.attempts[attempt].begun, self.attempts[attempt].target);
        if target != Target::Token {
            return Ok(());
        }
        let now_held = self.session.export_token(self.clock.client());
        if let Some(now_held) = &now_held
            && held.is_none_or(|held| held.token != now_held.token)
        {
            self.tokens.installed(now_held.token.expose(), asked, true);
        } else {
            self.tokens.installed("", asked, false);
        }
        let ends = |token: Option<&ExportedToken>| token.map(|token| token.expires_at);
        let (before, after) = (ends(held), ends(now_held.as_ref()));
        ensure(Invariant::LongerLife, after >= before, || {
            format!("the token in use ended at {before:?}, and the next one ends at {after:?}")
        })
    }

    /// While somebody waits there is no token, and somebody asks for one.
    pub(super) fn nobody_waits_in_vain(&self) -> Checked {
        // Whose time is up wakes by itself, if late.
        let at = self.clock.at;
        let mut waiters = self.waiters.iter();
        let Some(waiter) = waiters.find(|waiter| at < self.calls[**waiter].sleep_due) else {
            return Ok(());
        };
        let now = self.clock.client();
        ensure(
            Invariant::NoLostWakeUp,
            self.session.export_token(now).is_none(),
            || format!("call {waiter} waits for a token, and there is one"),
        )?;
        // Who is held off wakes by itself when the server will be asked again.
        let mut waiters = self.waiters.iter();
        let stuck = waiters.find(|waiter| {
            let due = self.calls[**waiter].sleep_due;
            at < due && due > self.may_hold
        });
        let asked = at < self.ghost || self.calls.iter().any(|record| record.asking);
        ensure(Invariant::NoLostWakeUp, asked || stuck.is_none(), || {
            let waiter = stuck.unwrap_or(waiter);
            format!("call {waiter} waits for a token, and nobody asks for one")
        })
    }
}

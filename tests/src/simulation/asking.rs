//! Who may ask for a token, who may wait for one, and what becomes of the one in use.

use std::time::Duration;

use advance_core::session::{ExportedToken, Purpose};
use advance_core::transport::Limits;

use crate::monitors::{RENEWALS, RENEWALS_A_MINUTE};

use super::record::{Cause, Stage};
use super::truth::{Meaning, Target};
use super::violation::{Checked, Invariant, ensure};
use super::world::World;

/// How long no call asks a busy server again whose asker gave up.
pub(super) const PACE: Duration = Duration::from_secs(1);

/// Beyond attempts: a clock repair, a token that was dead on arrival, and one that replaces another.
const SECOND_CHANCES: u32 = 3;

/// Renewals beyond one for each request of its own: the first was refused for a clock or for keys that were mended.
const MENDED: u32 = 1;

impl World {
    /// Checks a token request that the machine gives out, and counts it.
    pub(super) fn may_ask(
        &mut self,
        call: usize,
        limits: &Limits,
        held: Option<&str>,
        purpose: Option<Purpose>,
    ) -> Checked {
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
        if purpose == Some(Purpose::Replacement) {
            self.replaces(call)?;
        }
        let renews = purpose == Some(Purpose::Renewal);
        if let Some(held) = held.filter(|_| renews) {
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
            let minutes = 1 + at.saturating_sub(token.got).as_secs() / 60;
            let most = RENEWALS
                + if token.refused {
                    RENEWALS_A_MINUTE * minutes
                } else {
                    0
                };
            ensure(Invariant::TwoPerWindow, u64::from(tried) <= most, || {
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
            renewals <= own + 1 + MENDED && answers <= own + 1 + SECOND_CHANCES + renewals,
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

    /// A call asks for another token although there is one.
    fn replaces(&mut self, call: usize) -> Checked {
        let held = self.held().unwrap_or_default();
        let record = &mut self.calls[call];
        record.replacements +=
            u32::from(record.asks_replace_from.replace(held.clone()).as_ref() != Some(&held));
        let first = record.refused_with.iter().position(|token| *token == held);
        let heard = first.map_or(0, |first| record.refused_with.len() - first);
        let (once, unclear) = (record.replacements < 2, record.unclear);
        ensure(
            Invariant::OneReAcquisition,
            once && (heard >= 2 || unclear),
            || {
                format!(
                    "call {call} asks for another token, having heard {heard} refusals since the first of the one in use"
                )
            },
        )
    }

    /// A refusal takes the token from no call.
    pub(super) fn drops_nothing(&mut self, attempt: usize, held: Option<&str>) -> Checked {
        let dropped = held.is_some() && self.held().is_none();
        let call = self.attempts[attempt].call;
        ensure(Invariant::LateRejection, !dropped, || {
            format!("call {call} was refused, and there is no token any more")
        })
    }

    /// A reply that may have brought a token leaves one in use that lives no shorter than the one before.
    pub(super) fn keeps_the_better(&mut self, attempt: usize, held: Option<&ExportedToken>) -> Checked {
        let target = self.attempts[attempt].target;
        if target != Target::Token {
            return Ok(());
        }
        let now_held = self.in_use();
        if held.is_some_and(|held| self.tokens.entry(held.token.expose()).refused) {
            return Ok(());
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
        // Who was refused waits for another one than that.
        let any = self.calls[*waiter].rejections == 0 && !self.calls[*waiter].unclear;
        ensure(
            Invariant::NoLostWakeUp,
            !any || self.machine.export_token(now).is_none(),
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
            format!("call {waiter} waits for a token, and no call asks for one")
        })
    }
}

//! A request on its way: out, to the vendor, and back.

use std::time::Duration;

use advance_core::UnixMillis;
use advance_core::session::{ExportedToken, HOLD_OFF, Purpose};
use advance_core::transport::Limits;
use http::Request;

use super::asking::PACE;
use super::fault::Fault;
use super::network::{Reply, Way, after, before};
use super::record::{Attempt, Cause, Stage};
use super::tokens::token_in;
use super::truth::{Meaning, Resend, Target, Told};
use super::violation::Checked;
use super::world::{Happening, World};
use crate::monitors::Seen;

impl World {
    /// Sends what the machine gave out, after everything about it was checked.
    pub(super) fn send(&mut self, call: usize, request: Request<Vec<u8>>, limits: Limits) -> Checked {
        let target = Target::of(request.uri().path());
        let token = request
            .headers()
            .get("x-access-token")
            .map(|value| value.to_str().unwrap_or_default().to_owned());
        let purpose = self.purpose.filter(|_| target == Target::Token);
        let held = if target == Target::Token {
            self.held()
        } else {
            None
        };
        self.may_send(call, target, &limits, token.as_deref(), held.as_deref())?;
        if target == Target::Token
            && let Some(signature) = member(request.body(), "signature")
        {
            self.watch.keep("a signature", signature);
        }

        let seen = Seen::Sent(self.calls[call].id, &request, &limits);
        self.monitors.see(self.clock.client(), &seen)?;
        let at = self.clock.at;
        let attempt = self.attempts.len();
        let fault = self.fault(target);
        self.tell(|| {
            format!(
                "    call {call} sends {target:?} within {:?}, meets {fault:?}",
                limits.within
            )
        });
        let (there, back) = self.travel(fault);
        let date = self
            .clock
            .vendor()
            .shifted(self.vendor.behaviour().date_offset_ms)
            .as_millis();
        let mut reply = None;
        match before(fault, target, &request, date, &mut self.dice) {
            Way::Back(known) => {
                reply = Some(known);
                self.queue(at + there.min(limits.within), Happening::Returns(attempt));
            }
            Way::There => self.queue(at + there, Happening::Arrives(attempt)),
            Way::Nowhere => {}
        }
        self.attempts.push(Attempt {
            call,
            target,
            begun: at,
            within: limits.within,
            fault,
            request,
            token,
            renews: purpose == Some(Purpose::Renewal),
            replaces: purpose == Some(Purpose::Replacement),
            open: true,
            landed: false,
            looks: Duration::ZERO,
            back,
            reply,
        });
        self.calls[call].enter(Stage::Sending(attempt));
        // The transport keeps to its limit in any case.
        self.queue(at + limits.within, Happening::Returns(attempt));
        self.tally.sends += 1;
        self.tally.token_requests += u64::from(target == Target::Token);
        Ok(())
    }

    fn fault(&mut self, target: Target) -> Option<Fault> {
        if let Some(fault) = self.ill.and_then(|ill| ill.meets(target)) {
            return Some(fault);
        }
        let rate = if target == Target::Token {
            self.plan.token_rate
        } else {
            self.plan.rate
        };
        let fault =
            (!self.is_calm() && self.dice.per_mille(rate)).then(|| self.dice.pick(&self.plan.faults))?;
        self.tally.faults.count(fault);
        Some(fault)
    }

    fn travel(&mut self, fault: Option<Fault>) -> (Duration, Duration) {
        let (least, most) = match fault {
            Some(Fault::Slow) => (1_000, 100_000),
            _ if self.is_calm() && !self.plan.calm => (1, 40),
            _ => self.plan.travel,
        };
        (self.dice.millis(least, most), self.dice.millis(least, most))
    }

    /// The text of the token that the session holds.
    pub(super) fn held(&self) -> Option<String> {
        Some(self.in_use()?.token.expose().to_owned())
    }

    /// The token that the session uses, though it may be over by the wall clock: only the other one ends its use.
    pub(super) fn in_use(&self) -> Option<ExportedToken> {
        let mut now = self.clock.client();
        now.wall = UnixMillis::new(0);
        self.machine.export_token(now)
    }

    pub(super) fn arrives(&mut self, attempt: usize) {
        let at = self.clock.vendor();
        let token = self.attempts[attempt].token.clone();
        let late = self.knows_late(token.as_deref());
        let sent = &self.attempts[attempt];
        let reply = after(
            sent.fault.or(late),
            sent.target,
            &sent.request,
            &mut self.vendor,
            at,
            &mut self.dice,
        );
        if sent.target == Target::Token
            && let Some(reply) = &reply
            && reply.truth.meaning == Meaning::Answer
            && let Ok(response) = &reply.outcome
            && let Some(token) = token_in(response.body())
        {
            self.tokens.issued(token, at.after(self.plan.rules.period));
            self.watch.keep("a token", token);
        }
        let back = self.clock.at + sent.back;
        if let Some(reply) = reply
            && !self.attempts[attempt].landed
        {
            self.attempts[attempt].reply = Some(reply);
            self.queue(back, Happening::Returns(attempt));
        }
    }

    /// The first return counts: the reply's, or that of the limit.
    pub(super) fn returns(&mut self, attempt: usize) -> Checked {
        let at = self.clock.at;
        let sent = &mut self.attempts[attempt];
        if !sent.open {
            return Ok(());
        }
        let call = sent.call;
        if self.calls[call].stage != Stage::Sending(attempt) {
            return Ok(());
        }
        if !sent.landed {
            sent.landed = true;
            let expired = at >= sent.begun + sent.within;
            if expired || sent.reply.is_none() {
                sent.reply = Some(Reply::timeout(sent.target));
            }
            let late = self.lateness();
            if !late.is_zero() {
                // The outcome is there, and its caller comes to look at it later.
                self.calls[call].late = late;
                self.attempts[attempt].looks = at + late;
                self.queue(at + late, Happening::Returns(attempt));
                return Ok(());
            }
        }
        let sent = &mut self.attempts[attempt];
        if at < sent.looks {
            return Ok(());
        }
        sent.open = false;
        match sent.reply.take() {
            Some(reply) => self.answered(attempt, reply),
            None => Ok(()),
        }
    }

    fn answered(&mut self, attempt: usize, reply: Reply) -> Checked {
        let Reply { outcome, truth } = reply;
        let (call, target, token) = {
            let sent = &self.attempts[attempt];
            (sent.call, sent.target, sent.token.clone())
        };
        self.tell(|| format!("    call {call} is told {truth:?}"));
        self.bill.add(truth.told);
        self.calls[call].bill.add(truth.told);
        if !truth.replied && truth.told == Told::Free {
            self.unsent += 1;
        }
        // A damaged reply may have passed for an answer.
        self.budget_is_blurred |= truth.meaning == Meaning::Unclear;
        if target == Target::Token && matches!(truth.meaning, Meaning::Answer | Meaning::Unclear) {
            self.works(call, Target::Token);
        }
        self.learn(
            call,
            target,
            &truth,
            token.as_deref(),
            outcome.as_ref().ok().map(http::Response::body),
        );
        let seen = Seen::Heard(self.calls[call].id, outcome.as_ref());
        self.monitors.see(self.clock.client(), &seen)?;
        self.advance(call, Cause::Outcome(attempt, truth), |machine, now| {
            machine.answered(call, now, outcome)
        })
    }

    /// Keeps what the outcome will be judged by.
    fn learn(
        &mut self,
        call: usize,
        target: Target,
        truth: &super::truth::Truth,
        token: Option<&str>,
        body: Option<&Vec<u8>>,
    ) {
        let at = self.clock.at;
        let cools = at + advance_core::session::COOL_DOWN;
        let record = &mut self.calls[call];
        let slot = usize::from(target != Target::Token);
        if let Some(wait) = truth.wait
            && truth.meaning == Meaning::Passing
        {
            record.not_before[slot] = at.saturating_add(wait);
        }
        if target != Target::Token {
            record.barred = match truth.resend {
                Resend::Never => Some("was charged"),
                Resend::Risky if !record.maybe_charged => Some("may have been charged"),
                _ => None,
            };
            if truth.meaning == Meaning::Unclear {
                record.unclear = true;
                self.tokens.entry(token.unwrap_or_default()).refused = true;
            } else if truth.meaning == Meaning::Rejected {
                record.rejections += 1;
                let token = token.unwrap_or_default();
                record.refused_with.push(token.to_owned());
                self.tokens.entry(token).refused = true;
            }
            return;
        }
        let told = truth.wait.map_or(Duration::ZERO, |wait| wait.min(HOLD_OFF));
        match truth.meaning {
            Meaning::Answer => {}
            Meaning::Passing | Meaning::Refused { .. } if !truth.wait_unclear => {
                self.must_hold = self.must_hold.max(at + surely(told));
                // Who gives up on a busy server leaves it alone for a second.
                self.may_hold = self.may_hold.max(at + told.max(PACE));
            }
            Meaning::Parameter if !truth.wait_unclear => self.may_hold = self.may_hold.max(at + told),
            _ => self.may_hold = self.may_hold.max(at + HOLD_OFF),
        }
        match truth.meaning {
            Meaning::Answer => {
                record.answered_asks += 1;
                self.got(body);
            }
            Meaning::Unclear => {
                // It may have passed for an answer.
                record.answered_asks += 1;
                record.unclear = true;
                self.may_cool = self.may_cool.max(cools);
                self.got(body);
            }
            Meaning::Refused { cools: true } if truth.resend == Resend::Never || truth.told == Told::Free => {
                self.may_cool = self.may_cool.max(cools);
                self.must_cool = self.must_cool.max(at + surely(advance_core::session::COOL_DOWN));
            }
            Meaning::Refused { .. } | Meaning::Parameter => {
                self.may_cool = self.may_cool.max(cools);
            }
            _ => {}
        }
        let passing = truth.meaning == Meaning::Passing && truth.resend != Resend::Never;
        if truth.replied && !passing {
            self.verdict = Some(at);
        }
    }

    fn got(&mut self, body: Option<&Vec<u8>>) {
        if let Some(token) = body.and_then(|body| token_in(body)) {
            self.tokens.got(token, self.clock.at);
        }
    }
}

/// What has not passed by either clock, though one of them drifts, a hundredth at the most and once a second.
pub(super) fn surely(long: Duration) -> Duration {
    (long * 98 / 100).saturating_sub(Duration::from_millis(20))
}

/// The text of a member of a flat JSON object.
fn member<'a>(body: &'a [u8], name: &str) -> Option<&'a str> {
    let body = std::str::from_utf8(body).ok()?;
    let (_, rest) = body.split_once(&format!("\"{name}\":\""))?;
    Some(rest.split_once('"')?.0)
}

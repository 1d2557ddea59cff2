//! What is known of one call from outside.

use std::time::Duration;

use advance_core::Charges;
use advance_sandbox::model::Price;

use super::network::Reply;
use super::plan::{CallPlan, Rules};
use super::truth::{Target, Told, Truth};
use crate::monitors::Terms;

/// Where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    NotBegun,
    /// Its request is under way: the number of the attempt.
    Sending(usize),
    Sleeping,
    /// Waits for a token, since then.
    Waiting(Duration),
    Over,
}

/// Why a call goes on.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cause {
    Begun,
    /// An attempt came to its end.
    Outcome(usize, Truth),
    Slept,
    /// Waited for a token, since then.
    Waited(Duration),
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "each says something else that was seen"
)]
pub(super) struct Record {
    pub(super) plan: CallPlan,
    /// Its number in the session.
    pub(super) id: u64,
    pub(super) stage: Stage,
    /// Moves on with every stage, so that an alarm of an earlier one is known for what it is.
    pub(super) epoch: u32,
    pub(super) deadline: Duration,
    pub(super) maybe_charged: bool,
    /// How late its caller was woken last.
    pub(super) late: Duration,
    /// Requests of its own, and for tokens.
    pub(super) own: u32,
    pub(super) asks: u32,
    pub(super) renewals: u32,
    pub(super) answered_asks: u32,
    pub(super) sleeps: u32,
    /// Those that may have been no retries: a damaged reply came before them.
    pub(super) blurred_sleeps: u32,
    pub(super) rejections: u32,
    /// The tokens it was refused with, one after the other, and the one it asked to replace.
    pub(super) refused_with: Vec<String>,
    pub(super) asks_replace_from: Option<String>,
    pub(super) replacements: u32,
    /// Where the retry goes that is under way.
    pub(super) retries: Option<Target>,
    /// How often it went on after `PARAMETER_ERROR` for a token request.
    pub(super) repairs: u32,
    /// A damaged reply may have told it more than anybody else knows.
    pub(super) unclear: bool,
    /// It asks for a token: everybody else may rely on it.
    pub(super) asking: bool,
    /// What it was told depends on its clock, so it may have let go of its lead.
    pub(super) told_by_its_clock: bool,
    /// Its last token request was answered and it has sent nothing since.
    pub(super) brought: bool,
    /// Why its own request must not be sent again.
    pub(super) barred: Option<&'static str>,
    /// When the server will have it back: with a token request, with its own.
    pub(super) not_before: [Duration; 2],
    /// When its sleep ends, late or not, and when it should.
    pub(super) sleeps_until: Duration,
    pub(super) sleep_due: Duration,
    pub(super) bill: Bill,
}

impl Record {
    pub(super) fn new(plan: CallPlan, rules: &Rules) -> Self {
        let total = plan.total.unwrap_or(rules.total);
        Self {
            plan,
            id: 0,
            stage: Stage::NotBegun,
            epoch: 0,
            deadline: plan.begin + total,
            maybe_charged: plan.maybe_charged.unwrap_or(rules.maybe_charged),
            late: Duration::ZERO,
            own: 0,
            asks: 0,
            renewals: 0,
            answered_asks: 0,
            sleeps: 0,
            blurred_sleeps: 0,
            rejections: 0,
            refused_with: Vec::new(),
            asks_replace_from: None,
            replacements: 0,
            retries: None,
            repairs: 0,
            unclear: false,
            asking: false,
            told_by_its_clock: false,
            brought: false,
            barred: None,
            not_before: [Duration::ZERO; 2],
            sleeps_until: Duration::ZERO,
            sleep_due: Duration::ZERO,
            bill: Bill::default(),
        }
    }

    pub(super) fn terms(&self, rules: &Rules) -> Terms {
        Terms {
            attempts: rules.attempts,
            total: self.plan.total.unwrap_or(rules.total),
            attempt: rules.attempt,
            longest_backoff: rules.cap.max(rules.base),
            maybe_charged: self.maybe_charged,
            budget: rules.budget,
            must_succeed: self.plan.must_succeed(rules),
        }
    }

    pub(super) const fn sends(&self) -> u32 {
        self.own + self.asks
    }

    pub(super) const fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.epoch += 1;
    }
}

/// One request on its way.
#[expect(
    clippy::struct_excessive_bools,
    reason = "what it is for and where it stands are told apart by each invariant for itself"
)]
pub(super) struct Attempt {
    pub(super) call: usize,
    pub(super) target: Target,
    pub(super) begun: Duration,
    pub(super) within: Duration,
    pub(super) fault: Option<super::fault::Fault>,
    pub(super) request: http::Request<Vec<u8>>,
    /// The token it carries.
    pub(super) token: Option<String>,
    /// It asks for the token after the one that was held.
    pub(super) renews: bool,
    /// It asks for another one than the one in use.
    pub(super) replaces: bool,
    /// The client waits for its outcome.
    pub(super) open: bool,
    /// Its outcome is there, though its caller may look at it later.
    pub(super) landed: bool,
    pub(super) looks: Duration,
    pub(super) back: Duration,
    pub(super) reply: Option<Reply>,
}

/// What a number of requests cost for certain, and where that is not certain.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bill {
    sure: Charges,
    blurred: Charges,
}

impl Bill {
    pub(super) const fn add(&mut self, told: Told) {
        match told {
            Told::Free => self.sure.free += 1,
            Told::Pay => self.sure.pay += 1,
            Told::Unknown => self.sure.unknown += 1,
            Told::Blurred(Some(Price::Free)) => self.blurred.free += 1,
            Told::Blurred(Some(Price::Pay)) => self.blurred.pay += 1,
            Told::Blurred(None) => self.blurred.unknown += 1,
        }
    }

    /// Whether these charges are what the requests cost, as far as a reply could be read.
    pub(super) const fn allows(&self, charges: Charges) -> bool {
        let (sure, blurred) = (self.sure, self.blurred);
        let sum = sure.free + sure.pay + sure.unknown + blurred.free + blurred.pay + blurred.unknown;
        charges.free + charges.pay + charges.unknown == sum
            && charges.free >= sure.free
            && charges.free <= sure.free + blurred.free
            && charges.pay >= sure.pay
            && charges.pay <= sure.pay + blurred.pay
            && charges.unknown >= sure.unknown
    }
}

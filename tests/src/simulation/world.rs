//! One run: the queue of what happens next, and what happens.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use advance_core::SignatureId;
use advance_core::session::{ExportedToken, Purpose};
use advance_sandbox::model::Account;
use advance_sandbox::{Vendor, VendorConfig};

use super::clock::Clock;
use super::dice::Dice;
use super::illness::Illness;
use super::machine::Machine;
use super::plan::Plan;
use super::record::{Attempt, Bill, Record, Stage};
use super::source::Source;
use super::tally::Tally;
use super::tokens::Tokens;
use super::violation::{Checked, Invariant, Violation, ensure};
use super::watch::Watch;
use super::{ACCESS_KEY, Driven, SECRET_KEY, requests};
use crate::monitors::Monitors;

/// How long it is since something cannot be told from outside where a clock stands, runs away and is set again while
/// tokens come from elsewhere. The simulation has rules of its own for the first.
const LEFT_OUT: [Invariant; 2] = [Invariant::CoolDown, Invariant::BothClocks];

/// More than any run needs by far.
const ENDLESS: u64 = 1_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Happening {
    Begin(usize),
    /// An attempt's request reaches the vendor.
    Arrives(usize),
    /// Its reply reaches the client, or its limit runs out.
    Returns(usize),
    /// A call has found its place among those who wait for a token.
    Registers(usize, u32),
    /// A wait is over, or cut short.
    Wakes(usize, u32),
    GivesUp(usize),
    Trouble(usize),
    Calm,
}

pub(super) struct World {
    pub(super) plan: Plan,
    pub(super) dice: Dice,
    pub(super) machine: Box<dyn Machine>,
    pub(super) vendor: Vendor,
    pub(super) clock: Clock,
    queue: BinaryHeap<Reverse<(Duration, u64, Happening)>>,
    pub(super) queued: u64,
    pub(super) calls: Vec<Record>,
    pub(super) attempts: Vec<Attempt>,
    /// Calls that sleep until the generation changes, and when their wait would end.
    pub(super) waiters: Vec<usize>,
    pub(super) tokens: Tokens,
    pub(super) watch: Watch,
    /// What the events and the requests alone tell.
    pub(super) monitors: Monitors,
    pub(super) tally: Tally,
    /// What the session must have booked.
    pub(super) bill: Bill,
    /// Requests that were sent by callers who vanished.
    pub(super) untold: u64,
    /// Attempts of which nothing was sent.
    pub(super) unsent: u64,
    /// The budgets of the endpoints as the documents describe them, in tenths of a retry.
    pub(super) budgets: [u64; 3],
    /// A damaged reply may have cost a retry.
    pub(super) budget_is_blurred: bool,
    /// What the last request that was begun is for.
    pub(super) purpose: Option<Purpose>,
    /// Until when a caller that vanished may still be believed to ask.
    pub(super) ghost: Duration,
    /// When the server's last verdict on a token request came.
    pub(super) verdict: Option<Duration>,
    /// The same, if each waiter must have heard it.
    pub(super) shared_verdict: Option<Duration>,
    /// Until when the machine may, and must, refuse to ask.
    pub(super) may_cool: Duration,
    pub(super) must_cool: Duration,
    /// Until when the server's `Retry-After` may, and must, keep the machine from asking.
    pub(super) may_hold: Duration,
    pub(super) must_hold: Duration,
    pub(super) last_ask: Option<Duration>,
    pub(super) signature_id: SignatureId,
    /// What happened, if anybody wants to read it.
    pub(super) trail: Option<Vec<String>>,
    pub(super) kept: Option<ExportedToken>,
    /// What is wrong just now, in a run in which nothing else is.
    pub(super) ill: Option<Illness>,
    baseline: advance_sandbox::model::Prices,
}

impl World {
    pub(super) fn new(source: &Source, driven: Driven) -> Self {
        let plan = Plan::new(source.plan(1));
        let mut config = VendorConfig::seeded(source.seed);
        config.accounts = vec![Account::new(ACCESS_KEY, SECRET_KEY)];
        config.behaviour.charging = plan.charging;
        let mut vendor = Vendor::new(config);
        let credentials = requests::credentials();
        let clock = Clock::new(plan.skew_ms, plan.drift_ppm);
        let signature_id = requests::begin_verification(&mut vendor, &credentials, clock.vendor());
        let machine = driven.machine(plan.config.clone(), source.seed, clock.client());
        let baseline = vendor.ledger().total();
        let budget = u64::from(plan.rules.budget) * 10;
        let calls = plan
            .calls
            .iter()
            .map(|call| Record::new(*call, &plan.rules))
            .collect();
        let mut world = Self {
            plan,
            dice: source.way(2),
            machine,
            vendor,
            clock,
            queue: BinaryHeap::new(),
            queued: 0,
            calls,
            attempts: Vec::new(),
            waiters: Vec::new(),
            tokens: Tokens::default(),
            watch: Watch::new(ACCESS_KEY, SECRET_KEY),
            monitors: Monitors::new(ACCESS_KEY, SECRET_KEY).without(&LEFT_OUT),
            tally: Tally::default(),
            bill: Bill::default(),
            untold: 0,
            unsent: 0,
            budgets: [budget; 3],
            budget_is_blurred: false,
            purpose: None,
            ghost: Duration::ZERO,
            verdict: None,
            shared_verdict: None,
            may_cool: Duration::ZERO,
            must_cool: Duration::ZERO,
            may_hold: Duration::ZERO,
            must_hold: Duration::ZERO,
            last_ask: None,
            signature_id,
            trail: None,
            kept: None,
            ill: None,
            baseline,
        };
        for call in 0..world.calls.len() {
            let plan = world.calls[call].plan;
            world.queue(plan.begin, Happening::Begin(call));
            if let Some((patience, _)) = plan.gives_up {
                world.queue(plan.begin + patience, Happening::GivesUp(call));
            }
        }
        for trouble in 0..world.plan.troubles.len() {
            world.queue(world.plan.troubles[trouble].0, Happening::Trouble(trouble));
        }
        world.queue(world.plan.calm_from, Happening::Calm);
        world
    }

    pub(super) fn queue(&mut self, at: Duration, what: Happening) {
        self.queued += 1;
        self.queue.push(Reverse((at, self.queued, what)));
    }

    /// Runs to the end.
    pub(super) fn run(&mut self) -> Result<Tally, Violation> {
        while let Some(Reverse((at, _, what))) = self.queue.pop() {
            self.clock.at = self.clock.at.max(at);
            ensure(Invariant::NoDeadlock, self.queued < ENDLESS, || {
                format!("after {ENDLESS} events there is no end in sight")
            })?;
            self.happens(what).map_err(|mut violation| {
                violation.what = format!("at {:?}: {}", self.clock.at, violation.what);
                violation
            })?;
        }
        self.settle()?;
        self.tally.virtual_time = self.clock.at;
        self.tally.calls = self.calls.len() as u64;
        Ok(std::mem::take(&mut self.tally))
    }

    /// The same, and all that happens in words.
    pub(super) fn in_words(mut self) -> (Vec<String>, Result<Tally, Violation>) {
        let mut words = self.plan_in_words();
        self.trail = Some(Vec::new());
        let result = self.run();
        words.extend(self.trail.unwrap_or_default());
        (words, result)
    }

    fn plan_in_words(&self) -> Vec<String> {
        let plan = &self.plan;
        let mut words = vec![
            format!("{:?}", plan.rules),
            format!(
                "faults {} in a thousand of {:?}; late {}",
                plan.rate, plan.faults, plan.lateness
            ),
            format!(
                "only {:?}; skew {} ms, drift {} ppm, calm from {:?}",
                plan.illness, plan.skew_ms, plan.drift_ppm, plan.calm_from
            ),
        ];
        words.extend(
            plan.calls
                .iter()
                .enumerate()
                .map(|(call, plan)| format!("call {call}: {plan:?}")),
        );
        words
    }

    pub(super) fn tell(&mut self, what: impl FnOnce() -> String) {
        if let Some(trail) = &mut self.trail {
            trail.push(format!("{:>16.6}  {}", self.clock.at.as_secs_f64(), what()));
        }
    }

    fn happens(&mut self, what: Happening) -> Checked {
        self.tell(|| format!("{what:?}"));
        match what {
            Happening::Begin(call) => self.begin(call),
            Happening::Arrives(attempt) => {
                self.arrives(attempt);
                Ok(())
            }
            Happening::Returns(attempt) => self.returns(attempt),
            Happening::Registers(call, epoch) => self.registers(call, epoch),
            Happening::Wakes(call, epoch) => self.wakes(call, epoch),
            Happening::GivesUp(call) => self.gives_up(call),
            Happening::Trouble(trouble) => self.trouble(self.plan.troubles[trouble].1),
            Happening::Calm => {
                self.calm();
                Ok(())
            }
        }
    }

    /// At the end no call is under way, and the books agree.
    fn settle(&mut self) -> Checked {
        let left = self.calls.iter().position(|record| record.stage != Stage::Over);
        ensure(Invariant::NoDeadlock, left.is_none(), || {
            let call = left.unwrap_or_default();
            format!("call {call} never ended: {:?}", self.calls[call].stage)
        })?;
        self.asks_little()?;
        let shown = self.watch.shown(self.machine.shown());
        ensure(Invariant::NoSecretShown, shown.is_ok(), || {
            format!("the session: {}", shown.err().unwrap_or_default())
        })?;
        let charges = self.machine.charges();
        ensure(Invariant::TrueCharges, self.bill.allows(charges), || {
            format!(
                "the session says {charges:?}, and its requests cost {:?}",
                self.bill
            )
        })?;
        let ledger = self.vendor.ledger().total();
        let (pay, free) = (ledger.pay - self.baseline.pay, ledger.free - self.baseline.free);
        let open = charges.unknown + self.untold;
        let told_free = charges.free - self.unsent.min(charges.free);
        let agree =
            charges.pay <= pay && pay <= charges.pay + open && told_free <= free && free <= told_free + open;
        ensure(Invariant::TrueCharges, agree, || {
            format!(
                "the ledger has {pay} PAY and {free} FREE, the session {charges:?} with {} never sent and {} of vanished callers",
                self.unsent, self.untold
            )
        })
    }
}

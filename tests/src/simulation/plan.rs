//! What a seed decides before anything happens: who calls what and when, under which policy, and what may go wrong.

use std::time::Duration;

use advance_core::{Config, Period, RetryPolicy};
use advance_sandbox::model::Charging;

use super::dice::Dice;
use super::fault::Fault;
use super::illness::{self, Illness};

const S: fn(u64) -> Duration = Duration::from_secs;

/// Long enough after the last fault for every cool-down to be over and for no token to count as a fresh replacement.
pub(super) const SETTLING: Duration = Duration::from_secs(70);

/// A whole run.
pub(super) struct Plan {
    /// Nothing goes wrong from beginning to end.
    pub(super) calm: bool,
    pub(super) config: Config,
    pub(super) rules: Rules,
    pub(super) calls: Vec<CallPlan>,
    /// From here on nothing goes wrong any more.
    pub(super) calm_from: Duration,
    /// How often, in a thousand, a request meets a fault, and which it may be.
    pub(super) rate: u64,
    /// The same for token requests: if they fail, nothing else gets its turn.
    pub(super) token_rate: u64,
    pub(super) faults: Vec<Fault>,
    /// How often, in a thousand, a waiter comes back late.
    pub(super) lateness: u64,
    pub(super) travel: (u64, u64),
    /// The one thing that goes wrong in this run, if nothing else does.
    pub(super) illness: Option<Illness>,
    pub(super) troubles: Vec<(Duration, Trouble)>,
    pub(super) charging: Charging,
    /// Client minus vendor, at the start.
    pub(super) skew_ms: i64,
    /// How many milliseconds the client's wall clock gains in a million seconds of the vendor's, in thousands.
    pub(super) drift_ppm: i64,
}

/// The policy in numbers, for those who judge the machine by it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) attempts: u32,
    pub(super) base: Duration,
    pub(super) cap: Duration,
    pub(super) total: Duration,
    pub(super) maybe_charged: bool,
    pub(super) budget: u32,
    pub(super) attempt: Duration,
    pub(super) period: Duration,
    pub(super) repair_clock: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Url,
    Result,
    Token,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct CallPlan {
    pub(super) begin: Duration,
    pub(super) kind: Kind,
    pub(super) total: Option<Duration>,
    pub(super) maybe_charged: Option<bool>,
    /// When its caller loses patience, and whether it says so.
    pub(super) gives_up: Option<(Duration, bool)>,
    /// Begins after the last fault.
    pub(super) calm: bool,
    /// In a run in which one thing is wrong: that does not strike it.
    pub(super) spared: bool,
}

impl CallPlan {
    /// Nothing happens to it but what it can get over in its time.
    pub(super) fn must_succeed(&self, rules: &Rules) -> bool {
        self.spared && self.total.unwrap_or(rules.total) >= illness::ENOUGH
    }
}

/// What goes wrong at a time, and not with a request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Trouble {
    Revoke,
    Disable,
    Enable,
    ExpiryOffset(i64),
    DateOffset(i64),
    Jump(i64),
    /// The clock stands before 1970, or after the year 2286.
    Absurd(u64),
    Keep,
    Adopt {
        garbage: bool,
        life: Duration,
    },
    /// Something is wrong from here on.
    Ill(Illness),
    Well,
}

impl Plan {
    pub(super) fn new(mut dice: Dice) -> Self {
        // One in eight runs has nothing go wrong at all.
        let calm = dice.one_in(8);
        let mut rules = Rules::new(&mut dice, calm);
        let illness = (!calm && dice.one_in(5)).then(|| Illness::draw(&mut dice));
        if illness.is_some() {
            rules = Illness::rules(rules);
        }
        let quiet = calm || illness.is_some();
        let mut plan = Self {
            calm,
            config: rules.config(),
            rules,
            calls: Vec::new(),
            calm_from: Duration::ZERO,
            rate: if quiet {
                0
            } else {
                dice.pick(&[0, 50, 150, 300, 500, 800, 1_000])
            },
            token_rate: 0,
            faults: Vec::new(),
            lateness: if quiet { 0 } else { dice.pick(&[0, 0, 0, 30, 300]) },
            travel: dice.pick(&[(1, 40), (20, 200), (200, 3_000), (1_000, 20_000)]),
            illness,
            troubles: Vec::new(),
            charging: dice.pick(&[
                Charging::Documented,
                Charging::PayPerResult,
                Charging::PayPerPoll,
                Charging::PayPerPoll,
                Charging::Omit,
            ]),
            skew_ms: 0,
            drift_ppm: 0,
        };
        if quiet {
            plan.travel = dice.pick(&[(1, 40), (20, 200)]);
        }
        // A subset of the kinds: what happens always together hides what happens alone.
        let share = dice.pick(&[100, 300, 1_000]);
        plan.faults = Fault::ALL[..=Fault::Echo as usize]
            .iter()
            .copied()
            .filter(|_| dice.per_mille(share))
            .collect();
        if plan.faults.is_empty() {
            plan.rate = 0;
        }
        plan.token_rate = dice.pick(&[0, plan.rate / 4, plan.rate]);
        let horizon = plan.fleet(&mut dice, calm);
        if !calm {
            match illness {
                Some(illness) => {
                    plan.troubles = illness.course(&mut dice, horizon);
                    plan.nobody_vanishes();
                }
                None => plan.trouble(&mut dice, horizon),
            }
            plan.epilogue(&mut dice, horizon);
        }
        plan
    }

    /// Draws the calls, and says when the last of them begins.
    fn fleet(&mut self, dice: &mut Dice, calm: bool) -> Duration {
        let illness = self.illness;
        let size = match dice.below(64) {
            0 => dice.pick(&[50, 150]),
            1..=8 => 8 + dice.below(12),
            _ => 1 + dice.below(6),
        };
        let period = self.rules.period;
        let span = dice.pick(&[S(1), S(20), period, period * 2, period * 4]);
        let together = dice.pick(&[0, 300, 1_000]);
        // In one run in four everybody but the first comes when the first token is due for renewal.
        let rush = dice.one_in(4);
        let window = u64::try_from((period / 10).min(S(60)).as_millis()).unwrap_or(1);
        let span = if rush { S(1) } else { span };
        let mut begin = Duration::ZERO;
        for _ in 0..size {
            if rush && !self.calls.is_empty() {
                begin = period.saturating_sub(dice.millis(0, window));
            } else if !dice.per_mille(together) {
                begin = Duration::from_micros(dice.below(u64::try_from(span.as_micros()).unwrap_or(1)));
            }
            let total = match dice.below(8) {
                0 if !calm => Some(dice.millis(1, 2_000)),
                1 => Some(dice.millis(5_000, 60_000)),
                2 if !calm => Some(dice.millis(60_000, 900_000)),
                _ => None,
            };
            let gives_up = (!calm && dice.one_in(10)).then(|| {
                let patience = dice.pick(&[1_000, 20_000, 200_000]);
                (dice.millis(0, patience), !dice.one_in(4))
            });
            let kind = dice.pick(&[
                Kind::Url,
                Kind::Url,
                Kind::Result,
                Kind::Result,
                Kind::Result,
                Kind::Token,
            ]);
            self.calls.push(CallPlan {
                begin,
                kind,
                // A call for a token has no settings of its own.
                total: total.filter(|_| kind != Kind::Token),
                maybe_charged: dice
                    .pick(&[None, None, Some(true), Some(false)])
                    .filter(|_| kind != Kind::Token),
                gives_up,
                calm,
                spared: illness.is_some_and(|illness| !illness.strikes(kind)),
            });
        }
        self.calls.iter().map(|call| call.begin).max().unwrap_or_default()
    }

    /// A caller that leads and vanishes without a word is an illness of its own: others wait until its lease is over.
    fn nobody_vanishes(&mut self) {
        for (_, says_so) in self.calls.iter_mut().filter_map(|call| call.gives_up.as_mut()) {
            *says_so = true;
        }
    }

    fn trouble(&mut self, dice: &mut Dice, horizon: Duration) {
        let end = horizon + S(60);
        let end_ms = u64::try_from(end.as_millis()).unwrap_or(u64::MAX);
        self.skew_ms = dice.pick(&[0, 0, 0, 100_000, -100_000, 290_000, 600_000, -600_000, 90_000_000]);
        self.drift_ppm = dice.pick(&[0, 0, 0, 200, -200, 10_000]);
        let count = dice.pick(&[0, 0, 1, 3, 10]);
        for _ in 0..count {
            let at = dice.millis(0, end_ms);
            let trouble = match dice.below(12) {
                0..=3 => Trouble::Revoke,
                4 => {
                    self.troubles
                        .push((at + dice.millis(100, 100_000), Trouble::Enable));
                    Trouble::Disable
                }
                5 => Trouble::ExpiryOffset(dice.pick(&[
                    0,
                    -3_600_000,
                    -60_000,
                    -59_000,
                    3_600_000,
                    i64::MIN,
                    i64::MAX,
                ])),
                6 => Trouble::DateOffset(dice.pick(&[
                    0,
                    -600_000,
                    600_000,
                    130_000,
                    4_000_000,
                    -80_000_000,
                    100_000_000,
                ])),
                7 => Trouble::Jump(dice.pick(&[
                    1_000,
                    -1_000,
                    400_000,
                    -400_000,
                    3_600_000,
                    -3_600_000,
                    200_000_000,
                ])),
                8 => Trouble::Absurd(dice.pick(&[0, 1, u64::MAX, 10_000_000_000_000])),
                9 => Trouble::Keep,
                _ => Trouble::Adopt {
                    garbage: dice.one_in(2),
                    life: dice.millis(1, 4_000_000),
                },
            };
            self.troubles.push((at, trouble));
        }
    }

    /// Calls that begin when all is well again must succeed.
    fn epilogue(&mut self, dice: &mut Dice, horizon: Duration) {
        let illness = self.illness;
        let mut end = horizon + S(60);
        for (at, _) in &self.troubles {
            end = end.max(*at);
        }
        for call in &self.calls {
            end = end.max(call.begin + call.total.unwrap_or(self.rules.total));
        }
        self.calm_from = end + S(1);
        let begin = self.calm_from + SETTLING;
        for _ in 0..=dice.below(2) {
            let kind = dice.pick(&[Kind::Url, Kind::Result, Kind::Token]);
            self.calls.push(CallPlan {
                begin,
                kind,
                total: Some(S(20)).filter(|_| kind != Kind::Token),
                maybe_charged: None,
                gives_up: None,
                calm: true,
                spared: illness.is_some_and(|illness| !illness.strikes(kind)),
            });
        }
    }
}

impl Rules {
    fn new(dice: &mut Dice, calm: bool) -> Self {
        let total = if calm {
            dice.pick(&[S(10), S(45)])
        } else {
            dice.pick(&[S(1), S(10), S(45), S(45), S(300), S(900)])
        };
        Self {
            attempts: dice.pick(&[1, 2, 3, 3, 5, 8]),
            base: dice.pick(&[
                Duration::ZERO,
                Duration::from_millis(1),
                Duration::from_millis(250),
                S(4),
            ]),
            cap: dice.pick(&[Duration::from_millis(100), S(10), S(100)]),
            total,
            maybe_charged: dice.one_in(3),
            budget: dice.pick(&[0, 1, 4, 20, 20, 1_000]),
            attempt: dice.pick(&[S(1), S(5), S(15), S(15), S(40), S(120)]),
            period: S(dice.pick(&[60, 60, 90, 600, 3_600, 86_400])),
            repair_clock: !dice.one_in(4),
        }
    }

    fn config(&self) -> Config {
        let policy = RetryPolicy::new()
            .attempts(self.attempts)
            .backoff(self.base, self.cap)
            .total(self.total)
            .retry_maybe_charged(self.maybe_charged)
            .budget(self.budget);
        let config = Config::new()
            .retry(policy)
            .attempt_timeout(self.attempt)
            .repair_clock(self.repair_clock);
        match Period::from_secs(self.period.as_secs()) {
            Ok(period) => config.period(period),
            Err(_) => config,
        }
    }

    /// The longest and the shortest that the machine may wait before another try, after so many failed.
    pub(super) fn wait(&self, tries: u32, told: Option<Duration>) -> (Duration, Duration) {
        if let Some(told) = told {
            return (told, told.saturating_add(self.base));
        }
        let bound = self
            .base
            .saturating_mul(1 << tries.saturating_sub(1).min(31))
            .min(self.cap);
        (bound / 2, bound)
    }
}

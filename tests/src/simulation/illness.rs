//! Worlds with one illness: nothing else goes wrong, so what a user must see there can be said without the machine's rules.

use std::time::Duration;

use advance_core::Error;
use advance_core::wire::Code;

use super::dice::Dice;
use super::fault::Fault;
use super::plan::{CallPlan, Kind, Rules, Trouble};
use super::truth::Target;
use super::violation::{Checked, Invariant, ensure};
use super::world::World;

/// A call with less time may end before the illness is got over.
pub(super) const ENOUGH: Duration = Duration::from_secs(45);

/// What is wrong for a while, and with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Illness {
    /// The account may not use this endpoint.
    Denied(Target),
    /// No reply comes from there.
    Dead(Target),
    /// A token is known only so long after it was issued.
    KnownLate(Duration),
    /// All tokens are revoked.
    Revoked,
    /// The machine sleeps: its monotonic clock stands, the wall clock and the world go on.
    Asleep(Duration),
}

impl Illness {
    pub(super) fn draw(dice: &mut Dice) -> Self {
        let own = dice.pick(&[Target::Url, Target::Result]);
        match dice.below(5) {
            0 => Self::Denied(own),
            1 => Self::Dead(own),
            2 => Self::KnownLate(dice.millis(20, 2_500)),
            3 => Self::Revoked,
            _ => Self::Asleep(dice.millis(1_000, 10_000_000)),
        }
    }

    /// When it comes and goes.
    pub(super) fn course(self, dice: &mut Dice, horizon: Duration) -> Vec<(Duration, Trouble)> {
        let end = u64::try_from(horizon.as_millis()).unwrap_or(u64::MAX);
        let mut from = dice.millis(0, end.max(1));
        match self {
            Self::Denied(_) | Self::Dead(_) | Self::KnownLate(_) => {
                from = if dice.one_in(2) { Duration::ZERO } else { from };
                let until = from + dice.millis(1_000, 1_000_000);
                vec![(from, Trouble::Ill(self)), (until, Trouble::Well)]
            }
            Self::Revoked | Self::Asleep(_) => vec![(from, Trouble::Ill(self))],
        }
    }

    /// A policy with which a call can get over it.
    pub(super) const fn rules(rules: Rules) -> Rules {
        Rules {
            attempts: if rules.attempts < 3 { 3 } else { rules.attempts },
            base: Duration::from_millis(250),
            cap: Duration::from_secs(10),
            total: if rules.total.as_secs() < 45 {
                ENOUGH
            } else {
                rules.total
            },
            budget: if rules.budget < 20 { 20 } else { rules.budget },
            attempt: Duration::from_secs(15),
            repair_clock: true,
            ..rules
        }
    }

    /// Its name in the summary.
    pub(super) const fn fault(self) -> Fault {
        match self {
            Self::Denied(_) => Fault::Denied,
            Self::Dead(_) => Fault::Dead,
            Self::KnownLate(_) => Fault::KnownLate,
            Self::Revoked => Fault::Revoked,
            Self::Asleep(_) => Fault::Asleep,
        }
    }

    /// What a request meets that is sent now.
    pub(super) fn meets(self, target: Target) -> Option<Fault> {
        match self {
            Self::Denied(denied) => (denied == target).then_some(Fault::Denied),
            Self::Dead(dead) => (dead == target).then_some(Fault::Unreachable),
            _ => None,
        }
    }

    /// Whether this call is one of those that cannot succeed.
    pub(super) fn strikes(self, kind: Kind) -> bool {
        match self {
            Self::Denied(target) | Self::Dead(target) => {
                matches!(
                    (target, kind),
                    (Target::Url, Kind::Url) | (Target::Result, Kind::Result)
                )
            }
            _ => false,
        }
    }
}

impl World {
    /// What the vendor does with a request whose token it does not know yet.
    pub(super) fn knows_late(&mut self, token: Option<&str>) -> Option<Fault> {
        let Some(Illness::KnownLate(lag)) = self.ill else {
            return None;
        };
        let ends = self.tokens.entry(token?).ends?;
        let issued_before = ends.as_millis().saturating_sub(self.clock.vendor().as_millis());
        let age = self
            .plan
            .rules
            .period
            .saturating_sub(Duration::from_millis(issued_before));
        (age < lag).then_some(Fault::KnownLate)
    }

    /// Who is denied hears the server's word for that.
    pub(super) fn is_told_so(&self, call: usize, error: &Error) -> Checked {
        let Some(illness) = self.plan.illness else {
            return Ok(());
        };
        let CallPlan { kind, begin, .. } = self.calls[call].plan;
        let enough = self.calls[call].deadline.saturating_sub(begin) >= ENOUGH;
        let struck = illness.strikes(kind);
        let said = error.code() == Some(&Code::IamFailed);
        let denied = struck && matches!(illness, Illness::Denied(_));
        ensure(Invariant::OwnVerdict, said || !denied || !enough, || {
            format!("call {call} ({kind:?}) was denied and ends with another word: {error}")
        })
    }

    /// Judges how many tokens were asked for: one illness is no reason to ask again and again.
    pub(super) fn asks_little(&self) -> Checked {
        if self.plan.illness.is_none() {
            return Ok(());
        }
        let (at, asked) = (self.clock.at.as_secs(), self.tally.token_requests);
        // Each period has a token, which is renewed in time by two attempts; what is refused may be replaced twice a minute.
        let most = 6 + 2 * (at / self.plan.rules.period.as_secs().max(1)) + 2 * (at / 60);
        ensure(Invariant::FewTokens, asked <= most, || {
            format!("{asked} tokens were asked for in {at} s, and {most} are enough")
        })
    }
}

//! What the vendor charged: known, or said to be unknown.

use std::ops::{Add, AddAssign};

/// What one call, or one reply, cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serialize",
    derive(serde::Serialize),
    serde(rename_all = "UPPERCASE")
)]
pub enum Charge {
    /// Nothing: the vendor said `FREE`, or nothing was sent.
    Free,
    /// The vendor said `PAY`.
    Pay,
    /// A request may have arrived and no reply said what it cost.
    Unknown,
}

/// What several requests cost: how many were free, charged, and of unknown cost.
///
/// Every request that was sent counts once, token requests included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
pub struct Charges {
    /// Requests whose reply said `FREE`, and attempts of which nothing was sent.
    pub free: u64,
    /// Requests whose reply said `PAY`.
    pub pay: u64,
    /// Requests that may have arrived and whose cost no reply told.
    pub unknown: u64,
}

impl Charges {
    /// Nothing was sent yet.
    pub const NONE: Self = Self {
        free: 0,
        pay: 0,
        unknown: 0,
    };

    /// Counts one more request.
    pub const fn record(&mut self, charge: Charge) {
        let counter = match charge {
            Charge::Free => &mut self.free,
            Charge::Pay => &mut self.pay,
            Charge::Unknown => &mut self.unknown,
        };
        *counter = counter.saturating_add(1);
    }

    /// How many were free, charged, and of unknown cost, for columns of SQL.
    pub const fn to_i64(self) -> [i64; 3] {
        const fn fits(count: u64) -> i64 {
            if count > i64::MAX as u64 {
                i64::MAX
            } else {
                count.cast_signed()
            }
        }
        [fits(self.free), fits(self.pay), fits(self.unknown)]
    }

    /// The sum in one word: charged if anything was, else unknown if anything is, else free.
    pub const fn summary(&self) -> Charge {
        match self {
            Self { pay: 1.., .. } => Charge::Pay,
            Self { unknown: 1.., .. } => Charge::Unknown,
            _ => Charge::Free,
        }
    }
}

impl Add for Charges {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            free: self.free.saturating_add(other.free),
            pay: self.pay.saturating_add(other.pay),
            unknown: self.unknown.saturating_add(other.unknown),
        }
    }
}

impl AddAssign for Charges {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certain_payment_outweighs_an_unknown_one() {
        let mut charges = Charges::NONE;
        assert_eq!(charges.summary(), Charge::Free);
        charges.record(Charge::Unknown);
        assert_eq!(charges.summary(), Charge::Unknown);
        charges.record(Charge::Pay);
        assert_eq!(charges.summary(), Charge::Pay);
        assert_eq!(
            charges + charges,
            Charges {
                free: 0,
                pay: 2,
                unknown: 2
            }
        );
    }
}

//! Which of many calls something happens to.

/// Which of many calls something happens to, counted from when it was asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum When {
    /// Each one.
    Always,
    /// The first so many.
    First(u64),
    /// The one of this number, from 1.
    Nth(u64),
    /// Each whose number is a multiple of this one.
    Every(u64),
    /// Each with this probability, 0 to 1, drawn from the seed.
    Chance(f64),
}

impl When {
    /// Every `n`-th; `None` for 0.
    pub(super) fn every(n: u64) -> Option<Self> {
        (n > 0).then_some(Self::Every(n))
    }

    /// One in `n`, drawn from the seed; `None` for 0.
    pub(super) fn one_in(n: u32) -> Option<Self> {
        (n > 0).then(|| Self::Chance(1.0 / f64::from(n)))
    }

    /// Whether it happens to the call of this `number`, from 1. `dice` draws from 0 to 1, without 1.
    pub(super) fn hits(self, number: u64, dice: impl FnOnce() -> f64) -> bool {
        match self {
            Self::Always => true,
            Self::First(count) => number <= count,
            Self::Nth(n) => number == n,
            Self::Every(n) => n > 0 && number.is_multiple_of(n),
            Self::Chance(chance) => dice() < chance,
        }
    }

    /// Whether it cannot happen to a call after that of this `number`.
    pub(super) fn is_over_after(self, number: u64) -> bool {
        match self {
            Self::First(last) | Self::Nth(last) => number >= last,
            Self::Always | Self::Every(_) | Self::Chance(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(when: When) -> Vec<u64> {
        (1..=6).filter(|number| when.hits(*number, || 0.5)).collect()
    }

    #[test]
    fn calls_are_counted_from_one() {
        assert_eq!(hit(When::Always), [1, 2, 3, 4, 5, 6]);
        assert_eq!(hit(When::First(2)), [1, 2]);
        assert_eq!(hit(When::Nth(3)), [3]);
        assert_eq!(hit(When::Every(2)), [2, 4, 6]);
        assert_eq!(hit(When::Every(0)), [0; 0]);
        assert_eq!(hit(When::Chance(0.5)), [0; 0]);
        assert_eq!(hit(When::Chance(0.6)).len(), 6);
        assert!(When::Nth(3).is_over_after(3) && !When::First(3).is_over_after(2));
    }
}

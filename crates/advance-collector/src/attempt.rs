//! The name of one attempt.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::str::FromStr;

/// Names one attempt: one call that was committed to the store before it began. It is settled by this name, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptId(u128);

impl AttemptId {
    /// An attempt of this number. Two attempts must never have the same one: take 128 random bits.
    pub const fn new(number: u128) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> u128 {
        self.0
    }

    pub(crate) fn random() -> Self {
        Self((u128::from(random()) << 64) | u128::from(random()))
    }
}

/// From the random keys that std gives to each hash map.
pub(crate) fn random() -> u64 {
    RandomState::new().hash_one(std::process::id())
}

impl fmt::Display for AttemptId {
    /// Thirty-two hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for AttemptId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u128::from_str_radix(text, 16).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::AttemptId;

    #[test]
    fn an_attempt_is_read_as_it_was_written() {
        for id in [AttemptId::new(0), AttemptId::new(u128::MAX), AttemptId::random()] {
            assert_eq!(id.to_string().parse(), Ok(id));
            assert_eq!(id.to_string().len(), 32);
        }
        assert_ne!(AttemptId::random(), AttemptId::random());
    }
}

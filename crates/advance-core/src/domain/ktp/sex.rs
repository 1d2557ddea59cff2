//! The sex that a card says.

use super::{Ktp, Reading};

/// The sex that a card says, in its two printed words. With feature `serialize` it is `male` or `female`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serialize",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
pub enum Sex {
    /// `LAKI-LAKI`.
    Male,
    /// `PEREMPUAN`.
    Female,
}

impl Sex {
    /// The word on the card.
    pub const fn as_printed(self) -> &'static str {
        match self {
            Self::Male => "LAKI-LAKI",
            Self::Female => "PEREMPUAN",
        }
    }

    fn read(text: &str) -> Option<Self> {
        [Self::Male, Self::Female]
            .into_iter()
            .find(|sex| text.eq_ignore_ascii_case(sex.as_printed()))
    }
}

impl std::fmt::Debug for Sex {
    /// Nothing: it is a field of somebody's card.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sex(redacted)")
    }
}

impl Ktp {
    /// What `gender` says: one of the two documented words, in any case.
    pub fn sex(&self) -> Reading<Sex> {
        Reading::of(self.gender().trimmed(), Sex::read)
    }
}

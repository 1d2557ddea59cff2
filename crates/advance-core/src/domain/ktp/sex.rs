//! The sex that a card says.

use super::print::without_dashes;
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
        match without_dashes(text).as_str() {
            "LAKILAKI" => Some(Self::Male),
            "PEREMPUAN" => Some(Self::Female),
            _ => None,
        }
    }
}

impl std::fmt::Debug for Sex {
    /// Nothing: it is a field of somebody's card.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sex(redacted)")
    }
}

impl Ktp {
    /// What `gender` says: one of the two documented words, in any case and with any dash or blank in it.
    pub fn sex(&self) -> Reading<Sex> {
        Reading::of(self.gender().trimmed(), Sex::read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_words_however_they_are_printed() {
        for text in [
            "LAKI-LAKI",
            "LAKI - LAKI",
            "LAKI LAKI",
            "LAKI–LAKI",
            "LAKILAKI",
            "Laki-laki",
            "ＬＡＫＩ－ＬＡＫＩ",
        ] {
            assert_eq!(Sex::read(text), Some(Sex::Male), "{text}");
        }
        for text in ["PEREMPUAN", "Perempuan", " PEREMPUAN\n"] {
            assert_eq!(Sex::read(text), Some(Sex::Female), "{text}");
        }
        for text in ["", "-", "L", "LAKI", "LAKI-LAK1", "PEREMPUAM", "PRIA"] {
            assert_eq!(Sex::read(text), None, "{text}");
        }
    }
}

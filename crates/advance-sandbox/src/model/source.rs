//! Where a behaviour of the sandbox is known from.

use std::fmt;

use serde::Serialize;

/// Where a behaviour is known from. What is not [`Documented`](Self::Documented) may differ at the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The vendor's document of this product.
    Documented,
    /// The vendor's documents of sibling products, or its glossary.
    Sibling,
    /// No document says it.
    Guess,
}

impl Source {
    /// `documented`, `sibling` or `guess`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Sibling => "sibling",
            Self::Guess => "guess",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

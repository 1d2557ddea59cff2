//! What a case is.

use std::fmt;

use crate::bench::Bench;

/// What a transport must be able to do for a case to apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Need {
    /// Nothing beyond plain HTTP/1.1.
    Base,
    /// `https`.
    Tls,
    /// `https` through a proxy.
    Proxy,
    /// Connections that are used again.
    Pool,
    /// Compressed bodies that are expanded.
    Compression,
}

impl Need {
    /// The word that stands for it in `claims: […]` of [`conformance!`](crate::conformance).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Tls => "tls",
            Self::Proxy => "proxy",
            Self::Pool => "pool",
            Self::Compression => "compression",
        }
    }
}

/// One thing that a transport must do right.
#[derive(Clone, Copy)]
pub struct Case {
    /// Its name, also that of the test that [`conformance!`](crate::conformance) makes of it.
    pub name: &'static str,
    /// Its row in `FAULTS.md`.
    pub row: u8,
    /// When it applies.
    pub need: Need,
    /// How to mend a transport that fails it.
    pub mend: &'static str,
    pub(crate) run: fn(&Bench) -> Verdict,
}

/// What the transport did wrong, if it did.
pub(crate) type Verdict = Result<(), String>;

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case")
            .field("name", &self.name)
            .field("row", &self.row)
            .field("need", &self.need)
            .finish_non_exhaustive()
    }
}

/// Every case, in the order of their groups.
pub fn cases() -> impl Iterator<Item = &'static Case> {
    crate::cases::GROUPS.iter().flat_map(|group| group.iter())
}

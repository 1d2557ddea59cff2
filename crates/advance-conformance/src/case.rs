//! What a case is.

use std::fmt;

use crate::bench::Bench;
use crate::need::Need;
use crate::verdict::Verdict;

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

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case")
            .field("name", &self.name)
            .field("row", &self.row)
            .field("need", &self.need)
            .finish_non_exhaustive()
    }
}

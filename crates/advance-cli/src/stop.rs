//! Why a command ends before its time.

use advance_core::Error;

use crate::problem::Problem;

pub(crate) enum Stop {
    /// The reader of stdout has seen enough.
    NobodyReads,
    /// The output says already what happened; the process ends with this status.
    Told(u8),
    Problem(Box<Problem>),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Problem::from(error).into()
    }
}

//! What a call waits for.

use std::time::Duration;

use super::token::Generation;

/// What a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// This long.
    Elapsed(Duration),
    /// Until [`Session::generation`](super::Session::generation) is no longer `seen`, and for `at_most` this long.
    Token {
        /// What the generation was when the wait began.
        seen: Generation,
        /// The longest to wait.
        at_most: Duration,
    },
}

impl Until {
    /// The same, after so much of it has passed.
    pub(super) const fn after(self, passed: Duration) -> Self {
        match self {
            Self::Elapsed(long) => Self::Elapsed(long.saturating_sub(passed)),
            Self::Token { seen, at_most } => Self::Token {
                seen,
                at_most: at_most.saturating_sub(passed),
            },
        }
    }
}

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

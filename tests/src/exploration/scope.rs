//! What a run covers.

use std::time::Duration;

use super::replies::Reply;

/// A run of the exploration, as data.
#[derive(Debug)]
pub struct Scope {
    /// Its name on the command line.
    pub name: &'static str,
    /// What is covered, in words.
    pub covers: &'static str,
    /// How far the lives of a change's gate, and of a release's, may depart from the plain course.
    pub depth: (Depth, Depth),
    pub(super) asks: &'static [Asks],
    pub(super) start: Start,
    pub(super) token: &'static [Reply],
    pub(super) own: &'static [Reply],
    pub(super) vendor: Nodes,
    pub(super) troubles: &'static [(Trouble, u8)],
    pub(super) policy: Policy,
    /// How long after the last event a call begins.
    pub(super) gap: Duration,
    /// Those that must succeed in every life.
    pub(super) succeed: &'static [Asks],
}

/// How many departures from the plain course a life may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// So many.
    Departures(usize),
    /// Any number: every life there is.
    Complete,
}

impl Depth {
    pub(super) const fn most(self) -> usize {
        match self {
            Self::Departures(most) => most,
            Self::Complete => usize::MAX,
        }
    }
}

impl std::fmt::Display for Depth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Departures(most) => write!(f, "{most} departures"),
            Self::Complete => f.write_str("complete"),
        }
    }
}

/// What a caller wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    Result,
    Link,
    Token,
    Picture,
    /// Waits for a verification whose link ends after ten minutes.
    Wait,
    /// So many results, two at a time.
    Batch(usize),
}

/// What the session holds when the calls begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// Nothing.
    Cold,
    /// A token that was accepted.
    Warm,
    /// The same, and it is due for renewal.
    Window,
}

/// What the vendor's nodes say of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nodes {
    /// All that the alphabet has.
    Say,
    /// The truth, and what the alphabet has beside it. A token is known after so long; those who ask this are denied.
    Know { after: Duration, deny: Option<Asks> },
}

/// What else may happen, at any time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// A caller gives its call up.
    GivesUp,
    /// The client's wall clock jumps by so many seconds.
    Jumps(i64),
    /// The machine sleeps so many seconds: its monotonic clock stands still.
    Sleeps(u64),
    /// The vendor forgets the tokens it has issued.
    Revokes,
    /// The same, but only between two calls.
    RevokesBetween,
    /// A transport notices three seconds late that a limit is over.
    IsLate,
}

/// The configuration of the session, in numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy {
    pub(super) attempts: u32,
    pub(super) total: Duration,
    pub(super) attempt: Duration,
    pub(super) budget: u32,
    pub(super) maybe_charged: bool,
}

impl Policy {
    /// As it is by default.
    pub(super) const DEFAULT: Self = Self {
        attempts: 3,
        total: Duration::from_secs(45),
        attempt: Duration::from_secs(15),
        budget: 20,
        maybe_charged: false,
    };

    pub(super) const fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    pub(super) const fn times(mut self, total: u64, attempt: u64) -> Self {
        self.total = Duration::from_secs(total);
        self.attempt = Duration::from_secs(attempt);
        self
    }
}

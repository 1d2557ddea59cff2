//! How a verification ended, in what may be kept: no word of the person's is in it.

use std::fmt;
use std::str::FromStr;

use advance_core::{Outcome, TransactionId};

/// How collecting a verification ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ending {
    /// There is a result: see its verdict.
    Finished,
    /// The link ended, and the verification was not finished a moment later either.
    LinkExpired,
    /// The time that the policy gives ran out.
    TimedOut,
    /// As many charged answers as the policy pays for brought nothing.
    TooDear,
    /// The vendor or the network refused in a way that waiting does not mend.
    Failed,
    /// A request went out or may have, and its answer never came. It may have been charged, so it is asked about again
    /// only if the policy or the application says so.
    Unsure,
}

impl Ending {
    /// Every ending.
    pub const ALL: [Self; 6] = [
        Self::Finished,
        Self::LinkExpired,
        Self::TimedOut,
        Self::TooDear,
        Self::Failed,
        Self::Unsure,
    ];

    /// One word that does not change: `finished`, `link_expired`, `timed_out`, `too_dear`, `failed`, `unsure`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::LinkExpired => "link_expired",
            Self::TimedOut => "timed_out",
            Self::TooDear => "too_dear",
            Self::Failed => "failed",
            Self::Unsure => "unsure",
        }
    }

    /// The state of a verification that ended like this.
    pub const fn state(self) -> State {
        match self {
            Self::Finished => State::Done,
            Self::Unsure => State::Unsure,
            Self::LinkExpired | Self::TimedOut | Self::TooDear | Self::Failed => State::Failed,
        }
    }
}

/// Where a verification stands in its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// To be asked about when it is due.
    Waiting,
    /// An attempt is committed: its request is under way, or its sender has vanished.
    Asking,
    /// It ended with a result.
    Done,
    /// It ended with a doubt: see [`Ending::Unsure`].
    Unsure,
    /// It ended without a result.
    Failed,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Waiting,
        Self::Asking,
        Self::Done,
        Self::Unsure,
        Self::Failed,
    ];

    /// One word that does not change: `waiting`, `asking`, `done`, `unsure`, `failed`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Asking => "asking",
            Self::Done => "done",
            Self::Unsure => "unsure",
            Self::Failed => "failed",
        }
    }

    /// Whether it has ended.
    pub const fn is_ended(self) -> bool {
        matches!(self, Self::Done | Self::Unsure | Self::Failed)
    }
}

/// A word that names none of the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownWord;

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a word that this version does not know")
    }
}

impl std::error::Error for UnknownWord {}

macro_rules! word {
    ($($name:ident)+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                let known = Self::ALL.into_iter().find(|value| value.as_str() == text);
                known.ok_or(UnknownWord)
            }
        }
    )+};
}

word!(Ending State);

/// How a verification ended, as it is stored and told: the ending, the verdict and its reasons, the vendor's handle.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conclusion {
    /// How it ended.
    pub ending: Ending,
    /// What the result says, if there is one.
    pub verdict: Option<Outcome>,
    /// What speaks against a pass, in the words of [`Reason::as_str`](advance_core::domain::Reason::as_str).
    pub reasons: Vec<String>,
    /// The vendor's code, or the kind of failure, where there is no result.
    pub code: Option<String>,
    /// The vendor's handle for the request that ended it: the only one their support takes.
    pub transaction_id: Option<TransactionId>,
    /// Whether the reply reached the caller's sink. `false` also where there was no reply to keep.
    pub kept: bool,
}

impl Conclusion {
    /// This ending, and nothing known beside it.
    pub const fn of(ending: Ending) -> Self {
        Self {
            ending,
            verdict: None,
            reasons: Vec::new(),
            code: None,
            transaction_id: None,
            kept: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_names_its_value() {
        for ending in Ending::ALL {
            assert_eq!(ending.to_string().parse(), Ok(ending));
            assert!(ending.state().is_ended());
        }
        for state in State::ALL {
            assert_eq!(state.to_string().parse(), Ok(state));
        }
        assert_eq!("Done".parse::<State>(), Err(UnknownWord));
    }
}

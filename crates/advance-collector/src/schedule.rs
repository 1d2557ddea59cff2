//! When to ask next, and when to stop. PLACEHOLDER-SEAM

use std::time::Duration;

use advance_core::{Error, Outcome, Polling, Verification};

use crate::Progress;

/// What an answer leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Again { after: Duration },
    Finished,
    LinkExpired,
    TimedOut,
    TooDear,
    Failed,
}

/// An answer, and where the wait stands.
pub(crate) struct Heard<'a> {
    pub(crate) polling: Polling,
    pub(crate) progress: &'a Progress,
    /// How long after the claim the call began.
    pub(crate) asked: Duration,
    /// How long after the claim it ended.
    pub(crate) heard: Duration,
    pub(crate) result: Result<&'a Verification, &'a Error>,
    pub(crate) entropy: u64,
}

impl Heard<'_> {
    pub(crate) fn next(&self) -> Next {
        let _ = (&self.polling, self.heard, self.entropy);
        let unfinished = match self.result {
            Ok(v) => v.verdict().outcome == Outcome::NotFinished,
            Err(e) => e.kind() == advance_core::ErrorKind::MissingData,
        };
        let passing = match self.result {
            Ok(_) => false,
            Err(e) => matches!(
                e.advice(),
                advance_core::Advice::TryLater | advance_core::Advice::CheckNetwork
            ),
        };
        if self.result.is_ok() && !unfinished {
            return Next::Finished;
        }
        if self.result.is_err() && !unfinished && !passing {
            return Next::Failed;
        }
        let asked = self.progress.now.saturating_add(self.asked);
        let ends = self
            .progress
            .link_ends
            .unwrap_or(self.progress.added.saturating_add(Duration::from_secs(3600)));
        if asked >= ends && unfinished {
            return Next::LinkExpired;
        }
        if asked >= ends.saturating_add(Duration::from_secs(120)) {
            return Next::TimedOut;
        }
        if self.progress.barren >= 10 {
            return Next::TooDear;
        }
        Next::Again {
            after: Duration::from_secs(3 << self.progress.pauses.min(3)),
        }
    }
}

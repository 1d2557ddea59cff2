//! One verification, from its link to its end.

use super::outcome::{Ending, Outcome};
use super::time::UnixMs;

/// What is known of one verification.
#[derive(Clone)]
pub(super) struct Verification {
    /// Access key of the account that began it.
    pub(super) owner: String,
    pub(super) return_url: String,
    pub(super) fail_return_url: String,
    pub(super) page_token: String,
    pub(super) link_expires: UnixMs,
    ending: Option<Ending>,
    /// Polls that still find it unfinished although its ending is known.
    early_polls: u32,
    /// Whether a finished result was delivered before.
    delivered: bool,
}

/// What one poll finds.
pub(super) enum Poll {
    Unfinished,
    Finished { ending: Ending, first: bool },
}

impl Verification {
    pub(super) fn new(
        owner: String,
        (return_url, fail_return_url): (&str, &str),
        (page_token, link_expires): (String, UnixMs),
        user_id: Option<&str>,
    ) -> Self {
        let script = user_id.and_then(Outcome::scripted);
        Self {
            owner,
            return_url: return_url.to_owned(),
            fail_return_url: fail_return_url.to_owned(),
            page_token,
            link_expires,
            ending: script.map(|(outcome, _)| Ending::Outcome(outcome)),
            early_polls: script.map_or(0, |(_, polls)| polls.saturating_sub(1)),
            delivered: false,
        }
    }

    /// A later ending replaces an earlier one.
    pub(super) fn end(&mut self, ending: Ending) {
        self.ending = Some(ending);
        self.early_polls = 0;
    }

    pub(super) fn ended(&self) -> Option<&Ending> {
        self.ending.as_ref().filter(|_| self.early_polls == 0)
    }

    pub(super) fn poll(&mut self) -> Poll {
        let Some(ending) = self.ended().cloned() else {
            self.early_polls = self.early_polls.saturating_sub(1);
            return Poll::Unfinished;
        };
        Poll::Finished {
            ending,
            first: !std::mem::replace(&mut self.delivered, true),
        }
    }
}

//! When to ask next, and when to stop: the core's plan of a wait, taken up from what the store knows.

use std::time::Duration;

use advance_core::session::{Wait, WaitStanding, WaitStep};
use advance_core::{Error, Now, Response, Verification, WaitOutcome, WaitPolicy};

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

/// An answer, and where its wait stands.
pub(crate) struct Heard<'a> {
    pub(crate) policy: WaitPolicy,
    pub(crate) progress: &'a Progress,
    /// How long after the claim the call began.
    pub(crate) asked: Duration,
    /// How long after the claim it ended.
    pub(crate) answered: Duration,
    pub(crate) entropy: u64,
}

impl Heard<'_> {
    pub(crate) fn next(self, result: Result<Response<Verification>, Error>) -> Next {
        let standing = WaitStanding::new(self.progress.added).after(
            self.progress.polls,
            self.progress.pauses,
            self.progress.barren,
        );
        let (asked, heard) = (self.at(self.asked), self.at(self.answered));
        let policy = match self.progress.link_ends {
            Some(ends) => self.policy.link_ends(ends),
            None => self.policy,
        };
        let mut wait = Wait::take_up(policy, standing, asked);
        // A wait that is taken up has time for one more poll; this is it.
        let _: WaitStep = wait.step_alone(asked, self.entropy);
        wait.ended(result);
        if let WaitStep::Pause(after) = wait.step_alone(heard, self.entropy) {
            return Next::Again { after };
        }
        match wait.into_result().outcome {
            WaitOutcome::Finished(_) => Next::Finished,
            WaitOutcome::LinkExpired => Next::LinkExpired,
            WaitOutcome::ChargeLimit => Next::TooDear,
            WaitOutcome::Failed(_) => Next::Failed,
            _ => Next::TimedOut,
        }
    }

    /// Both clocks are the store's: it was read at the claim, and this worker counted on from there.
    fn at(&self, passed: Duration) -> Now {
        let wall = self.progress.now.saturating_add(passed);
        Now {
            wall,
            mono: Duration::from_millis(wall.get()),
        }
    }
}

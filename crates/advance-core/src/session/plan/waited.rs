//! How a wait for a verification ended.

use crate::charge::Charges;
use crate::domain::{SignatureId, Verification};
use crate::error::{Error, ErrorKind};
use crate::session::Response;

/// How a wait ended, after how many polls, and what they cost.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Waited {
    /// The verification that was waited for.
    pub signature_id: SignatureId,
    /// How it ended.
    pub outcome: WaitOutcome,
    /// How many times the result was asked for; resends within a poll and token requests are not polls.
    pub polls: u32,
    /// What every request of the wait cost.
    pub charges: Charges,
    /// How many requests were sent in all.
    pub sends: u32,
    /// The last failure that did not end the wait, if there was one.
    pub last_error: Option<Error>,
}

/// How a wait ended.
#[allow(clippy::large_enum_variant, reason = "there is one for each wait")]
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum WaitOutcome {
    /// The verification is finished, for better or worse: look at its verdict.
    Finished(Response<Verification>),
    /// The link ended, and the verification was not finished a [grace](crate::WaitPolicy::grace) later either.
    LinkExpired,
    /// As many polls were charged as the policy [allows](crate::WaitPolicy::charged_polls), and none brought a result.
    ChargeLimit,
    /// The caller's time ran out. Waiting may be taken up again.
    TimedOut,
    /// The caller cancelled it. Waiting may be taken up again.
    Cancelled,
    /// The vendor or the network refused in a way that waiting does not mend.
    Failed(Error),
}

impl Waited {
    /// The finished verification, and nothing else.
    ///
    /// # Errors
    /// [`ErrorKind::LinkExpired`], [`ErrorKind::ChargeLimit`] and [`ErrorKind::NotFinished`] as the wait ended, or the
    /// failure that ended it.
    pub fn into_result(self) -> Result<Response<Verification>, Error> {
        let error = match self.outcome {
            WaitOutcome::Finished(response) => return Ok(response),
            WaitOutcome::LinkExpired => Error::unfinished(
                ErrorKind::LinkExpired,
                "the link ended before the person had finished",
            ),
            WaitOutcome::ChargeLimit => Error::unfinished(
                ErrorKind::ChargeLimit,
                "each poll is charged, and the person had not finished when the limit of charged polls was reached",
            ),
            WaitOutcome::TimedOut => Error::unfinished(
                ErrorKind::NotFinished,
                "the person had not finished when the time to wait ran out",
            ),
            WaitOutcome::Cancelled => Error::unfinished(
                ErrorKind::NotFinished,
                "the wait was cancelled before the person had finished",
            ),
            WaitOutcome::Failed(error) => error,
        };
        Err(error.with_totals(self.charges, self.sends))
    }
}

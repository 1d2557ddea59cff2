//! One call of a transport and how it ended, with the questions that cases ask of it.

use std::time::Duration;

use advance_core::transport::{Failure, FailureKind, Phase, Sent};
use http::{Response, StatusCode};

use crate::verdict::Verdict;

/// What scheduling on a busy machine may add to a bound, beyond the fifth that the promise allows.
const SLACK: Duration = Duration::from_millis(200);

/// How a call ended.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) outcome: Result<Response<Vec<u8>>, Failure>,
    pub(crate) took: Duration,
}

impl Call {
    /// It failed in one of these ways, with this to say about what was sent.
    pub(crate) fn failed(&self, kinds: &[FailureKind], sent: Sent) -> Verdict {
        match &self.outcome {
            Ok(response) => Err(format!(
                "brought a response ({}, {} bytes) instead of failing as {kinds:?}",
                response.status(),
                response.body().len()
            )),
            Err(failure) if !kinds.contains(&failure.kind()) => Err(format!(
                "failed as {:?} instead of {kinds:?}: {}",
                failure.kind(),
                story(failure)
            )),
            Err(failure) if failure.sent() != sent => Err(format!(
                "said Sent::{:?} where Sent::{sent:?} is the truth: {}",
                failure.sent(),
                story(failure)
            )),
            Err(_) => Ok(()),
        }
    }

    /// It failed when this limit ran out: not before, and not a fifth after.
    pub(crate) fn timed_out(&self, phase: Phase, within: Duration) -> Verdict {
        let sent = match phase {
            Phase::Connect => Sent::No,
            _ => Sent::Maybe,
        };
        self.failed(&[FailureKind::Timeout(phase)], sent)?;
        if self.took < within.mul_f64(0.8) {
            return Err(format!(
                "gave up after {:?}, long before its limit of {within:?}",
                self.took
            ));
        }
        self.ended_by(within)
    }

    /// It was over by the limit, and a fifth.
    pub(crate) fn ended_by(&self, within: Duration) -> Verdict {
        if self.took > within.mul_f64(1.2) + SLACK {
            return Err(format!("took {:?} with a limit of {within:?}", self.took));
        }
        Ok(())
    }

    /// It brought this.
    pub(crate) fn answered(&self, status: u16, body: &[u8]) -> Verdict {
        let response = self.response()?;
        if response.status().as_u16() != status {
            return Err(format!(
                "brought status {} instead of {status}",
                response.status()
            ));
        }
        if response.body() != body {
            return Err(format!(
                "brought a body of {} bytes that is not the {} bytes that were sent",
                response.body().len(),
                body.len()
            ));
        }
        Ok(())
    }

    /// It brought 200 and this.
    pub(crate) fn ok(&self, body: &[u8]) -> Verdict {
        self.answered(StatusCode::OK.as_u16(), body)
    }

    pub(crate) fn response(&self) -> Result<&Response<Vec<u8>>, String> {
        self.outcome.as_ref().map_err(|failure| {
            format!(
                "failed as {:?} instead of bringing the response: {}",
                failure.kind(),
                story(failure)
            )
        })
    }
}

/// A failure with all that it came from.
pub(crate) fn story(failure: &Failure) -> String {
    let mut text = failure.to_string();
    let mut cause = std::error::Error::source(failure);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

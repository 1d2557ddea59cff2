//! What the answer to a poll means for its wait.

use super::wait_policy::WaitPolicy;
use crate::domain::Verification;
use crate::error::{Error, ErrorKind, ProtocolFault};
use crate::session::{Response, passing};
use crate::wire::CodeClass;

/// What the answer to a poll means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The person has finished.
    Finished,
    /// The person has not, by the policy's rule.
    Unfinished,
    /// It failed in a way that may pass by itself.
    Passing,
    /// An answer that does not fit among good ones.
    Odd(Oddity),
    /// Waiting does not mend it.
    Final,
}

/// Why an answer does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Oddity {
    /// The vendor, or the node that answered, does not know the `signatureId`.
    UnknownId,
    /// A success without a body, or with a page: a proxy or a gateway answered.
    NoEnvelope,
}

impl Answer {
    pub(super) fn of(policy: &WaitPolicy, result: &Result<Response<Verification>, Error>) -> Self {
        let data = result.as_ref().map(Response::data);
        if policy.is_unfinished(data) {
            return Self::Unfinished;
        }
        match result {
            Ok(_) => Self::Finished,
            Err(error) if passing::error(error) => Self::Passing,
            Err(error) => match error.kind() {
                ErrorKind::Api(CodeClass::NotFound) => Self::Odd(Oddity::UnknownId),
                ErrorKind::Protocol(ProtocolFault::Empty | ProtocolFault::NotJson) => {
                    Self::Odd(Oddity::NoEnvelope)
                }
                _ => Self::Final,
            },
        }
    }
}

//! What may pass by itself: the one place that says whether the same request may succeed later, unchanged.
//!
//! The machine asks it before it sends again, a wait before it goes on, a download before it tries again, and an error
//! for its advice. Whether a second request may also be *charged* twice is another question, which `judge` answers.

use http::StatusCode;

use crate::advice::Advice;
use crate::error::{Error, ErrorKind, ProtocolFault};
use crate::transport::FailureKind;
use crate::wire::{Code, CodeClass};

/// Whether what kept an answer away may pass by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passing {
    /// The same request fails the same way.
    No,
    /// It may succeed later, and the server turned this one away before it did anything.
    TurnedAway,
    /// It may succeed later, and the server may have done what it was asked.
    PerhapsDone,
}

/// By the HTTP status of a reply that is no envelope.
pub(super) const fn status(status: u16) -> Passing {
    match status {
        429 | 503 => Passing::TurnedAway,
        408 | 500 | 502 | 504 => Passing::PerhapsDone,
        _ => Passing::No,
    }
}

/// By the kind of failure, if no reply came.
pub(super) const fn failure(kind: FailureKind) -> bool {
    match kind {
        FailureKind::Connect | FailureKind::Timeout(_) | FailureKind::Reset | FailureKind::Body => true,
        FailureKind::Tls
        | FailureKind::Proxy
        | FailureKind::TooLarge
        | FailureKind::Http
        | FailureKind::Refused
        | FailureKind::Other => false,
    }
}

/// By an envelope's failure code. A code that is not documented says nothing, so the status decides: it may say "too
/// many" or "unavailable".
pub(super) fn code(code: &Code, status: StatusCode) -> bool {
    class(code.class(), Some(status))
}

fn class(class: CodeClass, code: Option<StatusCode>) -> bool {
    match class {
        CodeClass::Throttle | CodeClass::Server => true,
        CodeClass::Unknown => code.is_some_and(|code| status(code.as_u16()) == Passing::TurnedAway),
        CodeClass::Success
        | CodeClass::Request
        | CodeClass::NotFound
        | CodeClass::Auth
        | CodeClass::Credentials
        | CodeClass::Account
        | CodeClass::Balance => false,
    }
}

/// By how a whole call ended.
pub(super) fn error(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Transport(kind) => failure(kind),
        ErrorKind::Protocol(ProtocolFault::Status(code)) => status(code) != Passing::No,
        ErrorKind::Api(kind) => class(kind, error.status()),
        ErrorKind::Deadline => true,
        _ => false,
    }
}

impl Error {
    /// What to do about it.
    pub fn advice(&self) -> Advice {
        match self.kind() {
            // It may pass, but what fails again and again on its way is better looked at.
            ErrorKind::Transport(FailureKind::Connect | FailureKind::Reset | FailureKind::Body) => {
                Advice::CheckNetwork
            }
            _ if error(self) => Advice::TryLater,
            ErrorKind::MissingData | ErrorKind::NotFinished | ErrorKind::Deadline => Advice::TryLater,
            ErrorKind::LinkExpired => Advice::NewLink,
            ErrorKind::ChargeLimit => Advice::AskWhenBack,
            ErrorKind::ImageExpired => Advice::AskAgain,
            ErrorKind::Invalid
            | ErrorKind::Transport(FailureKind::Refused)
            | ErrorKind::Protocol(ProtocolFault::Redirect | ProtocolFault::Status(_)) => Advice::FixRequest,
            ErrorKind::Transport(_)
            | ErrorKind::Protocol(ProtocolFault::NotJson | ProtocolFault::Encoding) => Advice::CheckNetwork,
            ErrorKind::Protocol(ProtocolFault::Empty)
            | ErrorKind::Decode
            | ErrorKind::DeadToken
            | ErrorKind::NotAPicture => Advice::ContactSupport,
            ErrorKind::Api(class) => class.advice(),
        }
    }
}

//! The states of a call, each a value that must be consumed.

use std::time::Duration;

use http::{Request, Response as HttpResponse};

use super::event::Purpose;
use super::flight::Flight;
use super::response::Response;
use super::session::{Session, Ticket};
use super::token::Generation;
use crate::error::Error;
use crate::secret::AccessToken;
use crate::time::Now;
use crate::transport::{Failure, Limits};
use crate::wire::{Endpoint, GenerateToken};

/// What to do next.
#[allow(
    clippy::large_enum_variant,
    reason = "most steps are sends, and each lives for a moment"
)]
#[must_use = "a call goes on only if its step is carried out"]
pub enum Step<E: Endpoint> {
    /// Send this within these limits, and tell the outcome.
    Send(Request<Vec<u8>>, Limits, Awaiting<E>),
    /// Wait, and come back.
    Wait(Until, Pause<E>),
    /// The call has ended.
    Done(Result<Response<E::Output>, Error>),
}

/// What a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// This long.
    Elapsed(Duration),
    /// Until [`Session::generation`] is no longer `seen`, and for `at_most` this long.
    Token {
        /// What the generation was when the wait began.
        seen: Generation,
        /// The longest to wait.
        at_most: Duration,
    },
}

/// A call whose request is under way.
#[must_use = "a call goes on only if the outcome of its request is told; if it is given up, tell the session"]
pub struct Awaiting<E: Endpoint> {
    pub(super) flight: Box<Flight<E>>,
    pub(super) sent: Sent,
    pub(super) at: Now,
}

/// A call that waits.
#[must_use = "a call goes on only if it is resumed after its wait; if it is given up, tell the session"]
pub struct Pause<E: Endpoint> {
    pub(super) flight: Box<Flight<E>>,
}

/// What was sent, and what its reply is judged by.
pub(super) enum Sent {
    Call {
        token: Option<(AccessToken, Generation)>,
    },
    Token {
        request: GenerateToken,
        purpose: Purpose,
    },
}

impl<E: Endpoint> Awaiting<E> {
    /// Names the call, to give it up with [`Session::abandon`].
    pub const fn ticket(&self) -> Ticket {
        Ticket {
            call: self.flight.id,
            in_flight: true,
        }
    }

    /// The call goes on with what came back, or with what kept it from coming.
    pub fn resume(
        self,
        session: &mut Session,
        now: Now,
        outcome: Result<HttpResponse<Vec<u8>>, Failure>,
    ) -> Step<E> {
        let Self { flight, sent, at } = self;
        match sent {
            Sent::Call { token } => flight.answered(session, now, at, token, outcome),
            Sent::Token { request, purpose } => {
                flight.token_answered(session, now, at, &request, purpose, outcome)
            }
        }
    }
}

impl<E: Endpoint> Pause<E> {
    /// Names the call, to give it up with [`Session::abandon`].
    pub const fn ticket(&self) -> Ticket {
        Ticket {
            call: self.flight.id,
            in_flight: false,
        }
    }

    /// The call goes on after its wait.
    pub fn resume(self, session: &mut Session, now: Now) -> Step<E> {
        self.flight.proceed(session, now)
    }
}

//! The states of a call, each a value that must be consumed.

use std::fmt;
use std::time::Duration;

use http::{Request, Response as HttpResponse};

use super::event::Purpose;
use super::flight::Flight;
use super::judge::{Judged, Known, judge};
use super::response::Response;
use super::session::{Session, Ticket};
use super::token::Generation;
use crate::error::Error;
use crate::secret::AccessToken;
use crate::time::Now;
use crate::transport::{Failure, Limits};
use crate::wire::{Endpoint, GenerateToken, IssuedToken, Timestamp};

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
    pub(super) known: Known,
}

/// A call whose reply was read, and has yet to be taken to the session.
#[must_use = "a call goes on only if its reply is taken to the session; if it is given up, tell the session"]
pub struct Answered<E: Endpoint> {
    flight: Box<Flight<E>>,
    at: Now,
    came: Came<E>,
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

enum Came<E: Endpoint> {
    Call {
        generation: Option<Generation>,
        judged: Judged<E::Output>,
    },
    Token {
        signed: Timestamp,
        purpose: Purpose,
        judged: Judged<IssuedToken>,
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

    /// The call goes on with what came back, or with what kept it from coming: [`read`](Self::read), and
    /// [`Answered::resume`].
    pub fn resume(
        self,
        session: &mut Session,
        now: Now,
        outcome: Result<HttpResponse<Vec<u8>>, Failure>,
    ) -> Step<E> {
        self.read(now, outcome).resume(session, now)
    }

    /// Reads what came back, without the session: whoever shares one behind a lock does not hold it while a reply is
    /// parsed, and [`Endpoint::decode`] may do as it likes.
    pub fn read(self, now: Now, outcome: Result<HttpResponse<Vec<u8>>, Failure>) -> Answered<E> {
        let Self {
            flight,
            sent,
            at,
            known,
        } = self;
        let came = match sent {
            Sent::Call { token } => {
                let (token, generation) = token.unzip();
                let secret = token.as_ref().map_or("", AccessToken::expose);
                Came::Call {
                    judged: judge(&flight.endpoint, outcome, now, &known, secret),
                    generation,
                }
            }
            Sent::Token { request, purpose } => Came::Token {
                judged: judge(&request, outcome, now, &known, ""),
                signed: request.timestamp(),
                purpose,
            },
        };
        Answered { flight, at, came }
    }
}

impl<E: Endpoint> Answered<E> {
    /// Names the call, to give it up with [`Session::abandon`].
    pub const fn ticket(&self) -> Ticket {
        Ticket {
            call: self.flight.id,
            in_flight: true,
        }
    }

    /// The call goes on with what was read, at the time at which it was read.
    pub fn resume(self, session: &mut Session, now: Now) -> Step<E> {
        let Self { flight, at, came } = self;
        match came {
            Came::Call { generation, judged } => flight.answered(session, now, at, generation, judged),
            Came::Token {
                signed,
                purpose,
                judged,
            } => flight.token_answered(session, now, at, signed, purpose, judged),
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

/// A step shows where it leads, and nothing of what it carries.
impl<E: Endpoint> fmt::Debug for Step<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(request, limits, awaiting) => f
                .debug_tuple("Send")
                .field(&request.uri().path())
                .field(limits)
                .field(awaiting)
                .finish(),
            Self::Wait(until, pause) => f.debug_tuple("Wait").field(until).field(pause).finish(),
            Self::Done(Ok(response)) => f.debug_tuple("Done").field(&response.transaction_id()).finish(),
            Self::Done(Err(error)) => f.debug_tuple("Done").field(error).finish(),
        }
    }
}

macro_rules! shown_by_its_call {
    ($($state:ident)+) => {$(
        impl<E: Endpoint> fmt::Debug for $state<E> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($state))
                    .field("call", &self.flight.id)
                    .finish_non_exhaustive()
            }
        }
    )+};
}

shown_by_its_call!(Awaiting Answered Pause);

//! The states of a call, each a value that must be consumed.

use std::fmt;
use std::time::Duration;

use http::{Request, Response as HttpResponse};

use super::Call;
use super::acquire::Signed;
use super::event::Purpose;
use super::fleet::After;
use super::flight::{Asked, Flight, Next, Turn};
use super::job::Job;
use super::judge::{Carried, Judged, Known, judge};
use super::session::{Session, Ticket};
use super::token::Generation;
use super::until::Until;
use crate::charge::Charges;
use crate::error::Error;
use crate::secret::AccessToken;
use crate::sharing::{TokenAnswer, TokenAsk, TokenStoreErrorKind};
use crate::time::Now;
use crate::transport::{Failure, Limits};
use crate::wipe::Wiped;
use crate::wire::{Endpoint as _, IssuedToken};

/// What to do next.
#[allow(
    clippy::large_enum_variant,
    reason = "most steps are sends, and each lives for a moment"
)]
#[must_use = "a call goes on only if its step is carried out"]
pub enum Step<J: Job> {
    /// Send this within these limits, and tell the outcome.
    Send(Request<Vec<u8>>, Limits, Awaiting<J>),
    /// Wait, and come back.
    Wait(Until, Pause<J>),
    /// Ask the store in which the token is shared, wait no longer than this, and tell the answer. It comes only after
    /// [`Session::share_tokens`].
    Share(TokenAsk, Duration, Sharing<J>),
    /// The call has ended.
    Done(Result<J::Output, Error>),
}

impl<J: Job> Step<J> {
    /// Names the call, unless it has ended.
    pub const fn ticket(&self) -> Option<Ticket> {
        match self {
            Self::Send(_, _, awaiting) => Some(awaiting.ticket()),
            Self::Wait(_, pause) => Some(pause.ticket()),
            Self::Share(_, _, sharing) => Some(sharing.ticket()),
            Self::Done(_) => None,
        }
    }

    /// What the call has cost so far, and how many requests it has sent, before its next step. Nothing once it has
    /// ended: its result says.
    pub(crate) const fn spent(&self) -> (Charges, u32) {
        match self {
            // The request that it is about is counted, and has not gone out.
            Self::Send(_, _, Awaiting { flight, .. }) => (flight.charges, flight.sends.saturating_sub(1)),
            Self::Wait(_, Pause { flight, .. }) | Self::Share(_, _, Sharing { flight, .. }) => {
                (flight.charges, flight.sends)
            }
            Self::Done(_) => (Charges::NONE, 0),
        }
    }
}

/// A call whose request is under way.
#[must_use = "a call goes on only if the outcome of its request is told; if it is given up, tell the session"]
pub struct Awaiting<J: Job> {
    job: J,
    flight: Box<Flight>,
    asked: Asked,
    at: Now,
    known: Known,
}

/// A call whose reply was read, and has yet to be taken to the session.
#[must_use = "a call goes on only if its reply is taken to the session; if it is given up, tell the session"]
pub struct Answered<J: Job> {
    job: J,
    flight: Box<Flight>,
    at: Now,
    came: Came<J>,
}

/// A call that waits.
#[must_use = "a call goes on only if it is resumed after its wait; if it is given up, tell the session"]
pub struct Pause<J: Job> {
    job: J,
    flight: Box<Flight>,
}

/// A call that asks the store in which the token is shared.
#[must_use = "a call goes on only if the store's answer is told; if it is given up, tell the session"]
pub struct Sharing<J: Job> {
    job: J,
    flight: Box<Flight>,
    at: Now,
    within: Duration,
    after: After,
}

enum Came<J: Job> {
    Own {
        generation: Option<Generation>,
        judged: Judged<J::Data>,
    },
    Token {
        signed: Signed,
        purpose: Purpose,
        judged: Judged<IssuedToken>,
    },
}

/// A step, and the job if it is done. The job may be a caller's own, so it is dropped after the lock is released.
pub(crate) type Turned<J> = (Step<J>, Option<J>);

impl Session {
    /// Begins a call. The step says what to do first.
    pub fn begin<J: Job>(&mut self, call: Call<J>, now: Now) -> Step<J> {
        self.turn_to(call, now).0
    }

    pub(crate) fn turn_to<J: Job>(&mut self, call: Call<J>, now: Now) -> Turned<J> {
        let mut policy = self.config().retry;
        let total = call.total.unwrap_or(policy.total_time());
        policy = policy.total(total.min(call.at_most));
        if let Some(attempts) = call.attempts {
            policy = policy.attempts(attempts);
        }
        if let Some(allowed) = call.maybe_charged {
            policy = policy.retry_maybe_charged(allowed);
        }
        let mut flight = Box::new(Flight::new(self.next_call(), call.goal, policy, now.mono));
        self.note(|| flight.begun(call.wait));
        // Before a token is asked for it.
        if let Err(error) = flight.goal.aim(&self.config.base_url) {
            let mut turn = Turn {
                flight: &mut flight,
                session: self,
                now,
            };
            let next = turn.fail(error);
            return step(call.job, flight, now, next);
        }
        proceed(call.job, flight, self, now)
    }
}

impl<J: Job> Awaiting<J> {
    /// Names the call, to give it up with [`Session::abandon`].
    pub const fn ticket(&self) -> Ticket {
        self.flight.ticket(true)
    }

    /// The call goes on with what came back, or with what kept it from coming: [`read`](Self::read), and
    /// [`Answered::resume`].
    pub fn resume(
        self,
        session: &mut Session,
        now: Now,
        outcome: Result<HttpResponse<Vec<u8>>, Failure>,
    ) -> Step<J> {
        self.read(now, outcome).resume(session, now)
    }

    /// Reads what came back, without the session: a client that keeps it behind a lock need not take that while a reply
    /// is parsed, and [`Endpoint::decode`](crate::wire::Endpoint::decode) may do as it likes.
    pub fn read(self, now: Now, outcome: Result<HttpResponse<Vec<u8>>, Failure>) -> Answered<J> {
        let Self {
            job,
            flight,
            asked,
            at,
            known,
        } = self;
        let came = match asked {
            Asked::Own { token } => {
                let (token, generation) = token.unzip();
                let carried = Carried {
                    body: flight.goal.body(),
                    asked: flight.goal.asked(),
                    token: token.as_ref().map_or("", AccessToken::expose),
                };
                Came::Own {
                    judged: job.read(outcome, now, &known, carried),
                    generation,
                }
            }
            Asked::Token {
                request,
                purpose,
                lease,
            } => {
                let body = Wiped::new(request.encode());
                let carried = Carried {
                    body: &body,
                    asked: &[],
                    token: "",
                };
                Came::Token {
                    judged: judge(&request, outcome, now, &known, carried),
                    signed: Signed {
                        with: known.keys,
                        at: request.timestamp(),
                        lease,
                    },
                    purpose,
                }
            }
        };
        Answered {
            job,
            flight,
            at,
            came,
        }
    }
}

impl<J: Job> Answered<J> {
    /// Names the call, to give it up with [`Session::abandon`].
    pub const fn ticket(&self) -> Ticket {
        self.flight.ticket(true)
    }

    /// The call goes on with what was read, at the time at which it was read.
    pub fn resume(self, session: &mut Session, now: Now) -> Step<J> {
        self.turn(session, now).0
    }

    pub(crate) fn turn(self, session: &mut Session, now: Now) -> Turned<J> {
        let Self {
            job,
            mut flight,
            at,
            came,
        } = self;
        let mut turn = Turn {
            flight: &mut flight,
            session,
            now,
        };
        let next = match came {
            Came::Own { generation, judged } => {
                turn.book_own(at, &judged);
                match judged.result {
                    Ok((data, meta)) => {
                        if let Some(generation) = generation {
                            turn.proves(generation);
                        }
                        let output = J::output(turn.succeed(data, meta));
                        return (Step::Done(Ok(output)), Some(job));
                    }
                    Err(refusal) => turn.refused(generation, refusal),
                }
            }
            Came::Token {
                signed,
                purpose,
                judged,
            } => turn.token_answered(at, signed, purpose, judged),
        };
        step(job, flight, now, next)
    }
}

impl<J: Job> Pause<J> {
    /// Names the call, to give it up with [`Session::abandon`].
    pub const fn ticket(&self) -> Ticket {
        self.flight.ticket(false)
    }

    /// The call goes on after its wait.
    pub fn resume(self, session: &mut Session, now: Now) -> Step<J> {
        self.turn(session, now).0
    }

    pub(crate) fn turn(self, session: &mut Session, now: Now) -> Turned<J> {
        proceed(self.job, self.flight, session, now)
    }
}

impl<J: Job> Sharing<J> {
    /// Names the call, to give it up with [`Session::abandon`].
    pub const fn ticket(&self) -> Ticket {
        self.flight.ticket(false)
    }

    /// The call goes on with what the store said, or with why it did not: [`TokenStoreErrorKind::Late`] if it took too long.
    pub fn resume(
        self,
        session: &mut Session,
        now: Now,
        answer: Result<TokenAnswer, TokenStoreErrorKind>,
    ) -> Step<J> {
        self.turn(session, now, answer).0
    }

    /// The call goes on as if the store could not be reached.
    pub fn alone(self, session: &mut Session, now: Now) -> Step<J> {
        self.resume(session, now, Err(TokenStoreErrorKind::Unavailable))
    }

    pub(crate) fn turn(
        self,
        session: &mut Session,
        now: Now,
        answer: Result<TokenAnswer, TokenStoreErrorKind>,
    ) -> Turned<J> {
        let Self {
            job,
            mut flight,
            at,
            within,
            after,
        } = self;
        let mut turn = Turn {
            flight: &mut flight,
            session,
            now,
        };
        let next = turn.heard((at, within), after, answer);
        step(job, flight, now, next)
    }
}

fn proceed<J: Job>(job: J, mut flight: Box<Flight>, session: &mut Session, now: Now) -> Turned<J> {
    let mut turn = Turn {
        flight: &mut flight,
        session,
        now,
    };
    let next = turn.proceed();
    step(job, flight, now, next)
}

fn step<J: Job>(job: J, flight: Box<Flight>, at: Now, next: Next) -> Turned<J> {
    match next {
        Next::Send(sending) => {
            let awaiting = Awaiting {
                job,
                flight,
                asked: sending.asked,
                at,
                known: sending.known,
            };
            (Step::Send(sending.request, sending.limits, awaiting), None)
        }
        Next::Wait(until) => (Step::Wait(until, Pause { job, flight }), None),
        Next::Share(ask, within, after) => {
            let sharing = Sharing {
                job,
                flight,
                at,
                within,
                after,
            };
            (Step::Share(ask, within, sharing), None)
        }
        Next::Failed(error) => (Step::Done(Err(error)), Some(job)),
        Next::Token(token) => {
            let output = J::from_token(token).ok_or_else(Error::missing_data);
            (Step::Done(output), Some(job))
        }
    }
}

/// A step shows where it leads, and nothing of what it carries.
impl<J: Job> fmt::Debug for Step<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(request, limits, awaiting) => f
                .debug_tuple("Send")
                .field(&request.uri().path())
                .field(limits)
                .field(awaiting)
                .finish(),
            Self::Wait(until, pause) => f.debug_tuple("Wait").field(until).field(pause).finish(),
            Self::Share(_, within, sharing) => f.debug_tuple("Share").field(within).field(sharing).finish(),
            Self::Done(Ok(_)) => f.debug_tuple("Done").finish_non_exhaustive(),
            Self::Done(Err(error)) => f.debug_tuple("Done").field(error).finish(),
        }
    }
}

macro_rules! shown_by_its_call {
    ($($state:ident)+) => {$(
        impl<J: Job> fmt::Debug for $state<J> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($state))
                    .field("call", &self.flight.id)
                    .finish_non_exhaustive()
            }
        }
    )+};
}

shown_by_its_call!(Awaiting Answered Pause Sharing);

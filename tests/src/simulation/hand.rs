//! A call in its caller's hand, whatever it asks for: driven step by step, as the clients do.

use std::time::Duration;

use advance_core::session::{Awaiting, Generation, Job, Pause, Session, Step, Ticket, Until};
use advance_core::transport::{Failure, Limits};
use advance_core::{Charges, Error, Now};
use http::{Request, Response};

type Outcome = Result<Response<Vec<u8>>, Failure>;

/// What a step asks of whoever drives it.
pub(super) enum Move {
    Send(Box<Request<Vec<u8>>>, Limits),
    Sleep(Duration),
    /// Sleep no longer than this, and only while the generation is this one.
    WaitForToken(Generation, Duration),
    Done(Result<Summary, Error>),
}

/// What a response says of its call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Summary {
    pub(super) charges: Charges,
    pub(super) sends: u32,
}

/// A call between two steps.
pub(super) trait Hand {
    fn answered(&mut self, session: &mut Session, now: Now, outcome: Outcome) -> Move;
    fn waited(&mut self, session: &mut Session, now: Now) -> Move;
    fn ticket(&self) -> Option<Ticket>;
}

enum Between<J: Job> {
    Sending(Awaiting<J>),
    Waiting(Pause<J>),
    Over,
}

/// Takes a call's first step into the hand.
pub(super) fn take<T, J: Job<Output = advance_core::Response<T>> + 'static>(
    step: Step<J>,
) -> (Box<dyn Hand>, Move) {
    let mut between = Between::Over;
    let first = between.take(step);
    (Box::new(between), first)
}

impl<T, J: Job<Output = advance_core::Response<T>>> Between<J> {
    fn take(&mut self, step: Step<J>) -> Move {
        match step {
            Step::Send(request, limits, awaiting) => {
                *self = Self::Sending(awaiting);
                Move::Send(Box::new(request), limits)
            }
            Step::Wait(until, pause) => {
                *self = Self::Waiting(pause);
                match until {
                    Until::Elapsed(wait) => Move::Sleep(wait),
                    Until::Token { seen, at_most } => Move::WaitForToken(seen, at_most),
                }
            }
            Step::Done(result) => Move::Done(result.map(|response| Summary {
                charges: response.charges(),
                sends: response.sends(),
            })),
        }
    }
}

impl<T, J: Job<Output = advance_core::Response<T>>> Hand for Between<J> {
    fn answered(&mut self, session: &mut Session, now: Now, outcome: Outcome) -> Move {
        match std::mem::replace(self, Self::Over) {
            Self::Sending(awaiting) => {
                let step = awaiting.resume(session, now, outcome);
                self.take(step)
            }
            Self::Waiting(_) | Self::Over => unreachable!("the simulation answers only what was sent"),
        }
    }

    fn waited(&mut self, session: &mut Session, now: Now) -> Move {
        match std::mem::replace(self, Self::Over) {
            Self::Waiting(pause) => {
                let step = pause.resume(session, now);
                self.take(step)
            }
            Self::Sending(_) | Self::Over => unreachable!("the simulation wakes only what waits"),
        }
    }

    fn ticket(&self) -> Option<Ticket> {
        match self {
            Self::Sending(awaiting) => Some(awaiting.ticket()),
            Self::Waiting(pause) => Some(pause.ticket()),
            Self::Over => None,
        }
    }
}

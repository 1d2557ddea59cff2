//! A call in its caller's hand: driven step by step, as the clients do.

use std::time::Duration;

use advance_core::session::{Awaiting, Generation, Job, Pause, Session, Step, Ticket, Until};
use advance_core::transport::{Failure, Limits};
use advance_core::{Charges, Error, Now};
use http::{Request, Response};

pub(crate) type Outcome = Result<Response<Vec<u8>>, Failure>;

/// What a step asks of its driver. `D` is what its call brings in the end.
pub(crate) enum Move<D = Summary> {
    Send(Box<Request<Vec<u8>>>, Limits),
    Sleep(Duration),
    /// Sleep no longer than this, and only while the generation is this one.
    WaitForToken(Generation, Duration),
    Done(Result<D, Error>),
}

/// What a response says of its call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Summary {
    pub(super) charges: Charges,
    pub(super) sends: u32,
}

impl Summary {
    pub(super) fn of<T>(response: &advance_core::Response<T>) -> Self {
        Self {
            charges: response.charges(),
            sends: response.sends(),
        }
    }
}

/// A call between two steps.
pub(crate) trait Hand<D = Summary> {
    fn answered(&mut self, session: &mut Session, now: Now, outcome: Outcome) -> Move<D>;
    fn waited(&mut self, session: &mut Session, now: Now) -> Move<D>;
    fn ticket(&self) -> Option<Ticket>;
}

struct Held<J: Job, D> {
    between: Between<J>,
    brings: fn(J::Output) -> D,
}

#[allow(clippy::large_enum_variant, reason = "each lives for a moment")]
enum Between<J: Job> {
    Sending(Awaiting<J>),
    Waiting(Pause<J>),
    Over,
}

/// Takes a call's first step into the hand.
pub(super) fn take<T: 'static, J: Job<Output = advance_core::Response<T>> + 'static>(
    step: Step<J>,
) -> (Box<dyn Hand>, Move) {
    take_for(step, |response| Summary::of(&response))
}

/// The same, for what its output is made into.
pub(crate) fn take_for<J: Job + 'static, D: 'static>(
    step: Step<J>,
    brings: fn(J::Output) -> D,
) -> (Box<dyn Hand<D>>, Move<D>) {
    let mut held = Held {
        between: Between::Over,
        brings,
    };
    let first = held.take(step);
    (Box::new(held), first)
}

impl<J: Job, D> Held<J, D> {
    fn take(&mut self, step: Step<J>) -> Move<D> {
        match step {
            Step::Send(request, limits, awaiting) => {
                self.between = Between::Sending(awaiting);
                Move::Send(Box::new(request), limits)
            }
            Step::Wait(until, pause) => {
                self.between = Between::Waiting(pause);
                match until {
                    Until::Elapsed(wait) => Move::Sleep(wait),
                    Until::Token { seen, at_most } => Move::WaitForToken(seen, at_most),
                }
            }
            Step::Share(..) => unreachable!("no store was given"),
            Step::Done(result) => Move::Done(result.map(self.brings)),
        }
    }
}

impl<J: Job, D> Hand<D> for Held<J, D> {
    fn answered(&mut self, session: &mut Session, now: Now, outcome: Outcome) -> Move<D> {
        match std::mem::replace(&mut self.between, Between::Over) {
            Between::Sending(awaiting) => {
                let step = awaiting.resume(session, now, outcome);
                self.take(step)
            }
            Between::Waiting(_) | Between::Over => unreachable!("only what was sent is answered"),
        }
    }

    fn waited(&mut self, session: &mut Session, now: Now) -> Move<D> {
        match std::mem::replace(&mut self.between, Between::Over) {
            Between::Waiting(pause) => {
                let step = pause.resume(session, now);
                self.take(step)
            }
            Between::Sending(_) | Between::Over => unreachable!("only what waits is woken"),
        }
    }

    fn ticket(&self) -> Option<Ticket> {
        match &self.between {
            Between::Sending(awaiting) => Some(awaiting.ticket()),
            Between::Waiting(pause) => Some(pause.ticket()),
            Between::Over => None,
        }
    }
}

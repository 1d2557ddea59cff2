//! What the loops of both clients carry out: a call, or a wait for a verification.

use http::{Request, Response as HttpResponse};

use crate::domain::Picture;
use crate::error::Error;
use crate::session::{
    Answered, Awaiting, DownloadAnswered, DownloadAwaiting, DownloadPause, DownloadStep, Pause, PollAnswered,
    PollAwaiting, PollPause, PollStep, Response, Session, Step, Ticket, Until, Waited,
};
use crate::time::Now;
use crate::transport::{Failure, Limits};
use crate::wire::Endpoint;

/// A chain of steps.
pub(super) trait Machine: Sized {
    type Awaiting;
    type Answered;
    type Pause;
    type Output;

    fn turn(self) -> Turn<Self>;
    fn in_flight(awaiting: &Self::Awaiting) -> Ticket;
    fn paused(pause: &Self::Pause) -> Ticket;
    fn read(
        awaiting: Self::Awaiting,
        now: Now,
        outcome: Result<HttpResponse<Vec<u8>>, Failure>,
    ) -> Self::Answered;
    fn answered(answered: Self::Answered, session: &mut Session, now: Now) -> Self;
    fn again(pause: Self::Pause, session: &mut Session, now: Now) -> Self;
}

/// A step, whatever chain it belongs to.
#[allow(clippy::large_enum_variant, reason = "each lives for a moment")]
pub(super) enum Turn<M: Machine> {
    Send(Request<Vec<u8>>, Limits, M::Awaiting),
    Wait(Until, M::Pause),
    /// Come back at once.
    Again(M::Pause),
    Done(M::Output),
}

macro_rules! machine {
    ($step:ident $(<$endpoint:ident>)?, $awaiting:ty, $answered:ty, $pause:ty => $output:ty $(; $decide:pat => $again:expr)?) => {
        impl $(<$endpoint: Endpoint>)? Machine for $step $(<$endpoint>)? {
            type Awaiting = $awaiting;
            type Answered = $answered;
            type Pause = $pause;
            type Output = $output;

            fn turn(self) -> Turn<Self> {
                match self {
                    Self::Send(request, limits, awaiting) => Turn::Send(request, limits, awaiting),
                    Self::Wait(until, pause) => Turn::Wait(until, pause),
                    $($decide => $again,)?
                    Self::Done(output) => Turn::Done(output),
                }
            }

            fn in_flight(awaiting: &$awaiting) -> Ticket {
                awaiting.ticket()
            }

            fn paused(pause: &$pause) -> Ticket {
                pause.ticket()
            }

            fn read(
                awaiting: $awaiting,
                now: Now,
                outcome: Result<HttpResponse<Vec<u8>>, Failure>,
            ) -> $answered {
                awaiting.read(now, outcome)
            }

            fn answered(answered: $answered, session: &mut Session, now: Now) -> Self {
                answered.resume(session, now)
            }

            fn again(pause: $pause, session: &mut Session, now: Now) -> Self {
                pause.resume(session, now)
            }
        }
    };
}

machine!(Step<E>, Awaiting<E>, Answered<E>, Pause<E> => Result<Response<E::Output>, Error>);
machine!(PollStep, PollAwaiting, PollAnswered, PollPause => Waited;
    Self::Decide(decision) => Turn::Again(decision.decide()));
machine!(DownloadStep, DownloadAwaiting, DownloadAnswered, DownloadPause => Result<Picture, Error>);

//! Waiting for a verification to finish: the same kind of machine as a call, one level up.
//!
//! Nothing tells a backend that a person has finished, so it has to ask. What the vendor answers before that is not
//! documented, nor is what asking costs; both are policy here, and each poll is a request that the caller chose.

use std::time::Duration;

use http::{Request, Response as HttpResponse};

use super::event::{CallId, Event, WaitReason};
use super::polling::{Polling, is_passing};
use super::retry::part;
use super::sabotage::Rule;
use super::session::{Session, Ticket};
use super::step::{Answered, Awaiting, Pause, Step, Until};
use super::waited::{WaitOutcome, Waited};
use super::{Call, Charges, Response};
use crate::domain::Verification;
use crate::error::Error;
use crate::time::{Now, UnixMillis};
use crate::transport::{Failure, Limits};
use crate::wire::GetResult;

/// What to do next in a wait; as [`Step`] for a call.
#[allow(clippy::large_enum_variant, reason = "each lives for a moment")]
#[must_use = "a wait goes on only if its step is carried out"]
pub enum PollStep {
    /// Send this within these limits, and tell the outcome.
    Send(Request<Vec<u8>>, Limits, PollAwaiting),
    /// Wait, and come back.
    Wait(Until, PollPause),
    /// A poll has ended: ask the caller's rule what to make of it, and come back at once.
    Decide(PollDecision),
    /// The wait has ended.
    Done(Waited),
}

/// A wait whose request is under way.
#[must_use = "a wait goes on only if the outcome of its request is told; if it is given up, tell the session"]
pub struct PollAwaiting {
    call: Awaiting<GetResult>,
    wait: Box<Poll>,
}

/// A wait whose reply was read, and has yet to be taken to the session.
#[must_use = "a wait goes on only if its reply is taken to the session; if it is given up, tell the session"]
pub struct PollAnswered {
    call: Answered<GetResult>,
    wait: Box<Poll>,
}

/// A wait whose poll has ended, and nobody has yet said whether that ends the wait.
#[must_use = "a wait goes on only if somebody decides"]
pub struct PollDecision {
    result: Result<Response<Verification>, Error>,
    wait: Box<Poll>,
}

/// A wait that pauses: between two polls, within one, or for a moment after a decision.
#[must_use = "a wait goes on only if it is resumed after its pause; if it is given up, tell the session"]
pub struct PollPause {
    due: Due,
    wait: Box<Poll>,
}

/// What comes after a pause.
#[allow(clippy::large_enum_variant, reason = "each lives for a moment")]
enum Due {
    /// The next poll.
    Poll,
    /// The call that is on its way.
    Call(Pause<GetResult>),
    /// What the decision leads to.
    Decided {
        result: Result<Response<Verification>, Error>,
        unfinished: bool,
    },
}

struct Poll {
    id: u64,
    polling: Polling,
    /// When the caller's time ends.
    deadline: Duration,
    /// When the link ends.
    link_ends: Option<Duration>,
    /// When the latest poll began.
    asked: Duration,
    polls: u32,
    charges: Charges,
    sends: u32,
    last_error: Option<Error>,
}

/// As long as the document says a link lives.
const LINK_LIFE: Duration = Duration::from_secs(3_600);

/// An end of a link that is farther away, either way, is not believed.
const BELIEVED: Duration = Duration::from_secs(24 * 3_600);

/// How long after the end of a link its last poll is tried again.
const AFTERWARDS: Duration = Duration::from_secs(120);

/// What is left of a link that ends then.
fn left(ends: UnixMillis, wall: UnixMillis) -> Option<Duration> {
    let left = ends.saturating_since(wall);
    (left <= BELIEVED && wall.saturating_since(ends) <= BELIEVED).then_some(left)
}

impl Session {
    /// Begins to wait for a verification. The first poll goes out at once.
    pub fn begin_wait(&mut self, polling: Polling, now: Now) -> PollStep {
        let wall = self.skew.corrected(now.wall);
        let left = polling.link_ends.and_then(|ends| left(ends, wall));
        let total = polling.total.or_else(|| left.is_none().then_some(LINK_LIFE));
        let deadline = now.mono.saturating_add(total.unwrap_or(Duration::MAX));
        let link_ends = left.map(|left| now.mono.saturating_add(left));
        let wait = Poll {
            id: self.next_call(),
            polling,
            deadline,
            link_ends,
            asked: now.mono,
            polls: 0,
            charges: Charges::NONE,
            sends: 0,
            last_error: None,
        };
        Box::new(wait).poll(self, now)
    }
}

impl PollAwaiting {
    /// Names the request under way, to give the wait up with [`Session::abandon`].
    pub const fn ticket(&self) -> Ticket {
        self.call.ticket()
    }

    /// The wait goes on with what came back, or with what kept it from coming.
    pub fn resume(
        self,
        session: &mut Session,
        now: Now,
        outcome: Result<HttpResponse<Vec<u8>>, Failure>,
    ) -> PollStep {
        self.read(now, outcome).resume(session, now)
    }

    /// Reads what came back, without the session; as [`Awaiting::read`].
    pub fn read(self, now: Now, outcome: Result<HttpResponse<Vec<u8>>, Failure>) -> PollAnswered {
        PollAnswered {
            call: self.call.read(now, outcome),
            wait: self.wait,
        }
    }
}

impl PollAnswered {
    /// Names the request, to give the wait up with [`Session::abandon`].
    pub const fn ticket(&self) -> Ticket {
        self.call.ticket()
    }

    /// The wait goes on with what was read.
    pub fn resume(self, session: &mut Session, now: Now) -> PollStep {
        let step = self.call.resume(session, now);
        self.wait.follow(step)
    }
}

impl PollDecision {
    /// Asks the rule of [`Polling`], which may do as it likes: no session is needed here, so no lock is held. Resume the
    /// pause at once.
    pub fn decide(self) -> PollPause {
        let unfinished = self
            .wait
            .polling
            .is_unfinished(self.result.as_ref().map(Response::data));
        PollPause {
            due: Due::Decided {
                result: self.result,
                unfinished,
            },
            wait: self.wait,
        }
    }
}

impl PollPause {
    /// Names the call that waits, if one does, to give the wait up with [`Session::abandon`].
    pub fn ticket(&self) -> Ticket {
        let between = Ticket {
            call: self.wait.id,
            in_flight: false,
        };
        match &self.due {
            Due::Call(call) => call.ticket(),
            Due::Poll | Due::Decided { .. } => between,
        }
    }

    /// The wait goes on after its pause.
    pub fn resume(self, session: &mut Session, now: Now) -> PollStep {
        match self.due {
            Due::Call(call) => {
                let step = call.resume(session, now);
                self.wait.follow(step)
            }
            Due::Poll => self.wait.poll(session, now),
            Due::Decided { result, unfinished } => self.wait.polled(session, now, result, unfinished),
        }
    }
}

impl Poll {
    fn poll(mut self: Box<Self>, session: &mut Session, now: Now) -> PollStep {
        let left = self.deadline.saturating_sub(now.mono);
        if left.is_zero() {
            return self.end(WaitOutcome::TimedOut);
        }
        self.polls = self.polls.saturating_add(1);
        self.asked = now.mono;
        let total = session.config().retry.total_time().min(left);
        let call = Call::new(GetResult::new(self.polling.signature_id.clone())).total(total);
        let step = session.begin(call, now);
        self.follow(step)
    }

    fn follow(mut self: Box<Self>, step: Step<GetResult>) -> PollStep {
        match step {
            Step::Send(request, limits, call) => {
                PollStep::Send(request, limits, PollAwaiting { call, wait: self })
            }
            Step::Wait(until, call) => PollStep::Wait(
                until,
                PollPause {
                    due: Due::Call(call),
                    wait: self,
                },
            ),
            Step::Done(result) => {
                let (charges, sends) = match &result {
                    Ok(response) => (response.charges(), response.sends()),
                    Err(error) => (error.charges(), error.sends()),
                };
                self.charges += charges;
                self.sends = self.sends.saturating_add(sends);
                PollStep::Decide(PollDecision { result, wait: self })
            }
        }
    }

    fn polled(
        mut self: Box<Self>,
        session: &mut Session,
        now: Now,
        result: Result<Response<Verification>, Error>,
        unfinished: bool,
    ) -> PollStep {
        let failed = result.is_err();
        let over = self.asked_after_the_end() && !session.breaks(Rule::PollsEnd);
        let mut told = None;
        match result {
            Ok(response) if !unfinished => return self.end(WaitOutcome::Finished(response)),
            Err(error) if !unfinished && !is_passing(&error) => return self.end(WaitOutcome::Failed(error)),
            Ok(_) if over => return self.end(WaitOutcome::LinkExpired),
            Ok(_) => {}
            Err(error) => {
                told = error.retry_after();
                self.last_error = Some(error);
                if over && unfinished {
                    return self.end(WaitOutcome::LinkExpired);
                }
            }
        }
        let Some(pause) = self.pause(now.mono, told, session.entropy.next()) else {
            return self.end(WaitOutcome::TimedOut);
        };
        let comes = now.mono.saturating_add(pause);
        // An answer, however late, is followed by one more poll; one to a poll from after the end has ended the wait.
        let too_late = failed
            && self
                .link_ends
                .is_some_and(|ends| ends.saturating_add(AFTERWARDS) < comes);
        if let Some(error) = self
            .last_error
            .take_if(|_| too_late && !session.breaks(Rule::PollsEnd))
        {
            return self.end(WaitOutcome::Failed(error));
        }
        session.note(|| Event::Waiting {
            call: CallId(self.id),
            why: WaitReason::Poll,
            at_most: pause,
        });
        let pause_over = PollPause {
            due: Due::Poll,
            wait: self,
        };
        PollStep::Wait(Until::Elapsed(pause), pause_over)
    }

    fn asked_after_the_end(&self) -> bool {
        self.link_ends.is_some_and(|ends| ends <= self.asked)
    }

    /// How long to pause before the next poll; `None` if the caller's time leaves no room for one.
    fn pause(&self, mono: Duration, told: Option<Duration>, entropy: u64) -> Option<Duration> {
        let doublings = self.polls.saturating_sub(1).min(31);
        let bound = self
            .polling
            .first
            .saturating_mul(1 << doublings)
            .min(self.polling.cap);
        let pause = bound
            .saturating_sub(part(bound / 10, entropy))
            .max(self.polling.first.min(bound));
        // The last poll of a link comes as it ends: whoever finished in time is not missed.
        let pause = self
            .link_ends
            .filter(|_| !self.asked_after_the_end())
            .map_or(pause, |ends| pause.min(ends.saturating_sub(mono)))
            .max(told.unwrap_or_default());
        let left = self.deadline.saturating_sub(mono);
        let reserve = self.polling.first / 2;
        if pause < left {
            return Some(pause);
        }
        // The last poll within the caller's time needs a little of it for itself.
        let last = left.checked_sub(reserve).filter(|last| !last.is_zero())?;
        (told.unwrap_or_default() <= last).then_some(last)
    }

    #[expect(
        clippy::boxed_local,
        reason = "every state consumes the wait as it is carried"
    )]
    fn end(self: Box<Self>, outcome: WaitOutcome) -> PollStep {
        PollStep::Done(Waited {
            outcome,
            polls: self.polls,
            charges: self.charges,
            sends: self.sends,
            last_error: self.last_error,
        })
    }
}

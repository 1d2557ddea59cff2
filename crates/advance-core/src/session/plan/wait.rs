//! Waiting for a verification to finish: when to ask again, and when to stop.
//!
//! Nothing tells a backend that a person has finished, so it has to ask. What the vendor answers before that is not
//! documented, nor is what asking costs; both are policy here, and each poll is a request that the caller chose.

use std::time::Duration;

use super::wait_policy::WaitPolicy;
use super::waited::{WaitOutcome, Waited};
use crate::charge::Charges;
use crate::domain::Verification;
use crate::error::Error;
use crate::session::event::{CallId, Event, WaitReason};
use crate::session::passing;
use crate::session::retry::part;
use crate::session::sabotage::Rule;
use crate::session::{Call, Response, Session, Ticket};
use crate::time::{Now, UnixMillis};
use crate::wire::GetResult;

/// What to do next in a wait.
#[allow(clippy::large_enum_variant, reason = "each lives for a moment")]
#[derive(Debug)]
pub enum WaitStep {
    /// Ask with this call, and tell [`Wait::ended`] how it ended.
    Ask(Call<GetResult>),
    /// Nothing before this long has passed; then [`Wait::step`] says what comes next.
    Pause(Duration),
    /// The wait has ended: [`Wait::into_result`] says how.
    Done,
}

/// A wait for a verification, on its way. It sends nothing: it says what to ask and when, and hears how that ended.
///
/// ```
/// use std::time::Duration;
/// use advance_core::session::{Session, Step, Wait, WaitPolicy, WaitStep};
/// use advance_core::{Error, GetResult, Now, Response, Verification, Waited};
///
/// fn wait(
///     session: &mut Session,
///     policy: WaitPolicy,
///     mut run: impl FnMut(&mut Session, Step<GetResult>) -> Result<Response<Verification>, Error>,
///     mut sleep: impl FnMut(Duration),
///     now: impl Fn() -> Now,
/// ) -> Waited {
///     let mut wait = session.begin_wait(policy, now());
///     loop {
///         match wait.step(session, now()) {
///             WaitStep::Ask(call) => {
///                 let first = session.begin(call, now());
///                 wait.ended(run(session, first));
///             }
///             WaitStep::Pause(pause) => sleep(pause),
///             WaitStep::Done => return wait.into_result(),
///         }
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Wait {
    id: u64,
    policy: WaitPolicy,
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
    /// The rule is broken that ends it with its link.
    endless: bool,
    due: Due,
}

/// What comes next.
#[allow(clippy::large_enum_variant, reason = "there is one for each wait")]
#[derive(Debug)]
enum Due {
    Ask,
    /// A pause: the server may have said how long, and the last poll may have failed.
    Pause {
        told: Option<Duration>,
        failed: bool,
    },
    Over(WaitOutcome),
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
    /// Begins to wait for a verification. The first poll is due at once.
    pub fn begin_wait(&mut self, policy: WaitPolicy, now: Now) -> Wait {
        let wall = self.skew.corrected(now.wall);
        let left = policy.link_ends.and_then(|ends| left(ends, wall));
        let total = policy.total.or_else(|| left.is_none().then_some(LINK_LIFE));
        let deadline = now.mono.saturating_add(total.unwrap_or(Duration::MAX));
        let link_ends = left.map(|left| now.mono.saturating_add(left));
        Wait {
            id: self.next_call(),
            policy,
            deadline,
            link_ends,
            asked: now.mono,
            polls: 0,
            charges: Charges::NONE,
            sends: 0,
            last_error: None,
            endless: self.breaks(Rule::PollsEnd),
            due: Due::Ask,
        }
    }
}

impl Wait {
    /// Names the wait between two polls, to give it up with [`Session::abandon`].
    pub const fn ticket(&self) -> Ticket {
        Ticket {
            call: self.id,
            in_flight: false,
        }
    }

    /// What to do at this time. After [`WaitStep::Pause`], and after [`ended`](Self::ended), ask again.
    pub fn step(&mut self, session: &mut Session, now: Now) -> WaitStep {
        match self.due {
            Due::Ask => self.ask(session, now),
            Due::Pause { told, failed } => self.pause(session, now, told, failed),
            Due::Over(_) => WaitStep::Done,
        }
    }

    /// How the poll ended. The rule of [`WaitPolicy`] is asked here, and no session is needed, so no lock is held.
    pub fn ended(&mut self, result: Result<Response<Verification>, Error>) {
        let (charges, sends) = match &result {
            Ok(response) => (response.charges(), response.sends()),
            Err(error) => (error.charges(), error.sends()),
        };
        self.charges += charges;
        self.sends = self.sends.saturating_add(sends);
        let unfinished = self.policy.is_unfinished(result.as_ref().map(Response::data));
        let over = self.asked_after_the_end() && !self.endless;
        self.due = match result {
            Ok(response) if !unfinished => Due::Over(WaitOutcome::Finished(response)),
            Err(error) if !unfinished && !passing::error(&error) => Due::Over(WaitOutcome::Failed(error)),
            Ok(_) if over => Due::Over(WaitOutcome::LinkExpired),
            Ok(_) => Due::Pause {
                told: None,
                failed: false,
            },
            Err(error) => {
                let told = error.retry_after();
                self.last_error = Some(error);
                if over && unfinished {
                    Due::Over(WaitOutcome::LinkExpired)
                } else {
                    Due::Pause { told, failed: true }
                }
            }
        };
    }

    /// Whether it has ended.
    pub const fn is_over(&self) -> bool {
        matches!(self.due, Due::Over(_))
    }

    /// How it ended. A wait that is not over has timed out.
    pub fn into_result(self) -> Waited {
        Waited {
            outcome: match self.due {
                Due::Over(outcome) => outcome,
                Due::Ask | Due::Pause { .. } => WaitOutcome::TimedOut,
            },
            polls: self.polls,
            charges: self.charges,
            sends: self.sends,
            last_error: self.last_error,
        }
    }

    fn ask(&mut self, session: &Session, now: Now) -> WaitStep {
        let left = self.deadline.saturating_sub(now.mono);
        if left.is_zero() {
            return self.end(WaitOutcome::TimedOut);
        }
        self.polls = self.polls.saturating_add(1);
        self.asked = now.mono;
        let total = session.config().retry.total_time().min(left);
        WaitStep::Ask(Call::new(GetResult::new(self.policy.signature_id.clone())).total(total))
    }

    fn pause(&mut self, session: &mut Session, now: Now, told: Option<Duration>, failed: bool) -> WaitStep {
        let Some(pause) = self.length_of_pause(now.mono, told, session.entropy.next()) else {
            return self.end(WaitOutcome::TimedOut);
        };
        let comes = now.mono.saturating_add(pause);
        // An answer, however late, is followed by one more poll; one to a poll from after the end has ended the wait.
        let too_late = failed
            && self
                .link_ends
                .is_some_and(|ends| ends.saturating_add(AFTERWARDS) < comes);
        if let Some(error) = self.last_error.take_if(|_| too_late && !self.endless) {
            return self.end(WaitOutcome::Failed(error));
        }
        session.note(|| Event::Waiting {
            call: CallId(self.id),
            why: WaitReason::Poll,
            at_most: pause,
        });
        self.due = Due::Ask;
        WaitStep::Pause(pause)
    }

    fn end(&mut self, outcome: WaitOutcome) -> WaitStep {
        self.due = Due::Over(outcome);
        WaitStep::Done
    }

    fn asked_after_the_end(&self) -> bool {
        self.link_ends.is_some_and(|ends| ends <= self.asked)
    }

    /// How long to pause before the next poll; `None` if the caller's time leaves no room for one.
    fn length_of_pause(&self, mono: Duration, told: Option<Duration>, entropy: u64) -> Option<Duration> {
        let doublings = self.polls.saturating_sub(1).min(31);
        let bound = self
            .policy
            .first
            .saturating_mul(1 << doublings)
            .min(self.policy.cap);
        let pause = bound
            .saturating_sub(part(bound / 10, entropy))
            .max(self.policy.first.min(bound));
        // The last poll of a link comes as it ends: whoever finished in time is not missed.
        let pause = self
            .link_ends
            .filter(|_| !self.asked_after_the_end())
            .map_or(pause, |ends| pause.min(ends.saturating_sub(mono)))
            .max(told.unwrap_or_default());
        let left = self.deadline.saturating_sub(mono);
        let reserve = self.policy.first / 2;
        if pause < left {
            return Some(pause);
        }
        // The last poll within the caller's time needs a little of it for itself.
        let last = left.checked_sub(reserve).filter(|last| !last.is_zero())?;
        (told.unwrap_or_default() <= last).then_some(last)
    }
}

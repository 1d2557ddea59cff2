//! Waiting for a verification to finish: when to ask again, and when to stop.
//!
//! Nothing tells a backend that a person has finished, so it has to ask. What the vendor answers before that is not
//! documented, nor is what asking costs; both are policy here, and each poll is a request that the caller chose.

use std::time::Duration;

use super::answer::{Answer, Oddity};
use super::wait_policy::WaitPolicy;
use super::waited::{WaitOutcome, Waited};
use crate::charge::Charges;
use crate::domain::Verification;
use crate::error::Error;
use crate::session::event::{CallId, Event, WaitReason};
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
/// use advance_core::{Error, GetResult, Now, Response, Verification, WaitPolicy};
/// use advance_core::session::{Session, Step, Wait, WaitStep, Waited};
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
    pub(super) id: u64,
    pub(super) policy: WaitPolicy,
    pub(super) begun: Now,
    /// When the caller's time ends, by the monotonic clock.
    pub(super) deadline: Duration,
    /// How long after the beginning the link ends, and its grace.
    pub(super) link: Option<LinkEnds>,
    /// How long after the beginning the latest poll was asked.
    pub(super) asked: Duration,
    pub(super) polls: u32,
    /// The polls since the pauses last began to grow.
    pub(super) in_a_row: u32,
    /// The polls that were charged and brought nothing.
    pub(super) charged: u64,
    /// The server wants to hear nothing before this, by the monotonic clock.
    pub(super) not_before: Duration,
    /// An answer said that the vendor knows the verification.
    pub(super) known: bool,
    /// The latest answer was odd, and was let pass.
    pub(super) odd: bool,
    pub(super) charges: Charges,
    pub(super) sends: u32,
    pub(super) last_error: Option<Error>,
    /// The rule is broken that ends it with its link.
    pub(super) endless: bool,
    pub(super) due: Due,
}

/// What comes next.
#[derive(Debug)]
pub(super) enum Due {
    /// The pause before the first poll.
    First,
    Ask,
    /// A pause: the server may have said how long, and the last poll may have failed.
    Pause {
        told: Option<Duration>,
        failed: bool,
    },
    /// Elsewhere in memory: most waits have not ended yet.
    Over(Box<WaitOutcome>),
}

/// As long as the document says a link lives.
pub(super) const LINK_LIFE: Duration = Duration::from_secs(3_600);

/// An end of a link that is farther away, either way, is not believed.
const BELIEVED: Duration = Duration::from_secs(24 * 3_600);

/// How long after the grace of a link its last poll is tried again.
const AFTERWARDS: Duration = Duration::from_secs(120);

/// How long the vendor may not know a verification whose link was just made.
const UNKNOWN_AT_FIRST: Duration = Duration::from_secs(60);

/// How long after the beginning of a wait its link ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct LinkEnds {
    link: Duration,
    grace: Duration,
}

impl LinkEnds {
    pub(super) fn new(ends: UnixMillis, wall: UnixMillis, grace: Duration) -> Option<Self> {
        let (left, past) = (ends.saturating_since(wall), wall.saturating_since(ends));
        (left <= BELIEVED && past <= BELIEVED).then(|| Self {
            link: left,
            grace: left.saturating_add(grace.saturating_sub(past)),
        })
    }

    /// The first of both ends that no poll has been asked at.
    fn next(self, asked: Duration) -> Option<Duration> {
        [self.link, self.grace].into_iter().find(|ends| asked < *ends)
    }
}

impl Session {
    /// Begins to wait for a verification.
    pub fn begin_wait(&mut self, policy: WaitPolicy, now: Now) -> Wait {
        let wall = self.skew.corrected(now.wall);
        let link = policy
            .link_ends
            .and_then(|ends| LinkEnds::new(ends, wall, policy.grace));
        let total = policy.total.or_else(|| link.is_none().then_some(LINK_LIFE));
        Wait {
            id: self.next_call(),
            deadline: now.mono.saturating_add(total.unwrap_or(Duration::MAX)),
            link,
            begun: now,
            asked: Duration::ZERO,
            polls: 0,
            in_a_row: 0,
            charged: 0,
            not_before: Duration::ZERO,
            known: false,
            odd: false,
            charges: Charges::NONE,
            sends: 0,
            last_error: None,
            endless: self.breaks(Rule::PollsEnd),
            due: Due::First,
            policy,
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

    /// What to do at this time. After [`WaitStep::Pause`], and after [`ended`](Self::ended), ask again. A caller that
    /// comes before its pause is over gets to ask at once, unless the server wanted the pause.
    pub fn step(&mut self, session: &mut Session, now: Now) -> WaitStep {
        match self.due {
            Due::First => self.first(session, now),
            Due::Ask => self.ask(session, now),
            Due::Pause { told, failed } => match self.pause(now, told, failed, session.entropy.next()) {
                WaitStep::Pause(pause) => self.rest(session, pause),
                over => over,
            },
            Due::Over(_) => WaitStep::Done,
        }
    }

    /// The person is back: pauses are short again. To ask at once, call [`step`](Self::step) instead of sleeping on.
    pub fn nudge(&mut self) {
        self.in_a_row = 0;
        if matches!(self.due, Due::First) {
            self.due = Due::Ask;
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
        let answer = Answer::of(&self.policy, &result);
        if answer != Answer::Finished {
            self.charged = self.charged.saturating_add(charges.pay);
        }
        self.due = match (answer, result) {
            (Answer::Finished, Ok(response)) => Due::Over(Box::new(WaitOutcome::Finished(response))),
            (Answer::Unfinished, result) => self.unfinished(result.err()),
            (Answer::Passing, Err(error)) => self.goes_on(error),
            (Answer::Odd(oddity), Err(error)) if self.lets_pass(oddity) => {
                self.odd = true;
                self.goes_on(error)
            }
            (_, Err(error)) => Due::Over(Box::new(WaitOutcome::Failed(error))),
            // An answer of these kinds is an error.
            (_, Ok(_)) => self.unfinished(None),
        };
        if matches!(self.due, Due::Pause { .. }) && self.has_paid_enough() {
            self.due = Due::Over(Box::new(WaitOutcome::ChargeLimit));
        }
    }

    /// Whether it has ended.
    pub const fn is_over(&self) -> bool {
        matches!(self.due, Due::Over(_))
    }

    /// How many times the result was asked for so far.
    pub const fn polls(&self) -> u32 {
        self.polls
    }

    /// What the polls that have ended cost so far.
    pub const fn charges(&self) -> Charges {
        self.charges
    }

    /// Ends it because its caller wants no more of it; `charges` and `sends` are those of a poll that was given up
    /// between two of its requests. A wait that has ended stays as it is.
    pub fn cancel(&mut self, charges: Charges, sends: u32) {
        self.charges += charges;
        self.sends = self.sends.saturating_add(sends);
        if !self.is_over() {
            self.due = Due::Over(Box::new(WaitOutcome::Cancelled));
        }
    }

    /// How it ended. A wait that is not over has timed out.
    pub fn into_result(self) -> Waited {
        Waited {
            signature_id: self.policy.signature_id,
            outcome: match self.due {
                Due::Over(outcome) => *outcome,
                Due::First | Due::Ask | Due::Pause { .. } => WaitOutcome::TimedOut,
            },
            polls: self.polls,
            charges: self.charges,
            sends: self.sends,
            last_error: self.last_error,
        }
    }

    fn unfinished(&mut self, error: Option<Error>) -> Due {
        self.known = true;
        self.odd = false;
        let told = error.as_ref().and_then(Error::retry_after);
        let failed = error.is_some();
        self.last_error = error.or_else(|| self.last_error.take());
        if self.asked_after_the_grace() && !self.endless {
            Due::Over(Box::new(WaitOutcome::LinkExpired))
        } else {
            Due::Pause { told, failed }
        }
    }

    /// However a poll failed: if it was charged, the next one may be as well.
    fn has_paid_enough(&self) -> bool {
        self.charged >= u64::from(self.policy.charged_polls).max(1)
    }

    fn goes_on(&mut self, error: Error) -> Due {
        let told = error.retry_after();
        self.last_error = Some(error);
        Due::Pause { told, failed: true }
    }

    /// One odd answer among good ones says nothing of the verification: another node may have given it.
    fn lets_pass(&self, oddity: Oddity) -> bool {
        match oddity {
            Oddity::UnknownId => {
                (self.policy.is_fresh && self.asked < UNKNOWN_AT_FIRST) || (self.known && !self.odd)
            }
            Oddity::NoEnvelope => !self.odd,
        }
    }

    fn first(&mut self, session: &mut Session, now: Now) -> WaitStep {
        self.due = Due::Ask;
        let left = self.deadline.saturating_sub(now.mono);
        let pause = self.policy.before_first.min(self.longest_pause(now));
        if pause.is_zero() || left <= pause {
            return self.ask(session, now);
        }
        self.rest(session, pause)
    }

    fn ask(&mut self, session: &mut Session, now: Now) -> WaitStep {
        let left = self.deadline.saturating_sub(now.mono);
        if left.is_zero() {
            return self.end(WaitOutcome::TimedOut);
        }
        // Somebody came early. The server's own wish holds all the same.
        let wished = self.not_before.saturating_sub(now.mono);
        if !wished.is_zero() {
            return self.rest(session, wished.min(left));
        }
        self.begin_poll(now);
        let call = Call::new(GetResult::new(self.policy.signature_id.clone()));
        WaitStep::Ask(call.at_most(left).of_wait(CallId(self.id)))
    }

    pub(super) fn begin_poll(&mut self, now: Now) {
        self.polls = self.polls.saturating_add(1);
        self.in_a_row = self.in_a_row.saturating_add(1);
        self.asked = now.since(self.begun);
    }

    pub(super) fn pause(&mut self, now: Now, told: Option<Duration>, failed: bool, entropy: u64) -> WaitStep {
        let Some(pause) = self.length_of_pause(now, told, entropy) else {
            return self.end(WaitOutcome::TimedOut);
        };
        let comes = now.since(self.begun).saturating_add(pause);
        // An answer, however late, is followed by one more poll; one to a poll from after the grace has ended the wait.
        let too_late = failed
            && self
                .link
                .is_some_and(|ends| ends.grace.saturating_add(AFTERWARDS) < comes);
        if let Some(error) = self.last_error.take_if(|_| too_late && !self.endless) {
            return self.end(WaitOutcome::Failed(error));
        }
        self.not_before = now.mono.saturating_add(told.unwrap_or_default());
        self.due = Due::Ask;
        WaitStep::Pause(pause)
    }

    fn rest(&self, session: &mut Session, at_most: Duration) -> WaitStep {
        session.note(|| Event::Waiting {
            call: CallId(self.id),
            why: WaitReason::Poll,
            at_most,
        });
        WaitStep::Pause(at_most)
    }

    fn end(&mut self, outcome: WaitOutcome) -> WaitStep {
        self.due = Due::Over(Box::new(outcome));
        WaitStep::Done
    }

    fn asked_after_the_grace(&self) -> bool {
        self.link.is_some_and(|ends| ends.grace <= self.asked)
    }

    /// A poll comes as the link ends, and the last one as its grace does: who finished in time is not missed.
    fn longest_pause(&self, now: Now) -> Duration {
        let next = self.link.and_then(|ends| ends.next(self.asked));
        next.map_or(Duration::MAX, |ends| ends.saturating_sub(now.since(self.begun)))
    }

    /// How long to pause before the next poll; `None` if the caller's time leaves no room for one.
    fn length_of_pause(&self, now: Now, told: Option<Duration>, entropy: u64) -> Option<Duration> {
        let doublings = self.in_a_row.saturating_sub(1).min(31);
        let bound = self
            .policy
            .first
            .saturating_mul(1 << doublings)
            .min(self.policy.cap);
        let pause = bound
            .saturating_sub(part(bound / 10, entropy))
            .max(self.policy.first.min(bound))
            .min(self.longest_pause(now))
            .max(told.unwrap_or_default());
        let left = self.deadline.saturating_sub(now.mono);
        let reserve = self.policy.first / 2;
        if pause < left {
            return Some(pause);
        }
        // The last poll within the caller's time needs a little of it for itself.
        let last = left.checked_sub(reserve).filter(|last| !last.is_zero())?;
        (told.unwrap_or_default() <= last).then_some(last)
    }
}

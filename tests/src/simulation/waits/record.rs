//! What is known of one wait from outside, and what it is judged by.

use std::time::Duration;

use advance_core::session::{Event, WaitReason, Waited};
use advance_core::transport::Limits;
use advance_core::{Charges, WaitControl, WaitOutcome, WaitPolicy};

use super::super::line::{Fate, Outcome};
use super::super::violation::{Checked, Invariant, ensure};
use super::POLL;
use super::person::Person;

const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How long after the end of its link a result may come, by the policies that are drawn.
const GRACE: Duration = Duration::from_secs(60);

/// How long after that a wait may go on trying.
const AFTERWARDS: Duration = Duration::from_secs(120);

/// How long the vendor may not know a link that was just made.
const UNKNOWN_AT_FIRST: Duration = Duration::from_secs(60);

pub(super) enum Stage {
    NotBegun(Box<WaitPolicy>),
    Sending(Outcome),
    /// Until some time has passed.
    Resting,
    WaitsForToken,
    Over,
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "each says something else that was seen"
)]
pub(super) struct Record {
    pub(super) stage: Stage,
    /// Moves on with every step, so that an alarm of an earlier one is known for what it is.
    pub(super) epoch: u32,
    /// The number of its poll in the session.
    pub(super) call: u64,
    pub(super) handle: Option<WaitControl>,
    pub(super) cancelled: bool,
    pub(super) deadline: Duration,
    pub(super) polls: u32,
    /// It pauses between two polls, until then.
    pub(super) pauses_until: Option<Duration>,
    /// A nudge that it need not heed may wake it for nothing.
    pub(super) stirred: bool,
    /// It was nudged, and has paused no more since its next poll.
    nudged: bool,
    begun: Duration,
    link_ends: Option<Duration>,
    first: Duration,
    charged_polls: u32,
    unknown_id_is_unfinished: bool,
    bill: Charges,
    sends: u32,
    told_finished: bool,
    told_refused: bool,
    /// When the latest request for the result went out, if its reply got through.
    answered: Option<Duration>,
}

impl Record {
    pub(super) fn new(person: Person, handle: Option<WaitControl>, unknown_id_is_unfinished: bool) -> Self {
        Self {
            stage: Stage::NotBegun(Box::new(person.policy)),
            epoch: 0,
            call: 0,
            handle,
            cancelled: false,
            deadline: person.deadline,
            polls: 0,
            pauses_until: None,
            stirred: false,
            nudged: false,
            begun: person.begins,
            link_ends: person.link_ends,
            first: person.first,
            charged_polls: person.charged_polls,
            unknown_id_is_unfinished,
            bill: Charges::NONE,
            sends: 0,
            told_finished: false,
            told_refused: false,
            answered: None,
        }
    }

    /// The longest that a poll may take which begins now.
    pub(super) fn left(&self, at: Duration) -> Duration {
        POLL.min(self.deadline.saturating_sub(at))
    }

    pub(super) const fn is_nudged(&mut self) {
        self.nudged = true;
    }

    /// What the machine tells of it.
    pub(super) fn hears(&mut self, at: Duration, event: &Event) -> Checked {
        match event {
            Event::CallBegun { call, .. } => {
                self.call = call.get();
                self.polls += 1;
                let due = self.pauses_until.take().unwrap_or_default();
                ensure(Invariant::PollPace, self.nudged || due <= at, || {
                    format!("it asks although its pause goes on until {due:?}")
                })
            }
            Event::Waiting {
                why: WaitReason::Poll,
                at_most,
                ..
            } => {
                self.pauses_until = Some(at + *at_most);
                let long = self.polls > 0 && std::mem::take(&mut self.nudged) && self.first < *at_most;
                ensure(Invariant::PollPace, !long, || {
                    format!("it was nudged, and pauses for {at_most:?}")
                })
            }
            _ => Ok(()),
        }
    }

    /// Sends, and what will come of it.
    pub(super) fn sends(&mut self, at: Duration, limits: &Limits, fate: &Fate) -> Checked {
        ensure(Invariant::WaitsAreEnded, !self.cancelled, || {
            "it was cancelled, and sends".to_owned()
        })?;
        let bounded = at + limits.within <= self.deadline && !limits.within.is_zero();
        ensure(Invariant::BoundedTime, bounded, || {
            format!(
                "a request has {:?}, and the time ends at {:?}",
                limits.within, self.deadline
            )
        })?;
        self.bill += fate.bill;
        self.sends += 1;
        self.told_finished |= fate.finished;
        self.told_refused |= fate.refused;
        self.answered = fate.answered.then_some(at);
        Ok(())
    }

    pub(super) fn pauses(&self, at: Duration, longest: Duration) -> Checked {
        let bounded = at.saturating_add(longest) <= self.deadline;
        ensure(Invariant::BoundedTime, bounded, || {
            format!("a pause of {longest:?}, and the time ends at {:?}", self.deadline)
        })
    }

    pub(super) fn ends(&self, at: Duration, waited: &Waited) -> Checked {
        ensure(Invariant::WaitsEnd, at <= self.deadline, || {
            format!("it ends after its time, {:?}", self.deadline)
        })?;
        let last = self
            .link_ends
            .map_or(Duration::MAX, |ends| ends + GRACE + AFTERWARDS + POLL);
        ensure(Invariant::WaitsEnd, at <= last, || {
            format!("it ends long after its link, {:?}", self.link_ends)
        })?;
        let honest = waited.charges == self.bill && waited.sends == self.sends && waited.polls == self.polls;
        ensure(Invariant::TrueCharges, honest, || {
            format!(
                "it says {:?} for {} requests in {} polls, and {} in {} cost {:?}",
                waited.charges, waited.sends, waited.polls, self.sends, self.polls, self.bill
            )
        })?;
        let finished = matches!(waited.outcome, WaitOutcome::Finished(_));
        ensure(Invariant::AnswersAreKept, finished == self.told_finished, || {
            format!(
                "the vendor told the end: {}, the wait: {:?}",
                self.told_finished, waited.outcome
            )
        })?;
        let within_limit = finished || self.bill.pay <= u64::from(self.charged_polls);
        ensure(Invariant::TrueCharges, within_limit, || {
            format!(
                "{} were charged for nothing, and {} may be",
                self.bill.pay, self.charged_polls
            )
        })?;
        ensure(
            Invariant::NoEarlySurrender,
            self.may_end(at, &waited.outcome),
            || {
                format!(
                    "{:?}, its time ends at {:?} and its link at {:?}",
                    waited.outcome, self.deadline, self.link_ends
                )
            },
        )
    }

    fn may_end(&self, at: Duration, outcome: &WaitOutcome) -> bool {
        match outcome {
            // The vendor said after the grace that nothing was finished.
            WaitOutcome::LinkExpired => self
                .link_ends
                .is_some_and(|ends| self.answered.is_some_and(|asked| ends + GRACE <= asked)),
            WaitOutcome::ChargeLimit => self.bill.pay >= u64::from(self.charged_polls),
            WaitOutcome::TimedOut => self.deadline.saturating_sub(at) <= self.first,
            WaitOutcome::Cancelled => self.cancelled,
            WaitOutcome::Failed(_) if self.answered.is_none() => self
                .link_ends
                .is_some_and(|ends| ends + GRACE + AFTERWARDS < at + LONGEST_PAUSE),
            WaitOutcome::Failed(_) => {
                let fresh = self.link_ends.is_some() && at < self.begun + UNKNOWN_AT_FIRST;
                self.told_refused && !self.unknown_id_is_unfinished && !fresh
            }
            _ => true,
        }
    }
}

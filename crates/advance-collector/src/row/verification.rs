//! The row of a verification.

use std::time::Duration;

use advance_core::{Charges, SignatureId, UnixMillis};

use super::clock::{after, has_passed, lease};
use super::sabotage::Protection;
use super::{Broken, Doubt};
use crate::{
    AttemptId, Claim, Conclusion, Ending, Fence, Intended, Intent, Kind, Nudged, Pending, PictureRecord,
    Progress, Record, Settled, Settlement, State, Then, WantedPicture, Work,
};

/// A verification, as a store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// Names it.
    pub signature_id: SignatureId,
    /// Where it stands.
    pub state: State,
    /// While it waits: when it may be claimed. While it is asked about: when its lease is over.
    pub due: UnixMillis,
    /// The number of its latest claim.
    pub fence: Fence,
    /// Its latest attempt.
    pub attempt: Option<AttemptId>,
    /// See [`Progress::polls`].
    pub polls: u32,
    /// See [`Progress::barren`].
    pub barren: u32,
    /// See [`Progress::pauses`].
    pub pauses: u32,
    /// How many attempts were given up as doubts.
    pub doubts: u32,
    /// What its attempts cost.
    pub charges: Charges,
    /// When it was added.
    pub added: UnixMillis,
    /// When its link ends, by the vendor's clock.
    pub link_ends: Option<UnixMillis>,
    /// When it ended.
    pub ended: Option<UnixMillis>,
    /// How it ended.
    pub conclusion: Option<Conclusion>,
    /// 0, and one more with each outcome.
    pub revision: u32,
    /// The latest revision that the application was told.
    pub told: u32,
    /// When it is to be told next, if it is to be.
    pub tell_due: UnixMillis,
    /// How many times the latest outcome was handed out.
    pub tell_tries: u32,
    pub(super) broken: Broken,
}

/// What booking a settlement leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Booked {
    /// What became of it.
    pub settled: Settled,
    /// These are to be fetched from now on.
    pub pictures: Vec<WantedPicture>,
    /// This attempt is a doubt from now on.
    pub doubt: Option<Doubt>,
}

impl Booked {
    pub(super) const fn as_it_is(settled: Settled) -> Self {
        Self {
            settled,
            pictures: Vec::new(),
            doubt: None,
        }
    }
}

impl Row {
    /// The row of a verification that is added now.
    pub fn new(pending: &Pending, now: UnixMillis) -> Self {
        Self {
            signature_id: pending.signature_id.clone(),
            state: State::Waiting,
            due: after(now, pending.first_after),
            fence: 0,
            attempt: None,
            polls: 0,
            barren: 0,
            pauses: 0,
            doubts: 0,
            charges: Charges::NONE,
            added: now,
            link_ends: pending.link_ends,
            ended: None,
            conclusion: None,
            revision: 0,
            told: 0,
            tell_due: now,
            tell_tries: 0,
            broken: Broken::default(),
        }
    }

    /// Takes one protection away, to see whether anybody notices.
    #[cfg(feature = "sabotage")]
    #[must_use]
    pub const fn sabotaged(mut self, protection: Option<Protection>) -> Self {
        self.broken = Broken(protection);
        self
    }

    /// Whether it may be claimed.
    pub fn is_due(&self, now: UnixMillis) -> bool {
        self.state == State::Waiting && has_passed(self.due, now)
    }

    /// Claims it, if it may be.
    pub fn claim(&mut self, length: Duration, now: UnixMillis) -> Option<Claim> {
        if !self.is_due(now) {
            return None;
        }
        self.fence += 1;
        self.due = lease(now, length);
        let progress = Progress {
            polls: self.polls,
            barren: self.barren,
            pauses: self.pauses,
            doubts: self.doubts,
            added: self.added,
            link_ends: self.link_ends,
            now,
        };
        Some(Claim::new(
            self.signature_id.clone(),
            self.fence,
            Work::Result(progress),
        ))
    }

    /// Takes a claim back, if it is the latest and nothing was intended. Says whether it was.
    pub fn give_back(&mut self, fence: Fence, pause: Duration, now: UnixMillis) -> bool {
        let latest = self.state == State::Waiting && self.fence == fence;
        if latest {
            self.due = after(now, pause);
        }
        latest
    }

    /// Takes an attempt in.
    pub fn intend(&mut self, intent: &Intent, now: UnixMillis) -> Intended {
        let latest = self.state == State::Waiting && self.fence == intent.fence;
        if !latest && !self.broken.is(Protection::Fence) {
            return Intended::Fenced;
        }
        self.attempt = Some(intent.attempt);
        if !self.broken.is(Protection::Intent) {
            self.state = State::Asking;
            self.due = lease(now, intent.lease);
        }
        Intended::Committed
    }

    /// Books how its latest attempt ended.
    pub fn settle(&mut self, attempt: AttemptId, settlement: &Settlement, now: UnixMillis) -> Booked {
        let under_way = self.state == State::Asking
            || self.broken.is(Protection::Intent)
            || self.broken.is(Protection::AttemptId);
        if self.attempt != Some(attempt) || !under_way {
            return Booked::as_it_is(Settled::Already);
        }
        self.charges += settlement.charges;
        let mut booked = Booked::as_it_is(Settled::Booked);
        match &settlement.then {
            Then::Back(pause) => self.wait(*pause, now),
            Then::Again { after, barren } => {
                self.polls += 1;
                self.barren += u32::from(*barren);
                self.pauses += 1;
                self.wait(*after, now);
            }
            Then::Ended(conclusion, pictures) => {
                self.polls += 1;
                self.end(conclusion.clone(), now);
                booked.pictures.clone_from(pictures);
            }
            Then::Unsure(again) => {
                self.polls += 1;
                self.doubts += 1;
                self.pauses += 1;
                match again {
                    Some(pause) => self.wait(*pause, now),
                    None => self.end(Conclusion::of(Ending::Unsure), now),
                }
            }
            // Not of a result.
            Then::Kept { .. } | Then::PictureAgain { .. } | Then::PictureLost(_) => {
                self.wait(Duration::ZERO, now);
            }
        }
        booked
    }

    /// Books how an attempt ended that was given up as a doubt.
    pub fn resolve(&mut self, settlement: &Settlement, now: UnixMillis) -> Booked {
        self.charges.unknown = self.charges.unknown.saturating_sub(1);
        self.charges += settlement.charges;
        let mut booked = Booked::as_it_is(Settled::Late);
        match &settlement.then {
            Then::Ended(conclusion, pictures) if !matches!(self.state, State::Done | State::Failed) => {
                if self.state == State::Asking {
                    booked.doubt = self.doubt(now);
                }
                self.end(conclusion.clone(), now);
                booked.pictures.clone_from(pictures);
            }
            Then::Back(pause) | Then::Again { after: pause, .. } if self.state == State::Unsure => {
                self.conclusion = None;
                self.ended = None;
                self.wait(*pause, now);
            }
            _ => {}
        }
        booked
    }

    /// If its sender has vanished, counts a doubt, and waits again or ends.
    pub fn sweep(&mut self, doubts_allowed: u32, now: UnixMillis) -> Option<Doubt> {
        if self.state != State::Asking || !has_passed(self.due, now) {
            return None;
        }
        let doubt = self.doubt(now);
        self.polls += 1;
        self.pauses += 1;
        if self.doubts <= doubts_allowed {
            self.wait(Duration::ZERO, now);
        } else {
            self.end(Conclusion::of(Ending::Unsure), now);
        }
        doubt
    }

    /// The attempt under way is a doubt from now on.
    fn doubt(&mut self, now: UnixMillis) -> Option<Doubt> {
        self.doubts += 1;
        self.charges.unknown += 1;
        let attempt = self.attempt?;
        Some(Doubt::new(attempt, self.signature_id.clone(), Kind::Result, now))
    }

    /// The person is back.
    pub fn nudge(&mut self, now: UnixMillis) -> Nudged {
        match self.state {
            State::Waiting => {
                self.pauses = 0;
                self.due = now;
                Nudged::Due
            }
            State::Asking => {
                self.pauses = 0;
                Nudged::UnderWay
            }
            State::Done | State::Unsure | State::Failed => Nudged::Ended,
        }
    }

    /// Asks again, though there was a doubt. Says whether it ended as one.
    pub fn ask_again(&mut self, now: UnixMillis) -> bool {
        let was = self.state == State::Unsure;
        if was {
            self.conclusion = None;
            self.ended = None;
            self.pauses = 0;
            self.wait(Duration::ZERO, now);
        }
        was
    }

    /// What of its cost would be forgotten with it: an attempt under way counts as of unknown cost.
    pub fn charges_when_erased(&self) -> Charges {
        let mut charges = self.charges;
        if self.state == State::Asking {
            charges.unknown += 1;
        }
        charges
    }

    /// As it is shown.
    pub fn record(&self, pictures: Vec<PictureRecord>) -> Record {
        Record {
            signature_id: self.signature_id.clone(),
            state: self.state,
            conclusion: self.conclusion.clone(),
            charges: self.charges,
            polls: self.polls,
            doubts: self.doubts,
            added: self.added,
            link_ends: self.link_ends,
            ended: self.ended,
            revision: self.revision,
            told: self.told,
            pictures,
        }
    }

    fn wait(&mut self, pause: Duration, now: UnixMillis) {
        self.state = State::Waiting;
        self.due = after(now, pause);
    }

    fn end(&mut self, conclusion: Conclusion, now: UnixMillis) {
        self.state = conclusion.ending.state();
        self.ended = Some(now);
        self.conclusion = Some(conclusion);
        self.revision += 1;
        self.tell_due = now;
        self.tell_tries = 0;
    }
}

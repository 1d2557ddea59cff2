//! The row of a picture.

use std::time::Duration;

use advance_core::{ImageLink, SignatureId, UnixMillis};

use super::clock::{after, has_passed, lease};
use super::verification::Booked;
use super::{Doubt, Row};
use crate::{
    AttemptId, Claim, Fence, Intended, Intent, Kind, PictureRecord, PictureState, Settled, Settlement, Then,
    WantedPicture, Work,
};

/// A picture, as a store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PictureRow {
    /// Of which verification.
    pub signature_id: SignatureId,
    /// Which one.
    pub kind: Kind,
    /// Where it stands.
    pub state: PictureState,
    /// While it waits: when it may be claimed. While it is fetched: when its lease is over.
    pub due: UnixMillis,
    /// The number of its latest claim.
    pub fence: Fence,
    /// Its latest attempt.
    pub attempt: Option<AttemptId>,
    /// Whether that attempt may cost something.
    pub may_cost: bool,
    /// Where the picture is; forgotten once it is kept or lost.
    pub link: Option<ImageLink>,
    /// When the link came.
    pub received: UnixMillis,
    /// How many attempts failed.
    pub tries: u32,
    /// How many times another link was asked for.
    pub asked_again: u32,
    /// SHA-256 of what was kept.
    pub sha256: Option<String>,
    /// How many bytes were kept.
    pub bytes: Option<u64>,
    /// Why it is lost.
    pub lost: Option<String>,
}

/// What looking for the sender of a picture's attempt found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SweptPicture {
    /// Nothing is amiss.
    UnderWay,
    /// It has vanished, at no cost.
    DueAgain,
    /// It has vanished, and what it asked may have been charged.
    Doubt(Doubt),
}

impl PictureRow {
    /// A picture to fetch from now on.
    pub fn new(signature_id: SignatureId, wanted: &WantedPicture, now: UnixMillis) -> Self {
        Self {
            signature_id,
            kind: wanted.kind,
            state: PictureState::Waiting,
            due: now,
            fence: 0,
            attempt: None,
            may_cost: false,
            link: Some(wanted.link.clone()),
            received: now,
            tries: 0,
            asked_again: 0,
            sha256: None,
            bytes: None,
            lost: None,
        }
    }

    /// Claims it, if it may be.
    pub fn claim(&mut self, length: Duration, now: UnixMillis) -> Option<Claim> {
        if self.state != PictureState::Waiting || !has_passed(self.due, now) {
            return None;
        }
        self.fence += 1;
        self.due = lease(now, length);
        let work = Work::picture(self.kind, self.link.clone(), self.received, now);
        let work = work.after(self.tries, self.asked_again);
        Some(Claim::new(self.signature_id.clone(), self.fence, work))
    }

    /// Takes a claim back, if it is the latest and nothing was intended. Says whether it was.
    pub fn give_back(&mut self, fence: Fence, pause: Duration, now: UnixMillis) -> bool {
        let latest = self.state == PictureState::Waiting && self.fence == fence;
        if latest {
            self.due = after(now, pause);
        }
        latest
    }

    /// Takes an attempt in.
    pub fn intend(&mut self, intent: &Intent, now: UnixMillis) -> Intended {
        if self.state != PictureState::Waiting || self.fence != intent.fence {
            return Intended::Fenced;
        }
        self.state = PictureState::Asking;
        self.attempt = Some(intent.attempt);
        self.may_cost = intent.may_cost;
        self.due = lease(now, intent.lease);
        Intended::Committed
    }

    /// Books how its latest attempt ended; what that cost is its verification's.
    pub fn settle(
        &mut self,
        row: &mut Row,
        attempt: AttemptId,
        settlement: &Settlement,
        now: UnixMillis,
    ) -> Booked {
        if self.attempt != Some(attempt) || self.state != PictureState::Asking {
            return Booked::as_it_is(Settled::Already);
        }
        row.charges += settlement.charges;
        self.asked_again += u32::from(self.may_cost);
        match &settlement.then {
            Then::Kept { sha256, bytes } => {
                self.state = PictureState::Kept;
                self.link = None;
                self.sha256 = Some(sha256.clone());
                self.bytes = Some(*bytes);
            }
            Then::PictureAgain {
                after: pause,
                link,
                fresh,
            } => {
                self.link.clone_from(link);
                if *fresh {
                    self.received = now;
                    self.tries = 0;
                } else {
                    self.tries += 1;
                }
                self.wait(*pause, now);
            }
            Then::PictureLost(why) => self.lose(why),
            Then::Unsure(_) => {
                row.doubts += 1;
                self.lose("asking for another link ended in a doubt");
            }
            Then::Back(pause) => {
                self.asked_again -= u32::from(self.may_cost);
                self.wait(*pause, now);
            }
            // Not of a picture.
            Then::Again { .. } | Then::Ended(..) => self.wait(Duration::ZERO, now),
        }
        Booked::as_it_is(Settled::Booked)
    }

    /// If its sender has vanished: due again if that cannot have cost anything, else a doubt.
    pub fn sweep(&mut self, row: &mut Row, now: UnixMillis) -> SweptPicture {
        if self.state != PictureState::Asking || !has_passed(self.due, now) {
            return SweptPicture::UnderWay;
        }
        if !self.may_cost {
            self.tries += 1;
            self.wait(Duration::ZERO, now);
            return SweptPicture::DueAgain;
        }
        row.doubts += 1;
        row.charges.unknown += 1;
        self.lose("asking for another link ended in a doubt");
        match self.attempt {
            Some(attempt) => {
                SweptPicture::Doubt(Doubt::new(attempt, self.signature_id.clone(), self.kind, now))
            }
            None => SweptPicture::DueAgain,
        }
    }

    /// As it is shown.
    pub fn record(&self) -> PictureRecord {
        PictureRecord {
            kind: self.kind,
            state: self.state,
            sha256: self.sha256.clone(),
            bytes: self.bytes,
            lost: self.lost.clone(),
        }
    }

    fn wait(&mut self, pause: Duration, now: UnixMillis) {
        self.state = PictureState::Waiting;
        self.due = after(now, pause);
    }

    fn lose(&mut self, why: &str) {
        self.state = PictureState::Lost;
        self.link = None;
        self.lost = Some(why.to_owned());
    }
}

//! What a store is asked, and what it answers.

use std::fmt;
use std::time::Duration;

use advance_core::{Charges, ImageLink, SignatureId, UnixMillis};

use crate::{AttemptId, Conclusion, State};

/// The number of a claim, higher with each of the same verification and kind.
pub type Fence = u64;

/// What an attempt is after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The result.
    Result,
    /// The full picture.
    Image,
    /// The picture cropped to the card.
    CroppedImage,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Result, Self::Image, Self::CroppedImage];

    /// One word that does not change: `result`, `image`, `cropped_image`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Result => "result",
            Self::Image => "image",
            Self::CroppedImage => "cropped_image",
        }
    }
}

/// What to claim.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wanted {
    /// How many at the most.
    pub limit: usize,
    /// How long they are the claimer's. No longer than an hour: a longer one is cut.
    pub lease: Duration,
    /// Only what belongs to this verification.
    pub only: Option<SignatureId>,
}

impl Wanted {
    /// So many, for so long.
    pub const fn new(limit: usize, lease: Duration) -> Self {
        Self {
            limit,
            lease,
            only: None,
        }
    }

    /// Only what belongs to this verification.
    #[must_use]
    pub fn only(mut self, signature_id: SignatureId) -> Self {
        self.only = Some(signature_id);
        self
    }
}

/// Something that is due, and the claimer's for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claim {
    /// Of which verification.
    pub signature_id: SignatureId,
    /// The number of this claim.
    pub fence: Fence,
    /// What is to be done.
    pub work: Work,
}

impl Claim {
    /// This work, claimed.
    pub const fn new(signature_id: SignatureId, fence: Fence, work: Work) -> Self {
        Self {
            signature_id,
            fence,
            work,
        }
    }

    /// What it is after.
    pub const fn kind(&self) -> Kind {
        match self.work {
            Work::Result(_) => Kind::Result,
            Work::Picture { kind, .. } => kind,
        }
    }
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Work {
    /// Ask how the verification ended.
    Result(Progress),
    /// Fetch a picture.
    #[non_exhaustive]
    Picture {
        /// Which one.
        kind: Kind,
        /// Where it is, unless its link has ended and another one is to be asked for.
        link: Option<ImageLink>,
        /// When the reply that brought the link came, by the store's clock.
        received: UnixMillis,
        /// The store's clock.
        now: UnixMillis,
        /// How many attempts failed.
        tries: u32,
        /// How many times another link was asked for.
        asked_again: u32,
    },
}

impl Work {
    /// A picture to fetch, not tried yet.
    pub const fn picture(kind: Kind, link: Option<ImageLink>, received: UnixMillis, now: UnixMillis) -> Self {
        Self::Picture {
            kind,
            link,
            received,
            now,
            tries: 0,
            asked_again: 0,
        }
    }

    /// The same after so many failed attempts, and so many questions for another link.
    #[must_use]
    pub fn after(mut self, failed: u32, questions: u32) -> Self {
        if let Self::Picture {
            tries, asked_again, ..
        } = &mut self
        {
            (*tries, *asked_again) = (failed, questions);
        }
        self
    }
}

/// How far waiting for a verification has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// How many times it was asked about and an answer came, or may have.
    pub polls: u32,
    /// How many of those answers were charged and brought nothing.
    pub barren: u32,
    /// How many pauses there were since it was added or nudged.
    pub pauses: u32,
    /// How many attempts were given up as doubts.
    pub doubts: u32,
    /// When it was added, by the store's clock.
    pub added: UnixMillis,
    /// When its link ends, by the vendor's.
    pub link_ends: Option<UnixMillis>,
    /// The store's clock at the claim.
    pub now: UnixMillis,
}

impl Progress {
    /// None yet, of a verification that was added at this time.
    pub const fn new(added: UnixMillis, link_ends: Option<UnixMillis>) -> Self {
        Self {
            polls: 0,
            barren: 0,
            pauses: 0,
            doubts: 0,
            added,
            link_ends,
            now: added,
        }
    }
}

/// An attempt that is about to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Intent {
    /// Of which verification.
    pub signature_id: SignatureId,
    /// After what.
    pub kind: Kind,
    /// By which claim.
    pub fence: Fence,
    /// Its name.
    pub attempt: AttemptId,
    /// Whether it may cost something. If its sender vanishes, it is a doubt then.
    pub may_cost: bool,
    /// How long until its sender counts as vanished. No longer than an hour: a longer one is cut.
    pub lease: Duration,
}

impl Intent {
    /// An attempt on what was claimed.
    pub fn new(claim: &Claim, attempt: AttemptId, may_cost: bool, lease: Duration) -> Self {
        Self {
            signature_id: claim.signature_id.clone(),
            kind: claim.kind(),
            fence: claim.fence,
            attempt,
            may_cost,
            lease,
        }
    }
}

/// Whether an attempt may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "nothing may be sent for an attempt that is fenced off"]
pub enum Intended {
    /// It is committed.
    Committed,
    /// The claim is somebody else's by now.
    Fenced,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settlement {
    /// What its requests cost.
    pub charges: Charges,
    /// What follows.
    pub then: Then,
}

impl Settlement {
    /// So much was spent, and this follows.
    pub const fn new(charges: Charges, then: Then) -> Self {
        Self { charges, then }
    }
}

/// What follows an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Then {
    /// Certainly nothing was sent: as if it had not been claimed, and due after this pause.
    Back(Duration),
    /// Of a result: not finished yet.
    #[non_exhaustive]
    Again {
        /// Due after this pause.
        after: Duration,
        /// Whether it was charged, and brought nothing.
        barren: bool,
    },
    /// Of a result: it ended like this, and these pictures are to be fetched.
    Ended(Conclusion, Vec<WantedPicture>),
    /// Its answer never came, and it may have been charged; its cost is among the charges as unknown. A result is due again
    /// after the pause, if there is one, else it ends as unsure. A picture is lost.
    Unsure(Option<Duration>),
    /// Of a picture: the sink has it.
    #[non_exhaustive]
    Kept {
        /// SHA-256 of its bytes, in hexadecimal digits.
        sha256: String,
        /// How many bytes it has.
        bytes: u64,
    },
    /// Of a picture: due again after this pause, at this link or, without one, by asking for another link.
    #[non_exhaustive]
    PictureAgain {
        /// The pause.
        after: Duration,
        /// The link.
        link: Option<ImageLink>,
        /// Whether the link is a new one.
        fresh: bool,
    },
    /// Of a picture: it cannot be had, for this reason.
    PictureLost(String),
}

impl Then {
    /// After which pause there is more to do about the verification, if there is. Its pictures are due at once.
    pub(crate) fn more_after(&self) -> Option<Duration> {
        match self {
            Self::Back(after) | Self::Again { after, .. } | Self::PictureAgain { after, .. } => Some(*after),
            Self::Unsure(after) => *after,
            Self::Ended(_, pictures) => (!pictures.is_empty()).then_some(Duration::ZERO),
            Self::Kept { .. } | Self::PictureLost(_) => None,
        }
    }

    /// Not finished: asked about again after this pause.
    pub const fn again(after: Duration, barren: bool) -> Self {
        Self::Again { after, barren }
    }

    /// The sink has a picture of this hash and length.
    pub const fn kept(sha256: String, bytes: u64) -> Self {
        Self::Kept { sha256, bytes }
    }

    /// The picture is fetched again, at this link, which is a new one or the same.
    pub const fn picture_again(after: Duration, link: Option<ImageLink>, fresh: bool) -> Self {
        Self::PictureAgain { after, link, fresh }
    }
}

/// A picture to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WantedPicture {
    /// Which one.
    pub kind: Kind,
    /// Where it is. A secret, to be forgotten once it has served.
    pub link: ImageLink,
}

impl WantedPicture {
    /// This picture, from there.
    pub const fn new(kind: Kind, link: ImageLink) -> Self {
        Self { kind, link }
    }
}

/// What became of a settlement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Settled {
    /// It is booked.
    Booked,
    /// It is booked, after the attempt had been given up as a doubt.
    Late,
    /// It was booked before, or its verification was erased.
    Already,
}

/// What became of a nudge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Nudged {
    /// It is due now.
    Due,
    /// An attempt is under way; the next one comes soon after it.
    UnderWay,
    /// It has ended.
    Ended,
    /// It is not known.
    Unknown,
}

/// What is left to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rest {
    /// How long until there is something to claim or to sweep; nothing if all have ended.
    pub due: Option<Duration>,
    /// How long until there is something to tell; nothing if all were told.
    pub untold: Option<Duration>,
}

impl Rest {
    /// So long until something is due, and until something is to be told.
    pub const fn new(due: Option<Duration>, untold: Option<Duration>) -> Self {
        Self { due, untold }
    }

    /// Whether nothing is left.
    pub const fn is_done(&self) -> bool {
        self.due.is_none() && self.untold.is_none()
    }
}

/// An outcome to tell the application.
///
/// It comes at least once; [`id`](Self::id) is the same each time. A verification has one outcome, with one exception: one
/// that ended as unsure may be resolved later, and then comes as another event with a higher revision.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// Of which verification.
    pub signature_id: SignatureId,
    /// 1, and one more if it was resolved after it had ended as unsure.
    pub revision: u32,
    /// How it ended.
    pub conclusion: Conclusion,
    /// What all its attempts cost.
    pub charges: Charges,
    /// How many times it was handed out, this time included.
    pub tries: u32,
}

impl Event {
    /// An outcome that is handed out for the first time.
    pub const fn new(
        signature_id: SignatureId,
        revision: u32,
        conclusion: Conclusion,
        charges: Charges,
    ) -> Self {
        Self {
            signature_id,
            revision,
            conclusion,
            charges,
            tries: 1,
        }
    }

    /// Names the event, to deduplicate by.
    pub fn id(&self) -> String {
        format!("{}.{}", self.signature_id.as_str(), self.revision)
    }
}

/// How many verifications stand where, and what they cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// Not ended: due later, due now, or being asked about.
    pub waiting: u64,
    /// Ended with a result.
    pub done: u64,
    /// Ended with a doubt.
    pub unsure: u64,
    /// Ended without a result.
    pub failed: u64,
    /// Pictures still to be fetched.
    pub pictures: u64,
    /// Outcomes that the application has not been told.
    pub untold: u64,
    /// What all attempts cost, those of erased verifications included.
    pub charges: Charges,
}

/// One verification, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// Names it.
    pub signature_id: SignatureId,
    /// Where it stands.
    pub state: State,
    /// How it ended, if it has.
    pub conclusion: Option<Conclusion>,
    /// What its attempts cost.
    pub charges: Charges,
    /// How many times it was asked about.
    pub polls: u32,
    /// How many attempts were given up as doubts, those that were resolved later included.
    pub doubts: u32,
    /// When it was added, by the store's clock.
    pub added: UnixMillis,
    /// When its link ends, by the vendor's.
    pub link_ends: Option<UnixMillis>,
    /// When it ended, by the store's clock.
    pub ended: Option<UnixMillis>,
    /// 0, or the revision of its latest outcome.
    pub revision: u32,
    /// 0, or the revision of the latest outcome that the application was told.
    pub told: u32,
    /// Its pictures.
    pub pictures: Vec<PictureRecord>,
}

impl Record {
    /// A verification that was just added.
    pub const fn new(signature_id: SignatureId, added: UnixMillis, link_ends: Option<UnixMillis>) -> Self {
        Self {
            signature_id,
            state: State::Waiting,
            conclusion: None,
            charges: Charges::NONE,
            polls: 0,
            doubts: 0,
            added,
            link_ends,
            ended: None,
            revision: 0,
            told: 0,
            pictures: Vec::new(),
        }
    }
}

/// One picture, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PictureRecord {
    /// Which one.
    pub kind: Kind,
    /// Where it stands.
    pub state: PictureState,
    /// SHA-256 of its bytes, in hexadecimal digits, once it is kept.
    pub sha256: Option<String>,
    /// How many bytes it has, once it is kept.
    pub bytes: Option<u64>,
    /// Why it is lost, if it is.
    pub lost: Option<String>,
}

impl PictureRecord {
    /// A picture that stands there.
    pub const fn new(kind: Kind, state: PictureState) -> Self {
        Self {
            kind,
            state,
            sha256: None,
            bytes: None,
            lost: None,
        }
    }
}

/// Where a picture stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PictureState {
    /// To be fetched when it is due.
    Waiting,
    /// An attempt is committed.
    Asking,
    /// The sink has it.
    Kept,
    /// It cannot be had.
    Lost,
}

impl PictureState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Asking, Self::Kept, Self::Lost];

    /// One word that does not change: `waiting`, `asking`, `kept`, `lost`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Asking => "asking",
            Self::Kept => "kept",
            Self::Lost => "lost",
        }
    }
}

macro_rules! word {
    ($($name:ident)+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::UnknownWord;

            fn from_str(text: &str) -> Result<Self, crate::UnknownWord> {
                let known = Self::ALL.into_iter().find(|value| value.as_str() == text);
                known.ok_or(crate::UnknownWord)
            }
        }
    )+};
}

word!(Kind PictureState);

//! One outcome on its way to a receiver.

use std::fmt;
use std::str::FromStr;

use advance_core::{SignatureId, UnixMillis};

use crate::UnknownWord;

/// An outcome that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewLetter {
    /// Names the letter, the same each time that it is sent.
    pub id: String,
    /// Of which verification.
    pub signature_id: SignatureId,
    /// 1, and one more if the verification was resolved after it had ended as unsure.
    pub revision: u32,
    /// What is sent. It is kept as it is: no word of the person's belongs here.
    pub body: String,
}

/// A letter in an outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Letter {
    /// Names the letter, the same each time that it is sent.
    pub id: String,
    /// Of which verification.
    pub signature_id: SignatureId,
    /// 1, and one more if the verification was resolved after it had ended as unsure.
    pub revision: u32,
    /// What is sent.
    pub body: String,
    /// Where it stands.
    pub state: LetterState,
    /// How many times it was sent in vain.
    pub failures: u32,
    /// When it was put there.
    pub written: UnixMillis,
    /// When it is sent next, or was last. While it is being sent: when its lease is over.
    pub due: UnixMillis,
    /// How the latest attempt ended, if it failed.
    pub trouble: Option<String>,
}

/// Where a letter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LetterState {
    /// To be sent when it is due.
    Waiting,
    /// The receiver took it.
    Delivered,
    /// It was sent as often as the schedule says, and never taken.
    Dead,
}

/// How many letters stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LetterCounts {
    /// To be sent.
    pub waiting: u64,
    /// Taken.
    pub delivered: u64,
    /// Given up.
    pub dead: u64,
    /// When the oldest of those that wait was written.
    pub oldest: Option<UnixMillis>,
}

impl NewLetter {
    /// A letter of this name about this revision of a verification's outcome.
    pub fn new(
        id: impl Into<String>,
        signature_id: SignatureId,
        revision: u32,
        body: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            signature_id,
            revision,
            body: body.into(),
        }
    }
}

impl Letter {
    /// A letter that is put into an outbox now.
    pub fn new(letter: &NewLetter, now: UnixMillis) -> Self {
        Self {
            id: letter.id.clone(),
            signature_id: letter.signature_id.clone(),
            revision: letter.revision,
            body: letter.body.clone(),
            state: LetterState::Waiting,
            failures: 0,
            written: now,
            due: now,
            trouble: None,
        }
    }
}

impl LetterCounts {
    /// Adds so many letters of this state, the oldest of which was written then.
    pub fn add(&mut self, state: LetterState, count: u64, oldest: Option<UnixMillis>) {
        match state {
            LetterState::Waiting => {
                self.waiting += count;
                self.oldest = self.oldest.into_iter().chain(oldest).min();
            }
            LetterState::Delivered => self.delivered += count,
            LetterState::Dead => self.dead += count,
        }
    }
}

impl LetterState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Delivered, Self::Dead];

    /// One word that does not change: `waiting`, `delivered`, `dead`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}

impl fmt::Display for LetterState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for LetterState {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let known = Self::ALL.into_iter().find(|value| value.as_str() == text);
        known.ok_or(UnknownWord)
    }
}

//! One caller, and where it stands.

use std::time::Duration;

use advance_core::Verification;
use advance_core::session::{Generation, Response, Wait};
use http::Request;

use super::scope::Asks;
use crate::simulation::hand::Hand;

/// What a call brings.
#[expect(clippy::large_enum_variant, reason = "each lives for a moment")]
pub(super) enum Brought {
    Verification(Response<Verification>),
    Other,
}

/// Where a caller stands.
pub(super) enum Stage {
    NotBegun,
    /// Its request is under way, until its limit.
    Sending(Box<Request<Vec<u8>>>, Duration),
    Sleeping(Duration),
    /// Waits for a token, until then at the longest, while the generation is this one.
    Waiting(Duration, Generation),
    Over,
}

pub(super) struct Strand {
    pub(super) asks: Asks,
    pub(super) stage: Stage,
    /// Its call's number in the session.
    pub(super) call: u64,
    pub(super) hand: Option<Box<dyn Hand<Brought>>>,
    pub(super) wait: Option<Wait>,
    /// Its place in the batch.
    pub(super) number: Option<usize>,
    pub(super) gave_up: bool,
}

impl Strand {
    pub(super) const fn new(asks: Asks) -> Self {
        Self {
            asks,
            stage: Stage::NotBegun,
            call: 0,
            hand: None,
            wait: None,
            number: None,
            gave_up: false,
        }
    }

    /// When time alone moves it on.
    pub(super) const fn due(&self) -> Option<Duration> {
        match &self.stage {
            Stage::Sending(_, due) | Stage::Sleeping(due) | Stage::Waiting(due, _) => Some(*due),
            Stage::NotBegun | Stage::Over => None,
        }
    }

    pub(super) const fn is_under_way(&self) -> bool {
        self.due().is_some()
    }
}

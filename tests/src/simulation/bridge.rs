//! What the clients of the simulation have in place of a network, a clock and somebody who listens: the world.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use advance_core::Now;
use advance_core::session::{Event, WaitReason};

use super::hand::Outcome;
use super::machine::Turn;

/// Where a client and the world meet.
pub(super) struct Meeting {
    pub(super) now: Now,
    /// The call that runs just now.
    pub(super) current: Option<usize>,
    /// What each asks for that has come to rest.
    pub(super) asked: BTreeMap<usize, Turn>,
    /// What came of their requests.
    pub(super) outcomes: BTreeMap<usize, Outcome>,
    pub(super) events: Vec<Event>,
    /// The call that runs waits, for this reason and at most so long.
    pub(super) waits: Option<(WaitReason, Duration)>,
}

impl Meeting {
    pub(super) const fn new(now: Now) -> Self {
        Self {
            now,
            current: None,
            asked: BTreeMap::new(),
            outcomes: BTreeMap::new(),
            events: Vec::new(),
            waits: None,
        }
    }

    /// An observer's.
    pub(super) fn hears(&mut self, event: &Event) {
        if let Event::Waiting { why, at_most, .. } = event {
            self.waits = Some((*why, *at_most));
        }
        self.events.push(event.clone());
    }

    /// What the call that runs asks for.
    pub(super) fn asks(&mut self, turn: Turn) {
        if let Some(call) = self.current {
            self.asked.insert(call, turn);
        }
    }
}

/// Whether it is over as soon as there is news of the token.
pub(super) const fn is_for_a_token(why: WaitReason) -> bool {
    matches!(why, WaitReason::Token | WaitReason::HeldOff)
}

/// Nothing panics while it is held.
pub(super) fn lock(meeting: &Arc<Mutex<Meeting>>) -> MutexGuard<'_, Meeting> {
    meeting.lock().unwrap_or_else(PoisonError::into_inner)
}

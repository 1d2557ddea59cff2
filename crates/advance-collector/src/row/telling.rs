//! What of a row is to be told.

use std::time::Duration;

use advance_core::UnixMillis;

use super::Row;
use super::clock::{after, has_passed};
use crate::Event;

impl Row {
    /// Whether it has an outcome that the application was not told.
    pub const fn is_untold(&self) -> bool {
        self.conclusion.is_some() && self.told < self.revision
    }

    /// Hands its outcome out, if that is due.
    pub fn tell(&mut self, again_after: Duration, now: UnixMillis) -> Option<Event> {
        if !self.is_untold() || !has_passed(self.tell_due, now) {
            return None;
        }
        self.tell_due = after(now, again_after);
        self.tell_tries = self.tell_tries.saturating_add(1);
        let conclusion = self.conclusion.clone()?;
        let mut event = Event::new(self.signature_id.clone(), self.revision, conclusion, self.charges);
        event.tries = self.tell_tries;
        Some(event)
    }

    /// The application has this revision of its outcome.
    pub fn told(&mut self, revision: u32) {
        self.told = self.told.max(revision.min(self.revision));
    }
}

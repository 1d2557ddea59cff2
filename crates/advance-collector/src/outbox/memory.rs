//! Letters in memory: the model that others are compared with.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use advance_core::{SignatureId, UnixMillis};

use super::{BEYOND, Letter, LetterCounts, LetterState, NewLetter, Outbox};
use crate::StoreError;

/// An outbox in memory. It survives nothing: for tests, and as the model of what an outbox does. Clones are the same outbox.
#[derive(Clone)]
pub struct MemoryOutbox {
    kept: Arc<Mutex<Kept>>,
    clock: Arc<dyn Fn() -> UnixMillis + Send + Sync>,
}

#[derive(Default)]
struct Kept {
    letters: BTreeMap<String, Letter>,
    open: bool,
}

impl fmt::Debug for MemoryOutbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryOutbox").finish_non_exhaustive()
    }
}

impl Default for MemoryOutbox {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryOutbox {
    /// An empty outbox with the machine's clock.
    pub fn new() -> Self {
        Self::with_clock(|| SystemTime::now().into())
    }

    /// An empty outbox with this clock.
    pub fn with_clock(clock: impl Fn() -> UnixMillis + Send + Sync + 'static) -> Self {
        Self {
            kept: Arc::default(),
            clock: Arc::new(clock),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> UnixMillis {
        (self.clock)()
    }
}

impl Kept {
    /// Whether it waits, and no earlier letter about the same verification does.
    fn is_first(&self, one: &Letter) -> bool {
        let earlier = |other: &Letter| {
            other.signature_id == one.signature_id
                && other.revision < one.revision
                && other.state == LetterState::Waiting
        };
        one.state == LetterState::Waiting && !self.letters.values().any(earlier)
    }

    fn forget(&mut self, forgets: impl Fn(&Letter) -> bool) -> u64 {
        let before = self.letters.len();
        self.letters.retain(|_, letter| !forgets(letter));
        (before - self.letters.len()) as u64
    }
}

fn again(letter: &mut Letter, now: UnixMillis) {
    letter.state = LetterState::Waiting;
    letter.failures = 0;
    letter.due = now;
}

impl Outbox for MemoryOutbox {
    fn is_open(&self) -> Result<bool, StoreError> {
        Ok(self.lock().open)
    }

    fn set_open(&self, open: bool) -> Result<(), StoreError> {
        self.lock().open = open;
        Ok(())
    }

    fn put(&self, letter: &NewLetter) -> Result<bool, StoreError> {
        let mut kept = self.lock();
        let stands_in_the_way = |other: &Letter| {
            other.id == letter.id
                || (other.signature_id == letter.signature_id && other.revision > letter.revision)
        };
        if kept.letters.values().any(stands_in_the_way) {
            return Ok(false);
        }
        kept.letters
            .insert(letter.id.clone(), Letter::new(letter, self.now()));
        Ok(true)
    }

    fn claim(&self, limit: usize, lease: Duration) -> Result<Vec<Letter>, StoreError> {
        let (mut kept, now) = (self.lock(), self.now());
        let is_due = |due: UnixMillis| due <= now || due > now.saturating_add(BEYOND);
        let due = kept.letters.values().filter(|letter| is_due(letter.due));
        let mut due: Vec<_> = due
            .filter(|letter| kept.is_first(letter))
            .map(|letter| (letter.due, letter.id.clone()))
            .collect();
        due.sort();
        let mut claimed = Vec::new();
        for (_, id) in due.into_iter().take(limit) {
            if let Some(letter) = kept.letters.get_mut(&id) {
                letter.due = now.saturating_add(lease.min(BEYOND));
                claimed.push(letter.clone());
            }
        }
        Ok(claimed)
    }

    fn delivered(&self, letter: &Letter) -> Result<(), StoreError> {
        let now = self.now();
        if let Some(letter) = self.lock().letters.get_mut(&letter.id) {
            letter.state = LetterState::Delivered;
            letter.trouble = None;
            letter.due = now;
        }
        Ok(())
    }

    fn failed(&self, letter: &Letter, why: &str, again_after: Option<Duration>) -> Result<bool, StoreError> {
        let now = self.now();
        let mut kept = self.lock();
        let found = kept.letters.get_mut(&letter.id);
        let Some(found) =
            found.filter(|found| found.state == LetterState::Waiting && found.due == letter.due)
        else {
            return Ok(false);
        };
        if again_after.is_none() {
            found.state = LetterState::Dead;
        }
        found.failures += 1;
        found.trouble = Some(why.to_owned());
        found.due = now.saturating_add(again_after.unwrap_or_default().min(BEYOND));
        Ok(true)
    }

    fn next(&self) -> Result<Option<Duration>, StoreError> {
        let (kept, now) = (self.lock(), self.now());
        let first = kept.letters.values().filter(|letter| kept.is_first(letter));
        Ok(first.map(|letter| letter.due.saturating_since(now)).min())
    }

    fn counts(&self) -> Result<LetterCounts, StoreError> {
        let mut counts = LetterCounts::default();
        for letter in self.lock().letters.values() {
            counts.add(letter.state, 1, Some(letter.written));
        }
        Ok(counts)
    }

    fn list(&self, state: LetterState, limit: usize) -> Result<Vec<Letter>, StoreError> {
        let kept = self.lock();
        let found = kept.letters.values().filter(|letter| letter.state == state);
        let mut found: Vec<_> = found.cloned().collect();
        // Those of the same time stay in the order of their ids.
        found.sort_by_key(|letter| letter.written);
        found.truncate(limit);
        Ok(found)
    }

    fn get(&self, id: &str) -> Result<Option<Letter>, StoreError> {
        Ok(self.lock().letters.get(id).cloned())
    }

    fn resend(&self, id: &str) -> Result<bool, StoreError> {
        let (mut kept, now) = (self.lock(), self.now());
        let Some(letter) = kept.letters.get_mut(id) else {
            return Ok(false);
        };
        again(letter, now);
        Ok(true)
    }

    fn resend_dead(&self) -> Result<u64, StoreError> {
        let (mut kept, now) = (self.lock(), self.now());
        let dead = kept.letters.values_mut();
        let mut count = 0;
        for letter in dead.filter(|letter| letter.state == LetterState::Dead) {
            again(letter, now);
            count += 1;
        }
        Ok(count)
    }

    fn forget(&self, signature_id: &SignatureId) -> Result<(), StoreError> {
        self.lock().forget(|letter| letter.signature_id == *signature_id);
        Ok(())
    }

    fn forget_delivered(&self, signature_id: &SignatureId) -> Result<(), StoreError> {
        self.lock()
            .forget(|letter| letter.signature_id == *signature_id && letter.state == LetterState::Delivered);
        Ok(())
    }

    fn prune(&self, age: Duration) -> Result<u64, StoreError> {
        let now = self.now();
        let is_old =
            |letter: &Letter| letter.state == LetterState::Delivered && letter.due.saturating_add(age) < now;
        Ok(self.lock().forget(is_old))
    }
}

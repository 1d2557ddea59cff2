//! Acting on a wait from outside: ending it, or telling it that the person is back.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError};
use std::task::Waker;

use super::shared::{Account, quietly};
use super::sync::{Mutex, MutexGuard};
use crate::charge::Charges;
use crate::error::Error;

/// Acts on waits that were given it, from any thread or task. Clones are the same handle.
///
/// ```
/// use advance_core::WaitControl;
///
/// let control = WaitControl::new();
/// // In the handler of the return URL: the browser came back.
/// let elsewhere = control.clone();
/// std::thread::spawn(move || elsewhere.nudge()).join().unwrap();
/// // As the program shuts down.
/// control.cancel();
/// assert!(control.is_cancelled());
/// ```
#[derive(Clone, Default)]
pub struct WaitControl(Arc<Mutex<State>>);

impl fmt::Debug for WaitControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The lock is not held while a stranger's writer writes.
        let cancelled = self.is_cancelled();
        f.debug_struct("WaitControl")
            .field("cancelled", &cancelled)
            .finish()
    }
}

#[derive(Default)]
struct State {
    cancelled: bool,
    nudges: u64,
    registered: u64,
    sleepers: BTreeMap<u64, Waker>,
}

impl WaitControl {
    /// A handle that has not been used yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends every wait that was given this handle, and every later one. A pause ends at once. A request that is under way
    /// is seen to its end first, which its limits bound: it may have been charged, and may bring the result.
    pub fn cancel(&self) {
        self.act(|state| state.cancelled = true);
    }

    /// Tells the waits that the person is back: a wait that pauses asks now, and its pauses are short again. A wait whose
    /// request is under way sends no second one beside it. A pause that the server asked for is kept.
    pub fn nudge(&self) {
        self.act(|state| state.nudges = state.nudges.wrapping_add(1));
    }

    /// Whether [`cancel`](Self::cancel) was called.
    pub fn is_cancelled(&self) -> bool {
        self.lock().cancelled
    }

    fn act(&self, change: impl FnOnce(&mut State)) {
        let sleepers = {
            let mut state = self.lock();
            change(&mut state);
            std::mem::take(&mut state.sleepers)
        };
        // Not under the lock: a waker is the caller's own.
        for waker in sleepers.into_values() {
            quietly(|| waker.wake());
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a call of a wait ended.
#[allow(clippy::large_enum_variant, reason = "each lives for a moment")]
pub(super) enum Driven<O> {
    Ended(Result<O, Error>),
    /// Given up between two of its requests, which had cost this much.
    Cancelled(Charges, u32),
}

/// One wait's view of its handle, if it has one.
pub(super) struct Listener<'a> {
    control: Option<&'a WaitControl>,
    /// Where a call that is dropped tells what it had cost.
    pub(super) account: Option<&'a Account>,
    /// The nudges that this wait has heard.
    heard: u64,
    slot: Option<u64>,
}

impl<'a> Listener<'a> {
    pub(super) fn new(control: Option<&'a WaitControl>) -> Self {
        Self {
            control,
            account: None,
            heard: control.map_or(0, |control| control.lock().nudges),
            slot: None,
        }
    }

    /// Hears nothing; a call that is dropped tells this account what it had cost.
    pub(super) fn accounting(account: &'a Account) -> Self {
        Self {
            account: Some(account),
            ..Self::new(None)
        }
    }

    /// Nothing can be heard.
    #[cfg(not(target_arch = "wasm32"))]
    pub(super) const fn is_deaf(&self) -> bool {
        self.control.is_none()
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.control.is_some_and(WaitControl::is_cancelled)
    }

    /// Whether there was a nudge since the last time this was asked.
    pub(super) fn take_nudge(&mut self) -> bool {
        let Some(control) = self.control else { return false };
        let nudges = control.lock().nudges;
        std::mem::replace(&mut self.heard, nudges) != nudges
    }

    /// Leaves a waker for the next act; `false` if there was one that ends what this wait is doing.
    pub(super) fn listen(&mut self, waker: &Waker, for_nudges: bool) -> bool {
        let Some(control) = self.control else { return true };
        let fresh = waker.clone();
        let former = {
            let mut state = control.lock();
            if state.cancelled || (for_nudges && state.nudges != self.heard) {
                return false;
            }
            let slot = *self.slot.get_or_insert_with(|| {
                state.registered += 1;
                state.registered
            });
            state.sleepers.insert(slot, fresh)
        };
        quietly(|| drop(former));
        true
    }
}

impl Drop for Listener<'_> {
    fn drop(&mut self) {
        if let (Some(control), Some(slot)) = (self.control, self.slot) {
            let waker = control.lock().sleepers.remove(&slot);
            // Not under the lock: it may hold the last of a task that uses the handle.
            quietly(|| drop(waker));
        }
    }
}

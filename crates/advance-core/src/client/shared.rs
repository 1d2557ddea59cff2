//! What both clients stand on: a session behind a mutex, and the wakers of the calls that wait for its token.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};
use std::task::Waker;

use super::Observer;
use super::sync::{Mutex, MutexGuard};
use crate::charge::{Charge, Charges};
use crate::session::{Event, Generation, Session, Ticket};
#[cfg(not(target_arch = "wasm32"))]
use crate::sharing::TokenStore;
use crate::sharing::{AsyncTokenStore, Egress};

pub(super) struct Shared<T> {
    pub(super) transport: T,
    state: Mutex<State>,
}

struct State {
    session: Session,
    /// By their places, which are numbered as they are taken.
    waiters: BTreeMap<u64, Waker>,
    registered: u64,
    observer: Option<Arc<dyn Observer>>,
    store: Option<Store>,
}

/// Where the token is shared with other clients. Each client has the kind that it can ask.
#[derive(Clone)]
pub(super) enum Store {
    #[cfg(not(target_arch = "wasm32"))]
    Blocking(Arc<dyn TokenStore>),
    Async(Arc<dyn AsyncTokenStore>),
}

impl<T> Shared<T> {
    pub(super) fn new(transport: T, session: Session) -> Self {
        let state = State {
            session,
            waiters: BTreeMap::new(),
            registered: 0,
            observer: None,
            store: None,
        };
        Self {
            transport,
            state: Mutex::new(state),
        }
    }

    /// Of a caller's own, only the source that a transport gave an error may be dropped under the lock. If it
    /// panics there, other calls go on with the session.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn observe(&self, observer: Arc<dyn Observer>) {
        let former = {
            let mut state = self.lock();
            state.session.record_events(true);
            state.observer.replace(observer)
        };
        // Not under the lock: its `Drop` may call the client.
        drop(former);
    }

    pub(super) fn share(&self, store: Store, egress: Egress) {
        let former = {
            let mut state = self.lock();
            state.session.share_tokens(egress);
            state.store.replace(store)
        };
        // Not under the lock: its `Drop` is a stranger's.
        drop(former);
    }

    pub(super) fn store(&self) -> Option<Store> {
        self.lock().store.clone()
    }

    pub(super) fn read<R>(&self, f: impl FnOnce(&Session) -> R) -> R {
        f(&self.lock().session)
    }

    /// One transition: the lock is held for it and for nothing else.
    pub(super) fn transition<R>(&self, f: impl FnOnce(&mut Session) -> R) -> R {
        let mut state = self.lock();
        let seen = state.session.generation();
        let result = f(&mut state.session);
        let wake = if state.session.generation() == seen {
            BTreeMap::new()
        } else {
            std::mem::take(&mut state.waiters)
        };
        let events = state.session.take_events();
        let observer = state.observer.clone().filter(|_| !events.is_empty());
        drop(state);
        for waker in wake.into_values() {
            quietly(|| waker.wake());
        }
        if let Some(observer) = observer {
            tell(&*observer, &events);
        }
        result
    }

    /// Leaves a waker for when there is news of the token; `false` if there already is. `slot` is the caller's place
    /// in the list.
    pub(super) fn register(&self, slot: &mut Option<u64>, seen: Generation, waker: &Waker) -> bool {
        // The one it replaces is dropped after the lock: see `unregister`.
        let fresh = waker.clone();
        let mut state = self.lock();
        if state.session.generation() != seen {
            return false;
        }
        let id = *slot.get_or_insert_with(|| {
            state.registered += 1;
            state.registered
        });
        let replaced = state.waiters.insert(id, fresh);
        drop(state);
        drop(replaced);
        true
    }

    pub(super) fn unregister(&self, slot: Option<u64>) {
        let Some(id) = slot else { return };
        let waker = {
            let mut state = self.lock();
            state.waiters.remove(&id)
        };
        // Not under the lock: what it held may be the last of a task that has a call of this client in it.
        quietly(|| drop(waker));
    }
}

fn tell(observer: &dyn Observer, events: &[Event]) {
    for event in events {
        quietly(|| observer.event(event));
    }
}

/// Runs somebody else's code that must not be able to harm the call: a panic ends it alone, so that the others who wait are
/// woken and what the call paid for is handed over. The panic hook has reported it already.
pub(super) fn quietly(stranger: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(stranger)) {
        // What was panicked with may panic again when it is dropped.
        std::mem::forget(panic);
    }
}

/// Gives a call up if it is dropped, or panics, before the outcome of its step is booked.
pub(super) struct Abandon<'a, T> {
    shared: &'a Shared<T>,
    ticket: Option<Ticket>,
    account: Option<(&'a Account, Charges, u32)>,
}

/// Where the calls of a batch that are dropped tell what they had cost.
#[derive(Default)]
pub(super) struct Ledger(Mutex<Vec<(usize, Charges)>>);

/// The ledger, and the number of the call in its batch.
pub(super) struct Account {
    pub(super) ledger: Arc<Ledger>,
    pub(super) number: usize,
}

impl Ledger {
    /// Those that had sent anything, and what each had cost.
    pub(super) fn take(&self) -> Vec<(usize, Charges)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<'a, T> Abandon<'a, T> {
    pub(super) const fn unless_done(shared: &'a Shared<T>, ticket: Ticket) -> Self {
        Self {
            shared,
            ticket: Some(ticket),
            account: None,
        }
    }

    /// Tells this account what the call had cost until then, and how many requests it had sent.
    pub(super) fn on(mut self, account: Option<&'a Account>, (spent, sends): (Charges, u32)) -> Self {
        self.account = account.map(|account| (account, spent, sends));
        self
    }

    pub(super) fn done(mut self) {
        self.ticket = None;
    }
}

impl<T> Drop for Abandon<'_, T> {
    fn drop(&mut self) {
        let Some(ticket) = self.ticket else { return };
        self.shared.transition(|session| session.abandon(ticket));
        let in_flight = ticket.is_in_flight();
        if let Some((account, mut spent, _)) = self.account.filter(|(_, _, sends)| in_flight || *sends > 0) {
            if in_flight {
                spent.record(Charge::Unknown);
            }
            let ledger = &account.ledger.0;
            ledger
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push((account.number, spent));
        }
    }
}

/// Takes a waiter off the list however its wait ends.
pub(super) struct Place<'a, T> {
    pub(super) shared: &'a Shared<T>,
    pub(super) slot: Option<u64>,
}

impl<T> Drop for Place<'_, T> {
    fn drop(&mut self) {
        self.shared.unregister(self.slot);
    }
}

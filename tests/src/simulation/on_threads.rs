//! The blocking client, each call on a thread of its own. One thread runs at a time: the one that has the baton. A thread
//! gives it back where it comes to rest, which is in the transport, or parked while another call asks for a token.
//!
//! A thread is parked by the client itself, for real. It is woken by the client if there is news of the token, and by the
//! handle of its wait; the world
//! wakes it only if its time is over.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use advance_core::session::{Call, Config, Event, ExportedToken, WaitReason};
use advance_core::transport::{Failure, Limits};
use advance_core::{Charges, Client, Now, Transport};
use http::{Request, Response};

use super::bridge::{Meeting, is_for_a_token};
use super::hand::Outcome;
use super::machine::{Asked, Done, Machine, Turn};
use super::requests;

/// Real time. A thread that has not come to rest by then never will.
const NEVER: Duration = Duration::from_secs(20);

thread_local! {
    /// The call that a thread is for.
    static CALL: Cell<Option<usize>> = const { Cell::new(None) };
}

struct State {
    meeting: Meeting,
    /// The thread of this call runs. The world runs if there is none.
    baton: Option<usize>,
    /// How far each call is that is parked.
    parked: BTreeMap<usize, Parked>,
    /// Those with a handle, which are parked by each pause.
    handled: BTreeSet<usize>,
    /// Those that unwind, because their callers are gone.
    gone: Vec<usize>,
}

/// A call that is parked looks at the clock as its pause begins, and each time before it is parked.
#[derive(Clone, Copy, Debug)]
enum Parked {
    Begins(WaitReason, Duration),
    Looks(WaitReason, Duration),
    Rests,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The thread of this call comes to rest, until it may run again. It unwinds if its caller is gone.
    fn rests<'a>(&'a self, call: usize, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        if state.baton == Some(call) {
            state.baton = None;
            self.changed.notify_all();
        }
        self.runs(call, state)
    }

    fn runs<'a>(&'a self, call: usize, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let others = |state: &mut State| state.baton != Some(call);
        let state = self.changed.wait_while(state, others);
        let state = state.unwrap_or_else(PoisonError::into_inner);
        if state.gone.contains(&call) && !thread::panicking() {
            drop(state);
            // Without the hook, which would write a page about it.
            resume_unwind(Box::new("its caller is gone"));
        }
        state
    }
}

#[derive(Clone)]
struct Bridge(Arc<Shared>);

impl Transport for Bridge {
    fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        let call = CALL.get().unwrap_or_default();
        let mut state = self.0.lock();
        state.meeting.asks(Turn::Send(Box::new(request), *limits));
        let mut state = self.0.rests(call, state);
        match state.meeting.outcomes.remove(&call) {
            Some(outcome) => outcome,
            None => unreachable!("it runs again when there is an outcome"),
        }
    }

    fn sleep(&self, duration: Duration) {
        let call = CALL.get().unwrap_or_default();
        let mut state = self.0.lock();
        state.meeting.waits = None;
        state.meeting.asks(Turn::Sleep(duration));
        drop(self.0.rests(call, state));
    }

    fn now(&self) -> Now {
        let mut state = self.0.lock();
        let Some(call) = CALL.get() else {
            return state.meeting.now;
        };
        if state.baton == Some(call)
            && let Some((why, at_most)) = state.meeting.waits.take()
            && (is_for_a_token(why) || state.handled.contains(&call))
        {
            state.parked.insert(call, Parked::Begins(why, at_most));
        }
        match state.parked.get(&call).copied() {
            None => state.meeting.now,
            Some(Parked::Begins(why, at_most)) => {
                state.parked.insert(call, Parked::Looks(why, at_most));
                state.meeting.now
            }
            Some(Parked::Looks(why, at_most)) => {
                // From here on it takes its place, and is parked, whenever it comes to that.
                let now = state.meeting.now;
                state.parked.insert(call, Parked::Rests);
                state.meeting.asks(if is_for_a_token(why) {
                    Turn::WaitForToken(at_most)
                } else {
                    Turn::Sleep(at_most)
                });
                state.baton = None;
                self.0.changed.notify_all();
                now
            }
            Some(Parked::Rests) => {
                let mut state = self.0.runs(call, state);
                state.parked.remove(&call);
                state.meeting.now
            }
        }
    }
}

struct Line {
    thread: JoinHandle<()>,
    /// What the client showed of the token's history as its pause began, and when that is over.
    waits: Option<(String, Duration)>,
}

pub(super) struct OnThreads {
    client: Client<Bridge>,
    shared: Arc<Shared>,
    lines: BTreeMap<usize, Line>,
    /// How far those who wait were told the token's history.
    told: String,
}

impl OnThreads {
    pub(super) fn new(config: Config, seed: u64, now: Now) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                meeting: Meeting::new(now),
                baton: None,
                parked: BTreeMap::new(),
                handled: BTreeSet::new(),
                gone: Vec::new(),
            }),
            changed: Condvar::new(),
        });
        let hears = Arc::clone(&shared);
        let client = Client::new(Bridge(Arc::clone(&shared)), config, requests::credentials(), seed);
        let mut machine = Self {
            client: client.with_observer(move |event: &Event| hears.lock().meeting.hears(event)),
            shared,
            lines: BTreeMap::new(),
            told: String::new(),
        };
        machine.told = machine.history();
        machine
    }

    /// Where the token's history stands: a client shows it, and has no other word for it.
    fn history(&self) -> String {
        let shown = format!("{:?}", self.client);
        let history = shown.split_once("generation: ").map(|(_, rest)| rest);
        let history = history.and_then(|rest| rest.split_once(')'));
        history.map_or_else(String::new, |(history, _)| history.to_owned())
    }

    /// Lets the call's thread run until it rests again.
    fn runs(&mut self, call: usize, now: Now) -> Turn {
        let Some(line) = self.lines.get(&call) else {
            return Turn::Stuck;
        };
        let mut state = self.shared.lock();
        state.meeting.now = now;
        state.meeting.current = Some(call);
        state.meeting.waits = None;
        state.baton = Some(call);
        self.shared.changed.notify_all();
        if line.waits.as_ref().is_some_and(|(_, end)| *end <= now.mono) {
            line.thread.thread().unpark();
        }
        let running = |state: &mut State| state.baton.is_some();
        let waited = self.shared.changed.wait_timeout_while(state, NEVER, running);
        let (mut state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            return Turn::Stuck;
        }
        let turn = state.meeting.asked.remove(&call).unwrap_or(Turn::Stuck);
        drop(state);
        let waits = match &turn {
            Turn::WaitForToken(at_most) => Some((self.history(), now.mono.saturating_add(*at_most))),
            Turn::Sleep(at_most) => Some((String::new(), now.mono.saturating_add(*at_most))),
            _ => None,
        };
        if matches!(turn, Turn::Done(_)) {
            self.ends(call);
        } else if let Some(line) = self.lines.get_mut(&call) {
            line.waits = waits;
        }
        turn
    }

    fn ends(&mut self, call: usize) {
        if let Some(line) = self.lines.remove(&call) {
            // Its panics were caught within.
            let _ = line.thread.join();
        }
    }

    fn at(&self, now: Now) -> &Client<Bridge> {
        self.shared.lock().meeting.now = now;
        &self.client
    }
}

impl Machine for OnThreads {
    fn begin(&mut self, call: usize, asked: Asked, now: Now) -> Turn {
        let (client, shared) = (self.client.clone(), Arc::clone(&self.shared));
        if matches!(asked, Asked::Wait(_, Some(_))) {
            shared.lock().handled.insert(call);
        }
        let thread = thread::spawn(move || {
            CALL.set(Some(call));
            let asks = AssertUnwindSafe(|| {
                drop(shared.runs(call, shared.lock()));
                match asked {
                    Asked::Url(asked) => Done::of(client.call_with(asked)),
                    Asked::Result(asked) => Done::of(client.call_with(asked)),
                    Asked::Token => Done::of(client.call_with(Call::token())),
                    Asked::Wait(policy, None) => Done::Wait(client.wait_for_result(*policy)),
                    Asked::Wait(policy, Some(control)) => {
                        Done::Wait(client.wait_for_result_with(&control, *policy))
                    }
                }
            });
            let result = catch_unwind(asks);
            let mut state = shared.lock();
            state.meeting.asks(result.map_or(Turn::Stuck, Turn::Done));
            state.baton = None;
            shared.changed.notify_all();
        });
        self.lines.insert(call, Line { thread, waits: None });
        self.runs(call, now)
    }

    fn answered(&mut self, call: usize, now: Now, outcome: Outcome) -> Turn {
        self.shared.lock().meeting.outcomes.insert(call, outcome);
        self.runs(call, now)
    }

    fn waited(&mut self, call: usize, now: Now) -> Turn {
        self.runs(call, now)
    }

    fn waits_on(&mut self, call: usize, _: Now) -> bool {
        let waits = self.lines.get(&call).and_then(|line| line.waits.as_ref());
        waits.is_some_and(|(seen, _)| *seen == self.history())
    }

    fn is_woken(&self, _: usize) -> bool {
        true
    }

    /// Each step that the call takes from now on panics.
    fn gives_up(&mut self, call: usize, now: Now) {
        self.shared.lock().gone.push(call);
        if let Some(line) = self.lines.get_mut(&call) {
            // A thread that is parked has to look.
            if let Some((_, end)) = &mut line.waits {
                *end = now.mono;
            }
            self.runs(call, now);
            self.ends(call);
        }
    }

    fn vanishes(&mut self, _: usize) {}

    fn take_woken(&mut self, waiting: &[usize]) -> Vec<usize> {
        let now = self.history();
        if std::mem::replace(&mut self.told, now.clone()) == now {
            return Vec::new();
        }
        waiting.to_vec()
    }

    fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.shared.lock().meeting.events)
    }

    fn export_token(&self, now: Now) -> Option<ExportedToken> {
        self.at(now).export_token()
    }

    fn adopt_token(&mut self, stored: ExportedToken, now: Now) -> bool {
        self.at(now).adopt_token(stored)
    }

    fn charges(&self) -> Charges {
        self.client.charges()
    }

    fn shown(&self) -> &dyn fmt::Debug {
        &self.client
    }
}

impl Drop for OnThreads {
    fn drop(&mut self) {
        let left: Vec<usize> = self.lines.keys().copied().collect();
        let now = self.shared.lock().meeting.now;
        for call in left {
            self.gives_up(call, now);
        }
    }
}

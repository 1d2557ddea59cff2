//! The blocking client's batch, on the threads that the client starts. One of them runs at a time: the one that has the
//! baton. A thread is known from its first look at the clock on; they are alike, so it does not matter which is which.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::time::Duration;

use advance_core::session::Event;
use advance_core::transport::{Failure, Limits};
use advance_core::{Charges, Client, Now, Transport};
use http::{Request, Response};

use super::super::bridge::is_for_a_token;
use super::super::hand::Outcome;
use super::super::line::Line;
use super::super::machine::Turn;
use super::super::requests;
use super::crew::{Came, Crew, Taken, Told, Work};

/// Real time. A thread that has not come to rest by then never will.
const NEVER: Duration = Duration::from_secs(20);

thread_local! {
    static HAND: RefCell<Option<Hand>> = const { RefCell::new(None) };
}

/// A thread of the batch. When it ends, the world hears of it.
struct Hand {
    shared: Arc<Shared>,
    number: usize,
}

impl Drop for Hand {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.left += 1;
        if state.baton == Some(self.number) {
            state.baton = None;
        }
        drop(state);
        self.shared.changed.notify_all();
    }
}

/// A thread that waits for a token looks at the clock as its wait begins, and each time before it is parked.
#[derive(Clone, Copy)]
enum Parked {
    Begins(Duration),
    Looks(Duration),
    Rests,
}

struct State {
    now: Now,
    told: Vec<Told>,
    baton: Option<usize>,
    threads: Vec<Thread>,
    /// How many of them have ended.
    left: usize,
    /// The errand of each that rests.
    errands: BTreeMap<usize, usize>,
    asked: usize,
    outcomes: BTreeMap<usize, Outcome>,
    waits: Option<Duration>,
    parked: BTreeMap<usize, Parked>,
    came: Option<Came>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until this thread has the baton.
    fn runs<'a>(&'a self, hand: usize, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let others = |state: &mut State| state.baton != Some(hand);
        let state = self.changed.wait_while(state, others);
        state.unwrap_or_else(PoisonError::into_inner)
    }

    /// Until the world says that the errand is done.
    fn rests(&self, hand: usize, turn: Turn) -> MutexGuard<'_, State> {
        let mut state = self.lock();
        state.asks(hand, turn);
        self.changed.notify_all();
        self.runs(hand, state)
    }

    /// The thread that asks, which is a hand from now on.
    fn hand(self: &Arc<Self>) -> usize {
        HAND.with(|hand| {
            let mut hand = hand.borrow_mut();
            if let Some(hand) = &*hand {
                return hand.number;
            }
            let mut state = self.lock();
            let number = state.threads.len();
            state.threads.push(thread::current());
            self.changed.notify_all();
            drop(self.runs(number, state));
            let shared = Arc::clone(self);
            *hand = Some(Hand { shared, number });
            number
        })
    }
}

impl State {
    fn asks(&mut self, hand: usize, turn: Turn) {
        self.asked += 1;
        self.errands.insert(hand, self.asked);
        self.told.push(Told::Asks(self.asked, turn));
        self.baton = None;
    }
}

#[derive(Clone)]
struct Bridge(Arc<Shared>);

impl Transport for Bridge {
    fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        let hand = self.0.hand();
        let mut state = self.0.rests(hand, Turn::Send(Box::new(request), *limits));
        match state.outcomes.remove(&hand) {
            Some(outcome) => outcome,
            None => unreachable!("a request has an outcome"),
        }
    }

    fn sleep(&self, duration: Duration) {
        let hand = self.0.hand();
        drop(self.0.rests(hand, Turn::Sleep(duration)));
    }

    fn now(&self) -> Now {
        let hand = self.0.hand();
        let mut state = self.0.lock();
        if state.baton == Some(hand)
            && let Some(at_most) = state.waits.take()
        {
            state.parked.insert(hand, Parked::Begins(at_most));
        }
        match state.parked.get(&hand).copied() {
            None => state.now,
            Some(Parked::Begins(at_most)) => {
                state.parked.insert(hand, Parked::Looks(at_most));
                state.now
            }
            Some(Parked::Looks(at_most)) => {
                // From here on it takes its place, and is parked, whenever it comes to that.
                let now = state.now;
                state.parked.insert(hand, Parked::Rests);
                state.asks(hand, Turn::WaitForToken(at_most));
                self.0.changed.notify_all();
                now
            }
            Some(Parked::Rests) => {
                let mut state = self.0.runs(hand, state);
                state.parked.remove(&hand);
                state.now
            }
        }
    }
}

pub(super) struct OnThreads {
    client: Client<Bridge>,
    shared: Arc<Shared>,
    work: Option<Work>,
    /// What the client showed of the token's history when each that is parked had come to rest.
    seen: BTreeMap<usize, String>,
}

impl OnThreads {
    pub(super) fn new(work: Work) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                now: Line::now(Duration::ZERO),
                told: Vec::new(),
                baton: None,
                threads: Vec::new(),
                left: 0,
                errands: BTreeMap::new(),
                asked: 0,
                outcomes: BTreeMap::new(),
                waits: None,
                parked: BTreeMap::new(),
                came: None,
            }),
            changed: Condvar::new(),
        });
        let hears = Arc::clone(&shared);
        let bridge = Bridge(Arc::clone(&shared));
        let client = Client::new(bridge, work.config.clone(), requests::credentials(), work.seed);
        Self {
            client: client.with_observer(move |event: &Event| {
                let mut state = hears.lock();
                if let Event::Waiting { why, at_most, .. } = event {
                    state.waits = is_for_a_token(*why).then_some(*at_most);
                }
                state.told.push(Told::Event(event.clone()));
            }),
            shared,
            work: Some(work),
            seen: BTreeMap::new(),
        }
    }

    /// Where the token's history stands: a client shows it, and has no other word for it.
    fn history(&self) -> String {
        let shown = format!("{:?}", self.client);
        let history = shown.split_once("generation: ").map(|(_, rest)| rest);
        let history = history.and_then(|rest| rest.split_once(')'));
        history.map_or_else(String::new, |(history, _)| history.to_owned())
    }

    fn wait_while(&self, mut goes_on: impl FnMut(&mut State) -> bool) -> bool {
        let waited = self
            .shared
            .changed
            .wait_timeout_while(self.shared.lock(), NEVER, &mut goes_on);
        let (state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        drop(state);
        !waited.timed_out()
    }

    /// Lets a thread run until it rests or ends.
    fn runs(&mut self, hand: usize) {
        let mut state = self.shared.lock();
        state.errands.remove(&hand);
        state.waits = None;
        state.baton = Some(hand);
        drop(state);
        self.shared.changed.notify_all();
        if !self.wait_while(|state| state.baton.is_some()) {
            self.shared.lock().told.push(Told::Asks(hand, Turn::Stuck));
        }
        self.seen.remove(&hand);
        let parked = self.shared.lock().parked.contains_key(&hand);
        if parked {
            self.seen.insert(hand, self.history());
        }
    }

    /// Those that wait for a token go on when there is news of it.
    fn news(&mut self) {
        loop {
            let history = self.history();
            let news = self.seen.iter().find(|(_, seen)| **seen != history);
            let Some(hand) = news.map(|(hand, _)| *hand) else {
                return;
            };
            self.runs(hand);
        }
    }
}

impl Crew for OnThreads {
    fn begins(&mut self) {
        let Some(work) = self.work.take() else { return };
        let expected = work.limit.min(work.ids.len()).max(1);
        let (client, shared) = (self.client.clone(), Arc::clone(&self.shared));
        thread::spawn(move || {
            let came = take(&client, work);
            shared.lock().came = Some(came);
            shared.changed.notify_all();
        });
        self.wait_while(|state| state.threads.len() < expected && state.came.is_none());
        let arrived = self.shared.lock().threads.len();
        for hand in 0..arrived {
            self.runs(hand);
            self.news();
        }
    }

    fn goes_on(&mut self, errand: usize, now: Now, outcome: Option<Outcome>) {
        let hand = {
            let mut state = self.shared.lock();
            state.now = now;
            let hand = state.errands.iter().find(|(_, asked)| **asked == errand);
            let Some(hand) = hand.map(|(hand, _)| *hand) else {
                return;
            };
            if let Some(outcome) = outcome {
                state.outcomes.insert(hand, outcome);
            }
            if state.parked.contains_key(&hand)
                && let Some(thread) = state.threads.get(hand)
            {
                // Its time is over.
                thread.unpark();
            }
            hand
        };
        self.runs(hand);
        self.news();
    }

    fn take_told(&mut self) -> Vec<Told> {
        std::mem::take(&mut self.shared.lock().told)
    }

    /// The thread that asked for it all ends soon after the last of its hands.
    fn came(&mut self) -> Option<Came> {
        let over = |state: &State| state.left == state.threads.len();
        if !over(&self.shared.lock()) {
            return None;
        }
        self.wait_while(|state| state.came.is_none());
        self.shared.lock().came.take()
    }

    fn charges(&self) -> Charges {
        self.client.charges()
    }
}

fn take(client: &Client<Bridge>, work: Work) -> Came {
    if work.taken == Taken::Whole {
        return Came::whole(client.get_results(work.ids, work.policy));
    }
    // To stop it on the way would race with what its threads begin meanwhile.
    let mut results = client.results(work.ids, work.policy);
    let mut items: Vec<_> = results.by_ref().collect();
    items.sort_by_key(|item| item.index);
    Came {
        items,
        charges: results.charges(),
    }
}

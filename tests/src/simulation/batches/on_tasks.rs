//! The async client's batch: one task, in which each call is polled when its own errand is done.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use advance_core::session::Event;
use advance_core::transport::{Failure, Limits};
use advance_core::{AsyncClient, AsyncTransport, Charges, Now};
use async_trait::async_trait;
use http::{Request, Response};

use super::super::hand::Outcome;
use super::super::line::Line;
use super::super::machine::Turn;
use super::super::requests;
use super::crew::{Came, Crew, Taken, Told, Work};

struct Meeting {
    now: Now,
    told: Vec<Told>,
    errands: BTreeMap<usize, Errand>,
    asked: usize,
}

#[derive(Default)]
struct Errand {
    is_done: bool,
    /// What came of it, if it was a request.
    outcome: Option<Outcome>,
    waker: Option<Waker>,
}

#[derive(Clone)]
struct Bridge(Arc<Mutex<Meeting>>);

impl Bridge {
    /// Nothing panics while it is held.
    fn lock(&self) -> MutexGuard<'_, Meeting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves an errand with the world, and waits until it is done.
    async fn asks(&self, turn: Turn) -> Option<Outcome> {
        let number = {
            let mut meeting = self.lock();
            meeting.asked += 1;
            let number = meeting.asked;
            meeting.told.push(Told::Asks(number, turn));
            meeting.errands.insert(number, Errand::default());
            number
        };
        poll_fn(|cx| {
            let mut meeting = self.lock();
            let Some(errand) = meeting.errands.get_mut(&number) else {
                return Poll::Pending;
            };
            if errand.is_done {
                let outcome = errand.outcome.take();
                meeting.errands.remove(&number);
                return Poll::Ready(outcome);
            }
            errand.waker = Some(cx.waker().clone());
            Poll::Pending
        })
        .await
    }
}

#[async_trait]
impl AsyncTransport for Bridge {
    async fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        match self.asks(Turn::Send(Box::new(request), *limits)).await {
            Some(outcome) => outcome,
            None => unreachable!("a request has an outcome"),
        }
    }

    async fn sleep(&self, duration: Duration) {
        self.asks(Turn::Sleep(duration)).await;
    }

    fn now(&self) -> Now {
        self.lock().now
    }
}

#[derive(Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

type Future = Pin<Box<dyn std::future::Future<Output = Came>>>;

pub(super) struct OnTasks {
    client: AsyncClient<Bridge>,
    bridge: Bridge,
    future: Option<Future>,
    /// Each poll has one of its own, and only the last one counts.
    flag: Arc<Flag>,
    came: Option<Came>,
}

impl OnTasks {
    pub(super) fn new(work: Work) -> Self {
        let bridge = Bridge(Arc::new(Mutex::new(Meeting {
            now: Line::now(Duration::ZERO),
            told: Vec::new(),
            errands: BTreeMap::new(),
            asked: 0,
        })));
        let hears = bridge.clone();
        let credentials = requests::credentials();
        let client = AsyncClient::new(bridge.clone(), work.config.clone(), credentials, work.seed)
            .with_observer(move |event: &Event| hears.lock().told.push(Told::Event(event.clone())));
        let future: Future = Box::pin(take(client.clone(), bridge.clone(), work));
        Self {
            client,
            bridge,
            future: Some(future),
            flag: Arc::default(),
            came: None,
        }
    }

    fn polls(&mut self) {
        let Some(future) = &mut self.future else { return };
        self.flag = Arc::default();
        let waker = Waker::from(Arc::clone(&self.flag));
        if let Poll::Ready(came) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            self.future = None;
            self.came = Some(came);
        }
    }
}

async fn take(client: AsyncClient<Bridge>, bridge: Bridge, work: Work) -> Came {
    let last = match work.taken {
        Taken::Whole => return Came::whole(client.get_results(work.ids, work.policy).await),
        Taken::OneByOne => usize::MAX,
        Taken::Until(last) => last,
    };
    let mut results = client.results(work.ids, work.policy);
    let mut items = Vec::new();
    while let Some(item) = results.next().await {
        items.push(item);
        if items.len() == last {
            results.stop();
            bridge.lock().told.push(Told::Stops);
        }
    }
    items.sort_by_key(|item| item.index);
    Came {
        items,
        charges: results.charges(),
    }
}

impl Crew for OnTasks {
    fn begins(&mut self) {
        self.polls();
        while self.flag.0.load(Ordering::Relaxed) && self.future.is_some() {
            self.polls();
        }
    }

    fn goes_on(&mut self, errand: usize, now: Now, outcome: Option<Outcome>) {
        let waker = {
            let mut meeting = self.bridge.lock();
            meeting.now = now;
            let errand = meeting.errands.get_mut(&errand);
            errand.and_then(|errand| {
                (errand.is_done, errand.outcome) = (true, outcome);
                errand.waker.take()
            })
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        while self.flag.0.load(Ordering::Relaxed) && self.future.is_some() {
            self.polls();
        }
    }

    fn take_told(&mut self) -> Vec<Told> {
        std::mem::take(&mut self.bridge.lock().told)
    }

    fn came(&mut self) -> Option<Came> {
        self.came.take()
    }

    fn charges(&self) -> Charges {
        self.client.charges()
    }
}

//! The async client, under an executor of the world: a task is polled when its request or its sleep is over, or when it was
//! woken and the world comes round to it.

use std::collections::BTreeMap;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use advance_core::session::{Call, Config, Event, ExportedToken};
use advance_core::transport::{Failure, Limits};
use advance_core::{AsyncClient, AsyncTransport, Charges, Now};
use async_trait::async_trait;
use http::{Request, Response};

use super::bridge::{Meeting, is_for_a_token, lock};
use super::hand::Outcome;
use super::machine::{Asked, Done, Machine, Turn};
use super::requests;

#[derive(Clone)]
struct Bridge(Arc<Mutex<Meeting>>);

#[async_trait]
impl AsyncTransport for Bridge {
    async fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        let call = {
            let mut meeting = lock(&self.0);
            meeting.asks(Turn::Send(Box::new(request), *limits));
            meeting.current.unwrap_or_default()
        };
        poll_fn(|_| match lock(&self.0).outcomes.remove(&call) {
            Some(outcome) => Poll::Ready(outcome),
            None => Poll::Pending,
        })
        .await
    }

    async fn sleep(&self, duration: Duration) {
        let end = {
            let mut meeting = lock(&self.0);
            let turn = match meeting.waits.take() {
                Some((why, at_most)) if is_for_a_token(why) => Turn::WaitForToken(at_most),
                _ => Turn::Sleep(duration),
            };
            meeting.asks(turn);
            meeting.now.mono.saturating_add(duration)
        };
        // The world says when it is over, even if it takes no time.
        let mut begins = true;
        poll_fn(|_| {
            if std::mem::replace(&mut begins, false) || lock(&self.0).now.mono < end {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
    }

    fn now(&self) -> Now {
        lock(&self.0).now
    }
}

/// Set when its task is woken. Each poll has one of its own, and only the last one counts.
#[derive(Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

type Future = Pin<Box<dyn std::future::Future<Output = Done>>>;

struct Task {
    future: Future,
    flag: Arc<Flag>,
    /// The world was told that it is woken.
    told: bool,
}

pub(super) struct OnTasks {
    client: AsyncClient<Bridge>,
    meeting: Arc<Mutex<Meeting>>,
    tasks: BTreeMap<usize, Task>,
    /// Those that are not polled any more.
    gone: Vec<Task>,
}

impl OnTasks {
    pub(super) fn new(config: Config, seed: u64, now: Now) -> Self {
        let meeting = Arc::new(Mutex::new(Meeting::new(now)));
        let hears = Arc::clone(&meeting);
        let bridge = Bridge(Arc::clone(&meeting));
        let client = AsyncClient::new(bridge, config, requests::credentials(), seed);
        Self {
            client: client.with_observer(move |event: &Event| lock(&hears).hears(event)),
            meeting,
            tasks: BTreeMap::new(),
            gone: Vec::new(),
        }
    }

    /// Polls a task, as if it had moved to another thread.
    fn polls(&mut self, call: usize, now: Now) -> Option<Turn> {
        let task = self.tasks.get_mut(&call)?;
        (task.flag, task.told) = (Arc::default(), false);
        {
            let mut meeting = lock(&self.meeting);
            (meeting.now, meeting.current, meeting.waits) = (now, Some(call), None);
        }
        let waker = Waker::from(Arc::clone(&task.flag));
        let polled = task.future.as_mut().poll(&mut Context::from_waker(&waker));
        let asked = lock(&self.meeting).asked.remove(&call);
        match polled {
            Poll::Ready(result) => {
                self.tasks.remove(&call);
                Some(Turn::Done(result))
            }
            Poll::Pending => asked,
        }
    }

    fn goes_on(&mut self, call: usize, now: Now) -> Turn {
        self.polls(call, now).unwrap_or(Turn::Stuck)
    }

    fn at(&self, now: Now) -> &AsyncClient<Bridge> {
        lock(&self.meeting).now = now;
        &self.client
    }
}

impl Machine for OnTasks {
    fn begin(&mut self, call: usize, asked: Asked, now: Now) -> Turn {
        let client = self.client.clone();
        let future: Future = match asked {
            Asked::Url(asked) => Box::pin(async move { Done::of(client.call_with(asked).await) }),
            Asked::Result(asked) => Box::pin(async move { Done::of(client.call_with(asked).await) }),
            Asked::Token => Box::pin(async move { Done::of(client.call_with(Call::token()).await) }),
            Asked::Wait(policy, None) => {
                Box::pin(async move { Done::Wait(client.wait_for_result(*policy).await) })
            }
            Asked::Wait(policy, Some(control)) => {
                Box::pin(async move { Done::Wait(client.wait_for_result_with(&control, *policy).await) })
            }
        };
        let task = Task {
            future,
            flag: Arc::default(),
            told: false,
        };
        self.tasks.insert(call, task);
        self.goes_on(call, now)
    }

    fn answered(&mut self, call: usize, now: Now, outcome: Outcome) -> Turn {
        lock(&self.meeting).outcomes.insert(call, outcome);
        self.goes_on(call, now)
    }

    fn waited(&mut self, call: usize, now: Now) -> Turn {
        self.goes_on(call, now)
    }

    /// It is polled for no reason, by another waker.
    fn waits_on(&mut self, call: usize, now: Now) -> bool {
        if !self.tasks.contains_key(&call) || self.is_woken(call) {
            return false;
        }
        self.polls(call, now).is_none()
    }

    fn is_woken(&self, call: usize) -> bool {
        let woken = |task: &Task| task.flag.0.load(Ordering::Relaxed);
        self.tasks.get(&call).is_some_and(woken)
    }

    fn gives_up(&mut self, call: usize, now: Now) {
        lock(&self.meeting).now = now;
        self.tasks.remove(&call);
    }

    fn vanishes(&mut self, call: usize) {
        self.gone.extend(self.tasks.remove(&call));
    }

    fn take_woken(&mut self, _: &[usize]) -> Vec<usize> {
        let mut woken = Vec::new();
        for (call, task) in &mut self.tasks {
            if task.flag.0.load(Ordering::Relaxed) && !std::mem::replace(&mut task.told, true) {
                woken.push(*call);
            }
        }
        woken
    }

    fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut lock(&self.meeting).events)
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

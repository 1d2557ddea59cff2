//! A transport in the test's hand: what is sent stays under way until the test answers it, and time passes when the
//! test says so.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use advance_core::transport::{Failure, FailureKind, Limits, Sent};
use advance_core::{
    AsyncClient, AsyncTransport, Client, Config, Credentials, GenerateUrl, Now, Region, RetryPolicy,
    ReturnUrl, SignatureId, Transport, UnixMillis,
};
use async_trait::async_trait;
use http::{Request, Response};

/// Longer than any test takes; what has not happened by then never will.
pub(crate) const HANGS: Duration = Duration::from_secs(20);

/// Longer than a thread that is not woken may be waited for.
const TOTAL: Duration = Duration::from_secs(600);

pub(crate) const S: fn(u64) -> Duration = Duration::from_secs;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Reply {
    Says(&'static str),
    Panics,
}

pub(crate) const TOKEN: Reply = Reply::Says(
    r#"{"code":"SUCCESS","data":{"token":"abc.def.ghi","expiredTime":1700003600000},"pricingStrategy":"FREE"}"#,
);
pub(crate) const BUSY: Reply = Reply::Says(r#"{"code":"SERVICE_BUSY","pricingStrategy":"FREE"}"#);
pub(crate) const UNFINISHED: Reply =
    Reply::Says(r#"{"code":"SUCCESS","data":{"idvCode":null},"pricingStrategy":"FREE"}"#);
pub(crate) const FINISHED: Reply =
    Reply::Says(r#"{"code":"SUCCESS","data":{"idvCode":"SUCCESS"},"pricingStrategy":"PAY"}"#);

#[derive(Default)]
struct State {
    mono: Duration,
    /// How often the clock was read.
    looks: u32,
    /// Which endpoint each request went to, and within which time.
    asked: Vec<(String, Duration)>,
    replies: BTreeMap<usize, Reply>,
    /// How long each sleep is.
    sleeps: Vec<Duration>,
    sleeps_panic: bool,
    /// Nothing can be sent from here.
    unready: bool,
    /// How much longer each sleep takes than it should.
    oversleeps: Duration,
    /// By what each waits for; the last one counts.
    wakers: BTreeMap<Awaited, Waker>,
}

/// What a future of the transport waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Awaited {
    Reply(usize),
    /// The sleep of this number, until then.
    End(usize, Duration),
}

impl State {
    fn has_come(&self, awaited: Awaited) -> bool {
        match awaited {
            Awaited::Reply(number) => self.replies.contains_key(&number),
            Awaited::End(_, end) => self.mono >= end || self.sleeps_panic,
        }
    }
}

#[derive(Clone, Default)]
pub(crate) struct Line(Arc<(Mutex<State>, Condvar)>);

impl Line {
    fn change<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        let (state, changed) = &*self.0;
        let mut state = state.lock().unwrap();
        let result = change(&mut state);
        let (due, rest) = std::mem::take(&mut state.wakers)
            .into_iter()
            .partition::<BTreeMap<_, _>, _>(|(awaited, _)| state.has_come(*awaited));
        state.wakers = rest;
        drop(state);
        changed.notify_all();
        for waker in due.into_values() {
            waker.wake();
        }
        result
    }

    /// Until this has come, or who waits for it goes.
    async fn awaits(&self, awaited: Awaited) {
        struct Leaves<'a>(&'a Line, Awaited);
        impl Drop for Leaves<'_> {
            fn drop(&mut self) {
                self.0.change(|state| state.wakers.remove(&self.1));
            }
        }
        let leaves = Leaves(self, awaited);
        poll_fn(|cx| {
            let mut state = self.0.0.lock().unwrap();
            if state.has_come(awaited) {
                return Poll::Ready(());
            }
            state.wakers.insert(awaited, cx.waker().clone());
            Poll::Pending
        })
        .await;
        drop(leaves);
    }

    fn read<R>(&self, read: impl FnOnce(&State) -> R) -> R {
        read(&self.0.0.lock().unwrap())
    }

    /// Answers the request of this number, the first of which is 0.
    pub(crate) fn answer(&self, number: usize, reply: Reply) {
        self.change(|state| state.replies.insert(number, reply));
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.change(|state| state.mono += time);
    }

    /// A call that sleeps, or begins to, panics there.
    pub(crate) fn sleeps_panic(&self) {
        self.change(|state| state.sleeps_panic = true);
    }

    /// Nothing can be sent from now on.
    pub(crate) fn is_unready(&self) {
        self.change(|state| state.unready = true);
    }

    /// Blocking sleeps take this much longer, and the time is over when they begin.
    pub(crate) fn oversleeps(&self, time: Duration) {
        self.change(|state| state.oversleeps = time);
    }

    /// The endpoints that were asked so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.read(|state| state.asked.iter().map(|(path, _)| path.clone()).collect())
    }

    /// The time that each request had.
    pub(crate) fn within(&self) -> Vec<Duration> {
        self.read(|state| state.asked.iter().map(|(_, within)| *within).collect())
    }

    pub(crate) fn sleeps(&self) -> Vec<Duration> {
        self.read(|state| state.sleeps.clone())
    }

    /// Waits until this holds; `false` if it never does.
    fn comes(&self, holds: impl Fn(&State) -> bool) -> bool {
        let (state, changed) = &*self.0;
        let guard = state.lock().unwrap();
        let waited = changed.wait_timeout_while(guard, HANGS, |state| !holds(state));
        !waited.unwrap().1.timed_out()
    }

    /// Waits until so many requests went out.
    pub(crate) fn is_asked(&self, times: usize) -> bool {
        self.comes(|state| state.asked.len() >= times)
    }

    /// Waits until there were so many sleeps.
    pub(crate) fn is_slept_on(&self, times: usize) -> bool {
        self.comes(|state| state.sleeps.len() >= times)
    }

    /// Waits until the clock was read so many times more.
    pub(crate) fn is_looked_at_again(&self, times: u32) -> bool {
        let before = self.read(|state| state.looks);
        self.comes(|state| state.looks >= before + times)
    }

    /// Waits until no client and no thread holds it any more.
    pub(crate) fn is_let_go(&self) -> bool {
        let (state, changed) = &*self.0;
        let turn = Duration::from_millis(1);
        (0..HANGS.as_millis()).any(|_| {
            drop(changed.wait_timeout(state.lock().unwrap(), turn));
            Arc::strong_count(&self.0) == 1
        })
    }

    fn sends(&self, request: &Request<Vec<u8>>, limits: &Limits) -> usize {
        let path = request.uri().path().rsplit('/').next().unwrap_or_default();
        self.change(|state| {
            state.asked.push((path.to_owned(), limits.within));
            state.asked.len() - 1
        })
    }

    fn clock(&self) -> Now {
        Now {
            wall: UnixMillis::new(1_700_000_000_000),
            mono: self.change(|state| {
                state.looks += 1;
                state.mono
            }),
        }
    }
}

fn comes_of(reply: Reply) -> Response<Vec<u8>> {
    match reply {
        Reply::Says(body) => Response::new(body.as_bytes().to_vec()),
        // Without the hook, which would write a page about it.
        Reply::Panics => resume_unwind(Box::new("a transport's own")),
    }
}

#[async_trait]
impl AsyncTransport for Line {
    async fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        let number = self.sends(&request, limits);
        self.awaits(Awaited::Reply(number)).await;
        let reply = self.read(|state| state.replies[&number]);
        Ok(comes_of(reply))
    }

    async fn sleep(&self, duration: Duration) {
        let end = self.change(|state| {
            state.sleeps.push(duration);
            Awaited::End(state.sleeps.len(), state.mono.saturating_add(duration))
        });
        self.awaits(end).await;
        if self.read(|state| state.sleeps_panic) {
            comes_of(Reply::Panics);
        }
    }

    fn now(&self) -> Now {
        self.clock()
    }

    fn ready(&self) -> Result<(), Failure> {
        if self.read(|state| state.unready) {
            return Err(Failure::new(FailureKind::Other, Sent::No));
        }
        Ok(())
    }
}

impl Transport for Line {
    fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        let number = self.sends(&request, limits);
        let (state, changed) = &*self.0;
        let none_yet = |state: &mut State| !state.replies.contains_key(&number);
        let state = changed.wait_while(state.lock().unwrap(), none_yet).unwrap();
        let reply = state.replies[&number];
        drop(state);
        Ok(comes_of(reply))
    }

    fn sleep(&self, duration: Duration) {
        let end = self.change(|state| {
            state.sleeps.push(duration);
            if !state.oversleeps.is_zero() {
                state.mono += duration + state.oversleeps;
            }
            state.mono + duration * u32::from(state.oversleeps.is_zero())
        });
        let (state, changed) = &*self.0;
        let on = |state: &mut State| state.mono < end && !state.sleeps_panic;
        let state = changed.wait_while(state.lock().unwrap(), on).unwrap();
        let panics = state.sleeps_panic;
        drop(state);
        if panics {
            comes_of(Reply::Panics);
        }
    }

    fn now(&self) -> Now {
        self.clock()
    }
}

/// Counts how often it is rung.
#[derive(Default)]
pub(crate) struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Bell {
    pub(crate) fn rung(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// A future, and the bell of the task that polls it.
pub(crate) struct Task<'a, R> {
    future: Pin<Box<dyn Future<Output = R> + 'a>>,
    pub(crate) bell: Arc<Bell>,
}

impl<'a, R> Task<'a, R> {
    /// Polls it once, and it is not ready.
    pub(crate) fn begin(future: impl Future<Output = R> + 'a) -> Self {
        let mut task = Self {
            future: Box::pin(future),
            bell: Arc::default(),
        };
        assert!(task.poll().is_pending(), "it is ready at once");
        task
    }

    pub(crate) fn poll(&mut self) -> Poll<R> {
        let waker = Waker::from(Arc::clone(&self.bell));
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }

    /// It is rung for, and then ready.
    pub(crate) fn ends(&mut self) -> R {
        assert!(self.bell.rung() > 0, "it is not woken");
        match self.poll() {
            Poll::Ready(result) => result,
            Poll::Pending => panic!("it is not ready"),
        }
    }
}

/// Runs this on a thread of its own. One that hangs is left behind.
pub(crate) fn aside<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> mpsc::Receiver<R> {
    let (tell, told) = mpsc::channel();
    drop(thread::Builder::new().spawn(move || tell.send(work())).unwrap());
    told
}

pub(crate) fn credentials() -> Credentials {
    Credentials::new("sampleaccesskey", "samplesecretkey").unwrap()
}

pub(crate) fn config() -> Config {
    Config::new().retry(RetryPolicy::new().total(TOTAL))
}

pub(crate) fn asynchronous(line: &Line) -> AsyncClient<Line> {
    AsyncClient::new(line.clone(), config(), credentials(), 7)
}

pub(crate) fn blocking(line: &Line) -> Client<Line> {
    Client::new(line.clone(), config(), credentials(), 7)
}

pub(crate) fn link() -> GenerateUrl {
    let page = ReturnUrl::new("https://shop.example/").unwrap();
    GenerateUrl::new(page.clone(), page, Region::IDN)
}

pub(crate) fn id() -> SignatureId {
    SignatureId::new("f302f5d2454a85c2").unwrap()
}

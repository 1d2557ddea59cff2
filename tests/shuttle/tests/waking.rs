//! A call that waits is woken, in every order in which threads and tasks may run. No time passes here, so one that is
//! not woken waits for ever, and shuttle says that all are stuck.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

use std::future::{Future as _, pending};
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use advance_core::transport::{Failure, Limits};
use advance_core::{
    AsyncClient, AsyncTransport, BatchPolicy, Client, Config, Credentials, Now, RetryPolicy, SignatureId,
    Transport, UnixMillis, WaitControl, WaitOutcome, WaitPolicy,
};
use async_trait::async_trait;
use http::{Request, Response};
use shuttle::sync::Mutex;
use shuttle::{check_pct, check_random, future, thread};

/// In so many orders each is tried, half of them drawn evenly and half with few changes of who runs.
const ORDERS: usize = 4_000;

const TOKEN: &str =
    r#"{"code":"SUCCESS","data":{"token":"t","expiredTime":1700003600000},"pricingStrategy":"FREE"}"#;
const BUSY: &str = r#"{"code":"SERVICE_BUSY","pricingStrategy":"FREE"}"#;
const DISABLED: &str = r#"{"code":"ACCOUNT_DISABLED","pricingStrategy":"FREE"}"#;
const UNFINISHED: &str = r#"{"code":"SUCCESS","data":{"idvCode":null},"pricingStrategy":"FREE"}"#;
const FINISHED: &str = r#"{"code":"SUCCESS","data":{"idvCode":"SUCCESS"},"pricingStrategy":"FREE"}"#;

fn in_all_orders(life: impl Fn() + Send + Sync + 'static) {
    let life = Arc::new(life);
    let again = Arc::clone(&life);
    check_random(move || life(), ORDERS / 2);
    check_pct(move || again(), ORDERS / 2, 3);
}

/// What generate-token says, in turn, and get-result. The last is said for ever. Nothing at all is a panic.
struct Script {
    tokens: Vec<&'static str>,
    results: Vec<&'static str>,
    asked: (usize, usize),
    sleeps_panic: bool,
}

#[derive(Clone)]
struct Line(Arc<Mutex<Script>>);

impl Line {
    fn says(tokens: &[&'static str], results: &[&'static str]) -> Self {
        Self(Arc::new(Mutex::new(Script {
            tokens: tokens.to_vec(),
            results: results.to_vec(),
            asked: (0, 0),
            sleeps_panic: false,
        })))
    }

    fn asked(&self) -> (usize, usize) {
        self.0.lock().unwrap().asked
    }

    fn answer(&self, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        let script = &mut *self.0.lock().unwrap();
        let (says, asked) = if request.uri().path().ends_with("/generate-token") {
            (&script.tokens, &mut script.asked.0)
        } else {
            (&script.results, &mut script.asked.1)
        };
        let body = says.get(*asked).or(says.last()).copied().unwrap_or_default();
        *asked += 1;
        Response::new(body.as_bytes().to_vec())
    }

    fn clock() -> Now {
        Now {
            wall: UnixMillis::new(1_700_000_000_000),
            mono: Duration::from_secs(1),
        }
    }
}

/// What a reply that panics is; its lock is no longer held.
fn comes_of(response: Response<Vec<u8>>) -> Response<Vec<u8>> {
    if response.body().is_empty() {
        resume_unwind(Box::new("a transport's own"));
    }
    response
}

impl Transport for Line {
    fn send(&self, request: Request<Vec<u8>>, _: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        thread::yield_now();
        Ok(comes_of(self.answer(&request)))
    }

    fn sleep(&self, _: Duration) {
        thread::yield_now();
        let panics = self.0.lock().unwrap().sleeps_panic;
        if panics {
            resume_unwind(Box::new("a transport's own"));
        }
    }

    fn now(&self) -> Now {
        Self::clock()
    }
}

/// The same for tasks. Backoffs end; a call that waits for another call's token sleeps for ever.
#[derive(Clone)]
struct Tasks(Line);

#[async_trait]
impl AsyncTransport for Tasks {
    async fn send(&self, request: Request<Vec<u8>>, _: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        future::yield_now().await;
        Ok(comes_of(self.0.answer(&request)))
    }

    async fn sleep(&self, duration: Duration) {
        if duration < Duration::from_secs(10) {
            future::yield_now().await;
        } else {
            pending::<()>().await;
        }
    }

    fn now(&self) -> Now {
        Line::clock()
    }
}

fn credentials() -> Credentials {
    Credentials::new("sampleaccesskey", "samplesecretkey").unwrap()
}

fn config() -> Config {
    Config::new().retry(RetryPolicy::new().total(Duration::from_secs(600)))
}

fn blocking(line: &Line) -> Client<Line> {
    Client::new(line.clone(), config(), credentials(), 7)
}

fn asynchronous(line: &Line) -> AsyncClient<Tasks> {
    AsyncClient::new(Tasks(line.clone()), config(), credentials(), 7)
}

fn id() -> SignatureId {
    SignatureId::new("f302f5d2454a85c2").unwrap()
}

fn policy() -> WaitPolicy {
    WaitPolicy::of(id()).backoff(Duration::from_secs(100), Duration::from_secs(400))
}

/// So many threads ask for a token at once; how each ended, if it did not panic, and how often the vendor was asked.
fn threads(count: usize, line: &Line) -> Vec<Option<bool>> {
    let client = blocking(line);
    let call = |client: Client<Line>| {
        thread::spawn(move || catch_unwind(AssertUnwindSafe(|| client.token().is_ok())).ok())
    };
    let calls: Vec<_> = (0..count).map(|_| call(client.clone())).collect();
    calls.into_iter().map(|call| call.join().unwrap()).collect()
}

#[test]
fn threads_share_a_token() {
    in_all_orders(|| {
        let line = Line::says(&[TOKEN], &[]);
        assert_eq!(threads(3, &line), [Some(true); 3]);
        assert_eq!(line.asked(), (1, 0));
    });
}

#[test]
fn threads_share_a_leaders_retry() {
    in_all_orders(|| {
        let line = Line::says(&[BUSY, TOKEN], &[]);
        assert_eq!(threads(3, &line), [Some(true); 3]);
        assert_eq!(line.asked(), (2, 0));
    });
}

#[test]
fn threads_share_a_verdict() {
    in_all_orders(|| {
        let line = Line::says(&[DISABLED], &[]);
        assert_eq!(threads(3, &line), [Some(false); 3]);
        assert_eq!(line.asked(), (1, 0));
    });
}

#[test]
fn a_thread_that_panics_hands_over() {
    in_all_orders(|| {
        let line = Line::says(&["", TOKEN], &[]);
        let mut ended = threads(3, &line);
        ended.sort_unstable();
        assert_eq!(ended, [None, Some(true), Some(true)]);
        assert_eq!(line.asked(), (2, 0));
    });
}

#[test]
fn a_thread_in_its_pause_is_nudged() {
    in_all_orders(|| {
        let line = Line::says(&[TOKEN], &[UNFINISHED, FINISHED]);
        let (client, control) = (blocking(&line), WaitControl::new());
        let hears = control.clone();
        let wait = thread::spawn(move || client.wait_for_result_with(&hears, policy()));
        while line.asked().1 == 0 {
            thread::yield_now();
        }
        // One that comes while the poll is under way is heard as well, and the pause after it is short, but it is one.
        while line.asked().1 < 2 {
            control.nudge();
            thread::yield_now();
        }
        let waited = wait.join().unwrap();
        assert!(matches!(waited.outcome, WaitOutcome::Finished(_)), "{waited:?}");
    });
}

#[test]
fn a_thread_is_cancelled_wherever_it_is() {
    in_all_orders(|| {
        let line = Line::says(&[TOKEN], &[UNFINISHED]);
        let (client, control) = (blocking(&line), WaitControl::new());
        let (hears, leads) = (control.clone(), client.clone());
        let leader = thread::spawn(move || leads.token().is_ok());
        let wait = thread::spawn(move || client.wait_for_result_with(&hears, policy()));
        control.cancel();
        let waited = wait.join().unwrap();
        assert!(matches!(waited.outcome, WaitOutcome::Cancelled), "{waited:?}");
        assert!(leader.join().unwrap());
    });
}

fn two() -> BatchPolicy {
    BatchPolicy::new().concurrency(NonZeroUsize::new(2).unwrap())
}

#[test]
fn threads_of_a_batch_bring_each() {
    in_all_orders(|| {
        let line = Line::says(&[TOKEN], &[FINISHED]);
        let client = blocking(&line);
        assert_eq!(client.results(vec![id(); 3], two()).count(), 3);
        assert_eq!(line.asked(), (1, 3));
    });
}

#[test]
fn threads_of_a_batch_that_is_given_up_end() {
    in_all_orders(|| {
        let line = Line::says(&[TOKEN], &[FINISHED]);
        let mut results = blocking(&line).results(vec![id(); 4], two());
        assert!(results.next().is_some());
        let rest = results.into_rest();
        assert_eq!(1 + rest.came.len() + rest.dropped.len() + rest.unasked.len(), 4);
        assert_eq!(line.asked().1, 1 + rest.came.len());
    });
}

#[test]
fn a_thread_of_a_batch_that_panics_holds_nobody_up() {
    in_all_orders(|| {
        let line = Line::says(&[TOKEN], &[FINISHED, "", FINISHED]);
        let mut results = blocking(&line).results(vec![id(); 4], two());
        let mut came = 0;
        let ended = catch_unwind(AssertUnwindSafe(|| {
            while results.next().is_some() {
                came += 1;
            }
        }));
        assert!(ended.is_err());
        let rest = results.into_rest();
        assert_eq!(
            came + rest.came.len() + rest.dropped.len() + rest.unasked.len(),
            4
        );
    });
}

#[test]
fn a_thread_of_a_batch_that_panics_in_its_pause_holds_nobody_up() {
    in_all_orders(|| {
        let line = Line::says(&[TOKEN], &[FINISHED]);
        line.0.lock().unwrap().sleeps_panic = true;
        let policy = two().interval(Duration::from_secs(60));
        let mut results = blocking(&line).results(vec![id(); 3], policy);
        let ended = catch_unwind(AssertUnwindSafe(|| results.by_ref().count()));
        assert!(ended.is_err());
        let rest = results.into_rest();
        assert_eq!(rest.dropped.len(), 0, "{rest:?}");
    });
}

/// So many tasks ask for a token at once, each on whichever thread comes.
fn tasks(count: usize, line: &Line) -> Vec<bool> {
    let client = asynchronous(line);
    let calls: Vec<_> = (0..count)
        .map(|_| {
            let client = client.clone();
            future::spawn(async move { client.token().await.is_ok() })
        })
        .collect();
    calls
        .into_iter()
        .map(|call| future::block_on(call).unwrap())
        .collect()
}

#[test]
fn tasks_share_a_token() {
    in_all_orders(|| {
        let line = Line::says(&[BUSY, TOKEN], &[]);
        assert_eq!(tasks(3, &line), [true; 3]);
        assert_eq!(line.asked(), (2, 0));
    });
}

/// One is polled a few times, and dropped, wherever it is then.
#[test]
fn a_task_that_is_dropped_hands_over() {
    for polls in 1..4 {
        in_all_orders(move || {
            let line = Line::says(&[BUSY, TOKEN], &[]);
            let client = asynchronous(&line);
            let hasty = client.clone();
            let dropped = future::spawn(async move {
                let mut call = pin!(hasty.token());
                let mut left = polls;
                std::future::poll_fn(|cx| {
                    left -= 1;
                    if left == 0 || call.as_mut().poll(cx).is_ready() {
                        return Poll::Ready(());
                    }
                    Poll::Pending
                })
                .await;
            });
            let stays: Vec<_> = (0..2)
                .map(|_| {
                    let client = client.clone();
                    future::spawn(async move { client.token().await.is_ok() })
                })
                .collect();
            for call in stays {
                assert!(future::block_on(call).unwrap());
            }
            // It may never be woken again: that is not asked of a task that was polled and has nothing to wait for.
            dropped.abort();
        });
    }
}

/// A call is polled by one task, and goes on in another.
#[test]
fn a_call_that_moves_to_another_task_is_woken_there() {
    in_all_orders(|| {
        let line = Line::says(&[TOKEN], &[]);
        let client = asynchronous(&line);
        let leads = client.clone();
        let leader = future::spawn(async move { leads.token().await.is_ok() });
        let mut call = Box::pin(async move { client.token().await.is_ok() });
        let noop = std::task::Waker::noop();
        let polled = call.as_mut().poll(&mut Context::from_waker(noop));
        if let Poll::Ready(ok) = polled {
            assert!(ok);
        } else {
            assert!(future::block_on(call));
        }
        assert!(future::block_on(leader).unwrap());
    });
}

#[test]
fn a_task_is_nudged_and_cancelled_by_a_thread() {
    in_all_orders(|| {
        let line = Line::says(&[TOKEN], &[UNFINISHED]);
        let (client, control) = (asynchronous(&line), WaitControl::new());
        let hears = control.clone();
        let wait = future::spawn(async move { client.wait_for_result_with(&hears, policy()).await });
        let acts = thread::spawn(move || {
            control.nudge();
            control.cancel();
        });
        let waited = future::block_on(wait).unwrap();
        assert!(matches!(waited.outcome, WaitOutcome::Cancelled), "{waited:?}");
        acts.join().unwrap();
    });
}

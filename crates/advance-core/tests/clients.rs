//! The clients over a transport that answers out of its head: what a program of its own would do to them.

// A panic is how a test fails.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use advance_core::transport::{Failure, Limits};
use advance_core::{
    AsyncClient, AsyncTransport, BatchPolicy, Client, Config, Credentials, Now, SignatureId, Transport,
    UnixMillis, WaitPolicy,
};
use async_trait::async_trait;
use http::{Request, Response};

/// No verification is known, and a token is issued at once.
#[derive(Clone, Default)]
struct KnowsNone(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    within: Vec<Duration>,
    mono: Duration,
    sleep_panics: bool,
    /// Of requests for results, the one of this number panics.
    panics: Option<u32>,
    asked: u32,
}

impl Seen {
    fn answers(&mut self, request: &Request<Vec<u8>>, limits: &Limits) -> Option<Response<Vec<u8>>> {
        self.within.push(limits.within);
        self.mono += Duration::from_millis(1);
        let body = if request.uri().path().ends_with("generate-token") {
            r#"{"code":"SUCCESS","data":{"token":"t","expiredTime":1700003600000},"pricingStrategy":"FREE"}"#
        } else {
            self.asked += 1;
            r#"{"code":"PARAMETER_ERROR","message":"no","pricingStrategy":"PAY"}"#
        };
        let panics = self.asked > 0 && self.panics == Some(self.asked);
        (!panics).then(|| Response::new(body.as_bytes().to_vec()))
    }
}

impl Transport for KnowsNone {
    fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        let answer = self.0.lock().unwrap().answers(&request, limits);
        Ok(answer.expect("a transport's own"))
    }

    fn sleep(&self, duration: Duration) {
        let panics = self.0.lock().unwrap().sleep_panics;
        assert!(!panics, "a transport's own");
        self.0.lock().unwrap().mono += duration;
    }

    fn now(&self) -> Now {
        Now {
            wall: UnixMillis::new(1_700_000_000_000),
            mono: self.0.lock().unwrap().mono,
        }
    }
}

fn client(transport: &KnowsNone) -> Client<KnowsNone> {
    let keys = Credentials::new("sampleaccesskey", "samplesecretkey").unwrap();
    Client::new(transport.clone(), Config::new(), keys, 7)
}

fn ids(count: usize) -> impl Iterator<Item = SignatureId> {
    (0..count).map(|n| SignatureId::new(format!("id-{n}")).unwrap())
}

fn limit(at_once: usize) -> BatchPolicy {
    BatchPolicy::new().concurrency(NonZeroUsize::new(at_once).unwrap())
}

/// Runs this on a thread of its own; nothing if it does not end.
fn in_time<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> Option<R> {
    let (tell, told) = mpsc::channel();
    let worked = thread::Builder::new().spawn(move || tell.send(work()));
    drop(worked.unwrap());
    told.recv_timeout(Duration::from_secs(20)).ok()
}

#[test]
fn a_panic_of_stop_on_costs_no_result_and_holds_nobody_up() {
    for at_once in [1, 4] {
        let client = client(&KnowsNone::default());
        let policy = limit(at_once).stop_on(|_| panic!("a caller's own"));
        let (items, said) = in_time(move || {
            let mut results = client.results(ids(9), policy);
            let mut items = Vec::new();
            let ended = catch_unwind(AssertUnwindSafe(|| items.extend(results.by_ref())));
            (items, ended.unwrap_err().downcast_ref::<&str>().copied())
        })
        .expect("it ends");
        assert_eq!(said, Some("a caller's own"));
        assert!((1..=at_once).contains(&items.len()), "{items:?}");
        assert!(items.iter().all(|item| item.result.is_some()));
    }
}

#[test]
fn a_panic_of_stop_on_is_heard_by_who_waits_for_the_whole() {
    for at_once in [1, 4] {
        let client = client(&KnowsNone::default());
        let policy = limit(at_once).stop_on(|_| panic!("a caller's own"));
        let whole = move || {
            let whole = catch_unwind(AssertUnwindSafe(|| client.get_results(ids(9), policy)));
            whole.is_err()
        };
        assert_eq!(in_time(whole), Some(true));
    }
}

#[test]
fn a_transport_that_panics_as_it_sleeps_holds_nobody_up() {
    let transport = KnowsNone::default();
    transport.0.lock().unwrap().sleep_panics = true;
    let client = client(&transport);
    let policy = limit(4).interval(Duration::from_secs(60));
    let ended = in_time(move || {
        let mut results = client.results(ids(9), policy);
        let first = results.next().is_some();
        (first, catch_unwind(AssertUnwindSafe(|| results.next())).is_err())
    });
    assert_eq!(ended, Some((true, true)));
}

#[test]
fn a_question_of_a_wait_takes_no_longer_than_its_client_says() {
    let transport = KnowsNone::default();
    let (second, id) = (Duration::from_secs(1), SignatureId::new("id").unwrap());
    let hasty = client(&transport).with_total(second);
    let waited = hasty.wait_for_result(WaitPolicy::of(id.clone()).total(Duration::from_secs(600)));
    assert!(waited.charges.pay > 0, "{waited:?}");
    let within = std::mem::take(&mut transport.0.lock().unwrap().within);
    assert!(within.iter().all(|within| *within <= second), "{within:?}");
    // Nor longer than the wait has.
    let patient = hasty.with_total(Duration::from_secs(60));
    let waited = patient.wait_for_result(WaitPolicy::of(id).total(second));
    assert!(waited.charges.pay > 0, "{waited:?}");
    let within = std::mem::take(&mut transport.0.lock().unwrap().within);
    assert!(within.iter().all(|within| *within <= second), "{within:?}");
}

/// An id whose request was under way when its transport panicked may have been paid for.
#[test]
fn what_a_transport_panicked_at_is_dropped_and_not_lost() {
    for at_once in [1, 4] {
        let transport = KnowsNone::default();
        transport.0.lock().unwrap().panics = Some(3);
        let client = client(&transport);
        let (taken, rest) = in_time(move || {
            let mut results = client.results(ids(9), limit(at_once));
            let mut taken = Vec::new();
            let panicked = catch_unwind(AssertUnwindSafe(|| taken.extend(results.by_ref())));
            assert!(panicked.is_err());
            (taken.len(), results.into_rest())
        })
        .expect("it ends");
        assert_eq!(rest.dropped.len(), 1, "{at_once}: {rest:?}");
        assert_eq!(taken + rest.came.len() + 1 + rest.unasked.len(), 9);
        assert_eq!((rest.charges.pay, rest.charges.unknown), (taken as u64, 1));
    }
}

#[test]
fn what_came_before_a_panic_is_in_the_rest() {
    let transport = KnowsNone::default();
    transport.0.lock().unwrap().panics = Some(4);
    let client = client(&transport);
    let rest = in_time(move || {
        let mut results = client.results(ids(9), limit(2));
        let one = results.next().is_some();
        let two = results.next().is_some();
        // Now one is under way that comes, and one that does not.
        while transport.0.lock().unwrap().asked < 4 {
            thread::yield_now();
        }
        (one && two, results.into_rest())
    });
    let (took_two, rest) = rest.expect("it ends");
    assert!(took_two);
    assert_eq!(
        (rest.came.len(), rest.dropped.len(), rest.unasked.len()),
        (1, 1, 5)
    );
}

struct Asynchronous(KnowsNone);

#[async_trait]
impl AsyncTransport for Asynchronous {
    async fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        self.0.send(request, limits)
    }

    async fn sleep(&self, duration: Duration) {
        self.0.sleep(duration);
    }

    fn now(&self) -> Now {
        self.0.now()
    }
}

/// Its transport never waits, so that one poll is all it takes.
fn at_once<R>(future: impl Future<Output = R>) -> Option<R> {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => Some(result),
        Poll::Pending => None,
    }
}

#[test]
fn a_stream_whose_transport_panicked_ends() {
    let transport = KnowsNone::default();
    transport.0.lock().unwrap().panics = Some(3);
    let keys = Credentials::new("sampleaccesskey", "samplesecretkey").unwrap();
    let client = AsyncClient::new(Asynchronous(transport), Config::new(), keys, 7);
    let mut results = client.results(ids(9), limit(1));
    for _ in 0..2 {
        assert!(at_once(results.next()).is_some_and(|item| item.is_some()));
    }
    assert!(catch_unwind(AssertUnwindSafe(|| at_once(results.next()))).is_err());
    assert!(
        at_once(results.next()).is_some_and(|item| item.is_none()),
        "it hangs"
    );
    let rest = results.into_rest();
    assert_eq!(
        (rest.came.len(), rest.dropped.len(), rest.unasked.len()),
        (0, 1, 6)
    );
    assert_eq!((rest.charges.pay, rest.charges.unknown), (2, 1));
}

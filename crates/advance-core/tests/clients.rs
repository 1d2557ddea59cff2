//! The clients over a transport that answers out of its head: what a program of its own would do to them.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use advance_core::transport::{Failure, Limits};
use advance_core::{
    BatchPolicy, Client, Config, Credentials, Now, SignatureId, Transport, UnixMillis, WaitPolicy,
};
use http::{Request, Response};

/// No verification is known, and a token is issued at once.
#[derive(Clone, Default)]
struct KnowsNone(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    within: Vec<Duration>,
    mono: Duration,
    sleep_panics: bool,
}

impl Transport for KnowsNone {
    fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        let mut seen = self.0.lock().unwrap();
        seen.within.push(limits.within);
        seen.mono += Duration::from_millis(1);
        let body = if request.uri().path().ends_with("generate-token") {
            r#"{"code":"SUCCESS","data":{"token":"t","expiredTime":1700003600000},"pricingStrategy":"FREE"}"#
        } else {
            r#"{"code":"PARAMETER_ERROR","message":"no","pricingStrategy":"PAY"}"#
        };
        Ok(Response::new(body.as_bytes().to_vec()))
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
    thread::spawn(move || tell.send(work()));
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
            (
                items,
                ended
                    .unwrap_err()
                    .downcast_ref::<&str>()
                    .map(|said| said.to_string()),
            )
        })
        .expect("it ends");
        assert_eq!(said.as_deref(), Some("a caller's own"));
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

//! A waiter for a token is woken by news of it, and not by the end of a lease a minute later.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::VecDeque;
use std::future::{Future as _, pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use advance_core::session::nothing_yet;
use advance_core::transport::{Failure, Limits};
use advance_core::{
    AsyncClient, AsyncTransport, Client, Config, Now, SignatureId, Transport, UnixMillis, WaitPolicy,
};
use async_trait::async_trait;
use http::{Request, Response};

use support::{credentials, link_for};

/// A network that holds every request up until the test has a reply for it.
#[derive(Clone, Default)]
struct HeldUp(Arc<(Mutex<Replies>, Condvar)>);

#[derive(Default)]
struct Replies {
    next: VecDeque<Response<Vec<u8>>>,
    waiting: Vec<Waker>,
}

impl HeldUp {
    fn replies(&self, reply: Response<Vec<u8>>) {
        let (replies, arrived) = &*self.0;
        let mut replies = replies.lock().unwrap();
        replies.next.push_back(reply);
        for waker in replies.waiting.drain(..) {
            waker.wake();
        }
        arrived.notify_all();
    }

    fn now() -> Now {
        static BEGUN: OnceLock<Instant> = OnceLock::new();
        Now {
            wall: UnixMillis::new(1_700_000_000_000),
            mono: BEGUN.get_or_init(Instant::now).elapsed(),
        }
    }
}

#[async_trait]
impl AsyncTransport for HeldUp {
    async fn send(&self, _: Request<Vec<u8>>, _: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        poll_fn(|cx| {
            let mut replies = self.0.0.lock().unwrap();
            replies.next.pop_front().map_or_else(
                || {
                    replies.waiting.push(cx.waker().clone());
                    Poll::Pending
                },
                |reply| Poll::Ready(Ok(reply)),
            )
        })
        .await
    }

    async fn sleep(&self, _: Duration) {
        pending::<()>().await;
    }

    fn now(&self) -> Now {
        Self::now()
    }
}

impl Transport for HeldUp {
    fn send(&self, _: Request<Vec<u8>>, _: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        let (replies, arrived) = &*self.0;
        let nothing = |replies: &mut Replies| replies.next.is_empty();
        let mut replies = arrived.wait_while(replies.lock().unwrap(), nothing).unwrap();
        Ok(replies.next.pop_front().unwrap())
    }

    fn sleep(&self, duration: Duration) {
        thread::sleep(duration);
    }

    fn now(&self) -> Now {
        Self::now()
    }
}

fn success(data: &str, pricing: &str) -> Response<Vec<u8>> {
    let body = format!(r#"{{"code":"SUCCESS","data":{data},"pricingStrategy":"{pricing}"}}"#);
    Response::new(body.into_bytes())
}

fn token() -> Response<Vec<u8>> {
    success(r#"{"token":"abc.def.ghi","expiredTime":1700003600000}"#, "FREE")
}

fn result(pricing: &str) -> Response<Vec<u8>> {
    success(r#"{"idvCode":"SUCCESS"}"#, pricing)
}

fn waiting() -> WaitPolicy {
    WaitPolicy::of(SignatureId::new("f302f5d2454a85c2").unwrap())
}

#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A leader that asks for a token, and a waiter; the waiter is woken once by what `happens` to the leader.
fn woken_once(happens: impl FnOnce(&HeldUp, &mut dyn FnMut() -> Poll<()>)) {
    let network = HeldUp::default();
    let client = AsyncClient::new(network.clone(), Config::new(), credentials(), 7);
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let mut waiter = pin!(client.generate_url(link_for("sbx-ok")));
    {
        let mut leader = Box::pin(client.token());
        let mut noop = Context::from_waker(Waker::noop());
        assert!(leader.as_mut().poll(&mut noop).is_pending());
        let polled = waiter.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(polled.is_pending());
        happens(&network, &mut || leader.as_mut().poll(&mut noop).map(drop));
    }
    assert_eq!(woken.0.load(Ordering::SeqCst), 1);
}

#[test]
fn a_token_that_arrives_wakes_who_waits() {
    woken_once(|network, leader| {
        network.replies(token());
        assert!(leader().is_ready());
    });
}

#[test]
fn a_refusal_wakes_who_waits() {
    woken_once(|network, leader| {
        let page = Response::builder().status(403).body(b"<html>".to_vec());
        network.replies(page.unwrap());
        assert!(leader().is_ready());
    });
}

#[test]
fn a_leader_that_is_dropped_wakes_who_waits() {
    woken_once(|_, _| {});
}

/// The lease of the leader is longer than this test would wait.
#[test]
fn a_thread_that_waits_is_woken_too() {
    let network = HeldUp::default();
    let client = Client::new(network.clone(), Config::new(), credentials(), 7);
    let (told, done) = mpsc::channel();
    for _ in 0..2 {
        let (client, told) = (client.clone(), told.clone());
        // One that is never woken would hang, and is then left behind.
        thread::spawn(move || told.send(client.token().is_ok()).unwrap());
    }
    assert!(
        done.recv_timeout(Duration::from_millis(300)).is_err(),
        "no token yet"
    );
    network.replies(token());
    for _ in 0..2 {
        assert_eq!(done.recv_timeout(Duration::from_secs(10)), Ok(true));
    }
}

/// A rule that panics does so with no lock held and everything booked.
#[test]
fn a_rule_that_panics_neither_books_twice_nor_keeps_anybody_waiting() {
    let network = HeldUp::default();
    let client = AsyncClient::new(network.clone(), Config::new(), credentials(), 7);
    let polling = waiting().unfinished(|_| panic!("the caller's rule"));
    network.replies(token());
    network.replies(result("PAY"));
    let mut wait = Box::pin(client.wait_for_result(polling));
    let polled = catch_unwind(AssertUnwindSafe(|| {
        wait.as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_ready()
    }));
    assert!(polled.is_err());
    drop(wait);
    let charges = client.charges();
    assert_eq!((charges.free, charges.pay, charges.unknown), (1, 1, 0));
}

#[test]
fn a_rule_may_ask_the_client() {
    let network = HeldUp::default();
    let client = Client::new(network.clone(), Config::new(), credentials(), 7);
    network.replies(token());
    network.replies(result("FREE"));
    let (told, done) = mpsc::channel();
    thread::spawn(move || {
        let asked = client.clone();
        let polling = waiting().unfinished(move |result| asked.charges().free != 2 || nothing_yet(result));
        let waited = client.wait_for_result(polling).into_result();
        told.send(waited.is_ok()).unwrap();
    });
    assert_eq!(done.recv_timeout(Duration::from_secs(10)), Ok(true));
}

//! What many calls of one client cost each other: nothing that grows with their number.

// A panic is how a test fails, and figures are for a person to read.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::future::{Future, pending, poll_fn};
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use advance_core::secret::AccessToken;
use advance_core::session::ExportedToken;
use advance_core::transport::{Failure, Limits};
use advance_core::{
    AsyncClient, AsyncTransport, BatchPolicy, Config, Credentials, Now, SignatureId, UnixMillis,
};
use async_trait::async_trait;

const NOW: Now = Now {
    wall: UnixMillis::new(1_700_000_000_000),
    mono: Duration::from_secs(1),
};

fn client<T: AsyncTransport>(transport: T) -> AsyncClient<T> {
    let credentials = Credentials::new("sampleaccesskey", "samplesecretkey").unwrap();
    AsyncClient::new(transport, Config::new(), credentials, 7)
}

/// A network on which each reply comes when it is let in, one after the other.
#[derive(Default)]
struct OneByOne {
    polls: AtomicUsize,
    waiting: Mutex<Vec<Waker>>,
}

#[async_trait]
impl AsyncTransport for OneByOne {
    async fn send(&self, _: http::Request<Vec<u8>>, _: &Limits) -> Result<http::Response<Vec<u8>>, Failure> {
        let mut asked = false;
        poll_fn(|cx| {
            self.polls.fetch_add(1, Ordering::Relaxed);
            if std::mem::replace(&mut asked, true) {
                return Poll::Ready(());
            }
            self.waiting.lock().unwrap().push(cx.waker().clone());
            Poll::Pending
        })
        .await;
        let body = r#"{"code":"SUCCESS","data":{"idvCode":"SUCCESS"},"pricingStrategy":"FREE"}"#;
        Ok(http::Response::new(body.as_bytes().to_vec()))
    }

    async fn sleep(&self, _: Duration) {
        pending::<()>().await;
    }

    fn now(&self) -> Now {
        NOW
    }
}

struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// How often the requests of a batch of this many are polled in all.
fn polls(count: usize) -> usize {
    let client = client(OneByOne::default());
    let token = AccessToken::new("t").unwrap();
    let ends = NOW.wall.saturating_add(Duration::from_secs(3_600));
    assert!(client.adopt_token(ExportedToken::new(token, ends)));
    let ids = (0..count).map(|number| SignatureId::new(number.to_string()).unwrap());
    let policy = BatchPolicy::new().concurrency(NonZeroUsize::new(count).unwrap());
    let mut batch = Box::pin(client.get_results(ids, policy));
    let waker = Waker::from(Arc::new(Woken(AtomicUsize::new(0))));
    let mut cx = Context::from_waker(&waker);
    for _ in 0..3 * count {
        if let Poll::Ready(result) = batch.as_mut().poll(&mut cx) {
            assert!(result.items.iter().all(|item| matches!(item.result, Some(Ok(_)))));
            return client.transport().polls.load(Ordering::Relaxed);
        }
        let next = client.transport().waiting.lock().unwrap().pop();
        if let Some(next) = next {
            next.wake();
        }
    }
    panic!("a batch that never ends")
}

#[test]
fn a_call_of_a_batch_is_polled_only_when_it_is_woken_itself() {
    for count in [1, 100, 2_000] {
        assert_eq!(polls(count), 2 * count, "{count}");
    }
}

/// A network on which nothing ever comes back.
struct Silence;

#[async_trait]
impl AsyncTransport for Silence {
    async fn send(&self, _: http::Request<Vec<u8>>, _: &Limits) -> Result<http::Response<Vec<u8>>, Failure> {
        pending().await
    }

    async fn sleep(&self, _: Duration) {
        pending::<()>().await;
    }

    fn now(&self) -> Now {
        NOW
    }
}

/// How long each of so many cold callers takes to join those who wait for a token, and to leave.
fn join_and_leave(callers: u32) -> [Duration; 2] {
    let client = client(Silence);
    let mut cx = Context::from_waker(Waker::noop());
    let mut waiting: Vec<Pin<Box<_>>> = (0..callers).map(|_| Box::pin(client.token())).collect();
    let begun = Instant::now();
    for caller in &mut waiting {
        assert!(caller.as_mut().poll(&mut cx).is_pending());
    }
    let joined = begun.elapsed();
    let begun = Instant::now();
    // The one that came last leaves first; the leader is the last to go.
    while let Some(caller) = waiting.pop() {
        drop(caller);
    }
    [joined, begun.elapsed()].map(|time| time / callers)
}

#[test]
fn cold_callers_join_and_leave_in_a_time_of_their_own() {
    let best = |callers| {
        let runs = [(); 3].map(|()| join_and_leave(callers));
        [0, 1].map(|what| runs.iter().map(|run| run[what]).min().unwrap())
    };
    let (few, many) = (best(500), best(20_000));
    for (few, many) in few.into_iter().zip(many) {
        // Were each to look at all the others, it would be forty times as long.
        assert!(many < few * 12, "{few:?} and {many:?} each");
    }
}

/// The figures: `cargo test --release --test scale -- --ignored --nocapture`.
#[test]
#[ignore = "it measures, and takes a gigabyte"]
fn figures() {
    for callers in [1_000, 10_000, 100_000] {
        let [join, leave] = join_and_leave(callers);
        println!("{callers} callers: {join:?} to join, {leave:?} to leave, each");
    }
}

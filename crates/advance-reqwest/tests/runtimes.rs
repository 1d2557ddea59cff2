//! Outside tokio, in two runtimes, in one that ends.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

use std::error::Error as _;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use advance_conformance::server::{Script, Server};
use advance_core::transport::{Failure, FailureKind, Limits, Sent};
use advance_core::{AsyncTransport as _, Config, Credentials, SignatureId, WaitOutcome, WaitPolicy};
use advance_reqwest::ReqwestTransport;
use advance_reqwest::reqwest::Client;
use http::{Request, Response};
use tokio::runtime::{Builder, Runtime};

const FINE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
const LIMITS: Limits = Limits::new(Duration::from_secs(15), 64);
/// Far from the limit of a call, and enough for a busy machine.
const SOON: Duration = Duration::from_secs(3);

fn server() -> Server {
    Server::plain(Script::reply(FINE)).unwrap()
}

async fn send(transport: &ReqwestTransport, server: &Server) -> Result<Response<Vec<u8>>, Failure> {
    let request = Request::post(server.url("/")).body(b"{}".to_vec()).unwrap();
    transport.send(request, &LIMITS).await
}

fn alone() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// An executor that is not tokio's. It counts how often it was woken.
fn elsewhere<T>(future: impl Future<Output = T>) -> (T, usize) {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    for polls in 1.. {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return (value, polls);
        }
        thread::park();
    }
    unreachable!()
}

#[test]
fn fault_98_outside_tokio_the_error_says_so_at_once() {
    let (transport, server) = (ReqwestTransport::new().unwrap(), server());
    let start = Instant::now();
    let (result, _) = elsewhere(send(&transport, &server));
    let failure = result.unwrap_err();
    assert!(start.elapsed() < SOON);
    assert_eq!((failure.kind(), failure.sent()), (FailureKind::Refused, Sent::No));
    let said = failure.source().unwrap().to_string();
    assert!(said.contains("tokio runtime"), "{said}");
}

#[test]
fn fault_98_outside_tokio_a_sleep_takes_its_time_and_does_not_spin() {
    let transport = ReqwestTransport::new().unwrap();
    let wanted = Duration::from_millis(150);
    let start = Instant::now();
    let ((), polls) = elsewhere(transport.sleep(wanted));
    assert!(start.elapsed() >= wanted && polls < 10, "{polls} polls");
}

#[test]
fn fault_98_outside_tokio_a_wait_says_so_at_once() {
    let credentials = Credentials::new("sampleaccesskey", "samplesecretkey").unwrap();
    let client = advance_reqwest::client(Config::new(), credentials).unwrap();
    let id = SignatureId::new("ed8b21c0c87ad617").unwrap();
    let start = Instant::now();
    let (waited, polls) = elsewhere(client.wait_for_result(WaitPolicy::of(id)));
    assert!(
        start.elapsed() < SOON / 2 && polls < 10,
        "{:?}, {polls} polls",
        start.elapsed()
    );
    assert!(matches!(waited.outcome, WaitOutcome::Failed(_)), "{waited:?}");
}

#[test]
fn fault_98_two_live_runtimes_by_turns_get_their_answers_at_once() {
    let (transport, server) = (ReqwestTransport::new().unwrap(), server());
    let runtimes = [alone(), alone()];
    let start = Instant::now();
    for _ in 0..3 {
        for runtime in &runtimes {
            runtime.block_on(send(&transport, &server)).unwrap();
        }
    }
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    // Each keeps its own connection.
    assert!(
        server.journal().connections() <= 3,
        "{}",
        server.journal().connections()
    );
}

#[test]
fn fault_98_after_a_runtime_has_ended_another_one_goes_on() {
    let (transport, server) = (ReqwestTransport::new().unwrap(), server());
    // More than are remembered at once.
    for _ in 0..20 {
        let start = Instant::now();
        alone().block_on(send(&transport, &server)).unwrap();
        assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    }
}

#[test]
fn fault_98_a_callers_own_client_says_so_in_another_runtime() {
    let builder = Client::builder().no_proxy();
    let (transport, server) = (ReqwestTransport::from_builder(builder).unwrap(), server());
    let (first, second) = (alone(), alone());
    first.block_on(send(&transport, &server)).unwrap();
    let failure = second.block_on(send(&transport, &server)).unwrap_err();
    assert_eq!((failure.kind(), failure.sent()), (FailureKind::Refused, Sent::No));
    assert!(
        failure
            .source()
            .unwrap()
            .to_string()
            .contains("another tokio runtime")
    );
    first.block_on(send(&transport, &server)).unwrap();
}

/// The documented way to block in a handler: without `block_in_place` the connection's task would wait for the very thread
/// that waits for it.
#[test]
fn fault_98_block_on_within_a_task_works_by_block_in_place() {
    let (transport, server) = (ReqwestTransport::new().unwrap(), server());
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let start = Instant::now();
    runtime.block_on(async {
        let task =
            tokio::spawn(
                async move { tokio::task::block_in_place(|| elsewhere(send(&transport, &server)).0) },
            );
        task.await.unwrap().unwrap();
    });
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
}

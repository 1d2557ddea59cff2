//! What a waker holds may be the last of a task, and the task may hold a call of the very client that keeps the waker.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::future::{Future as _, pending};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use advance_core::transport::{Failure, Limits};
use advance_core::{AsyncClient, AsyncTransport, Config, Credentials, Now, UnixMillis};
use async_trait::async_trait;

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
        Now {
            wall: UnixMillis::new(1_700_000_000_000),
            mono: Duration::from_secs(1),
        }
    }
}

/// The last of a task: dropping it asks the client something.
struct Task(AsyncClient<Silence>);

impl Wake for Task {
    fn wake(self: Arc<Self>) {}
}

impl Drop for Task {
    fn drop(&mut self) {
        let _ = self.0.charges();
    }
}

#[test]
fn a_waker_may_call_the_client_as_it_is_dropped() {
    for another_waker in [false, true] {
        let (done, finished) = mpsc::channel();
        // It would hang for ever, and is then left behind.
        thread::spawn(move || {
            let credentials = Credentials::new("sampleaccesskey", "samplesecretkey").unwrap();
            let client = AsyncClient::new(Silence, Config::new(), credentials, 7);
            let mut leader = Box::pin(client.token());
            let mut noop = Context::from_waker(Waker::noop());
            assert!(leader.as_mut().poll(&mut noop).is_pending());

            let mut waiter = Box::pin(client.token());
            let waker = Waker::from(Arc::new(Task(client.clone())));
            assert!(
                waiter
                    .as_mut()
                    .poll(&mut Context::from_waker(&waker))
                    .is_pending()
            );
            drop(waker);
            if another_waker {
                assert!(waiter.as_mut().poll(&mut noop).is_pending());
            }
            drop(waiter);
            drop(leader);
            done.send(()).unwrap();
        });
        let finished = finished.recv_timeout(Duration::from_secs(20));
        assert_eq!(finished, Ok(()), "another waker: {another_waker}");
    }
}

/// A network on which every token is refused for now, once it is let through.
struct Busy(tokio::sync::Semaphore);

#[async_trait]
impl AsyncTransport for Busy {
    async fn send(&self, _: http::Request<Vec<u8>>, _: &Limits) -> Result<http::Response<Vec<u8>>, Failure> {
        let _let_through = self.0.acquire().await.unwrap();
        Ok(http::Response::new(
            br#"{"code":"ACCOUNT_DISABLED","transactionId":"t-1"}"#.to_vec(),
        ))
    }

    async fn sleep(&self, _: Duration) {
        pending::<()>().await;
    }

    fn now(&self) -> Now {
        Silence.now()
    }
}

/// Counts how often it is woken, and may panic each time.
struct Bell {
    rung: AtomicUsize,
    panics: bool,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.rung.fetch_add(1, Ordering::Relaxed);
        assert!(!self.panics, "a waker of somebody else's");
    }
}

#[test]
fn fault_94_a_waker_that_panics_costs_nobody_a_wake_up_or_a_reply() {
    let credentials = Credentials::new("sampleaccesskey", "samplesecretkey").unwrap();
    let network = Busy(tokio::sync::Semaphore::new(0));
    let client = AsyncClient::new(network, Config::new(), credentials, 7);
    let mut noop = Context::from_waker(Waker::noop());
    let mut leader = Box::pin(client.token());
    assert!(leader.as_mut().poll(&mut noop).is_pending());
    let bells: Vec<_> = [true, false, true, false]
        .map(|panics| {
            Arc::new(Bell {
                rung: AtomicUsize::new(0),
                panics,
            })
        })
        .into();
    let mut waiters: Vec<_> = bells
        .iter()
        .map(|bell| {
            let mut waiter = Box::pin(client.token());
            let waker = Waker::from(Arc::clone(bell));
            let mut context = Context::from_waker(&waker);
            assert!(waiter.as_mut().poll(&mut context).is_pending());
            waiter
        })
        .collect();
    client.transport().0.add_permits(1);
    // The leader's own reply is not lost to the panics of others.
    let Poll::Ready(Err(error)) = leader.as_mut().poll(&mut noop) else {
        panic!("it has its answer")
    };
    assert_eq!(error.code().unwrap().as_str(), "ACCOUNT_DISABLED");
    for (bell, waiter) in bells.iter().zip(&mut waiters) {
        assert_eq!(bell.rung.load(Ordering::Relaxed), 1);
        assert!(waiter.as_mut().poll(&mut noop).is_ready());
    }
}

/// Writes nothing, and asks the client something at each piece of text.
struct Curious<'a>(&'a AsyncClient<Silence>, usize);

impl std::fmt::Write for Curious<'_> {
    fn write_str(&mut self, _: &str) -> std::fmt::Result {
        let _ = self.0.charges();
        self.1 += 1;
        Ok(())
    }
}

#[test]
fn fault_94_the_debug_of_a_client_holds_no_lock_while_it_writes() {
    let (done, finished) = mpsc::channel();
    // It would hang for ever, and is then left behind.
    thread::spawn(move || {
        let credentials = Credentials::new("sampleaccesskey", "samplesecretkey").unwrap();
        let client = AsyncClient::new(Silence, Config::new(), credentials, 7);
        let mut writer = Curious(&client, 0);
        write!(writer, "{client:?} {client:#?}").unwrap();
        done.send(writer.1).unwrap();
    });
    assert!(finished.recv_timeout(Duration::from_secs(20)).unwrap() > 10);
}

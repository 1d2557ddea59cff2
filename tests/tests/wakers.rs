//! What a waker holds may be the last of a task, and the task may hold a call of the very client that keeps the waker.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

use std::future::{Future as _, pending};
use std::sync::{Arc, mpsc};
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::Duration;

use advance_core::{AsyncClient, AsyncTransport, Config, Credentials, Failure, Limits, Now, UnixMillis};
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

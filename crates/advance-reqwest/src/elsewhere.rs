//! A sleep outside tokio, where its timers would panic.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

#[derive(Default)]
struct Alarm {
    over: bool,
    waker: Option<Waker>,
}

/// Takes its time by a thread of its own: a caller in the wrong place must not spin.
pub(crate) async fn sleep(duration: Duration) {
    let alarm = Arc::new(Mutex::new(Alarm::default()));
    let ring = Arc::clone(&alarm);
    let slept = std::thread::Builder::new()
        .name("advance-reqwest sleep".into())
        .spawn(move || {
            std::thread::sleep(duration);
            let mut alarm = ring.lock().unwrap_or_else(PoisonError::into_inner);
            alarm.over = true;
            let waker = alarm.waker.take();
            drop(alarm);
            waker.map(Waker::wake)
        });
    if slept.is_err() {
        // No thread to be had: this one waits itself.
        std::thread::sleep(duration);
        return;
    }
    poll_fn(|context| {
        let mut alarm = alarm.lock().unwrap_or_else(PoisonError::into_inner);
        if alarm.over {
            Poll::Ready(())
        } else {
            alarm.waker = Some(context.waker().clone());
            Poll::Pending
        }
    })
    .await;
}

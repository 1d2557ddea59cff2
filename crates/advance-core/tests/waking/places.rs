//! The places of those who wait for a token.

use std::pin::pin;
use std::sync::{Arc, Weak, mpsc};
use std::task::{Context, Poll, Wake, Waker};

use advance_core::session::Event;
use advance_core::{AsyncClient, Observer};

use crate::line::{Bell, HANGS, Line, TOKEN, Task, aside, asynchronous, link};

#[test]
fn who_is_polled_by_another_task_is_woken_there() {
    let line = Line::default();
    let client = asynchronous(&line);
    let mut leader = Task::begin(client.token());
    let mut waiter = pin!(client.generate_url(link()));
    let bells: [Arc<Bell>; 2] = Default::default();
    for bell in &bells {
        let waker = Waker::from(Arc::clone(bell));
        assert!(
            waiter
                .as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        );
    }
    line.answer(0, TOKEN);
    assert!(leader.ends().is_ok());
    assert_eq!(bells.map(|bell| bell.rung()), [0, 1]);
}

#[test]
fn who_has_gone_is_neither_woken_nor_kept() {
    let line = Line::default();
    let client = asynchronous(&line);
    let mut leader = Task::begin(client.token());
    let gone = Task::begin(client.generate_url(link()));
    let stays = Task::begin(client.generate_url(link()));
    let bell: Weak<Bell> = Arc::downgrade(&gone.bell);
    drop(gone);
    assert!(bell.upgrade().is_none(), "its waker is kept");
    line.answer(0, TOKEN);
    assert!(leader.ends().is_ok());
    assert_eq!(stays.bell.rung(), 1);
}

/// It asks the client as it is woken.
struct Curious(AsyncClient<Line>, mpsc::Sender<()>);

impl Wake for Curious {
    fn wake(self: Arc<Self>) {
        let _ = self.0.charges();
        self.1.send(()).unwrap();
    }
}

#[test]
fn a_waker_may_call_the_client_as_it_wakes() {
    let (tell, told) = mpsc::channel();
    let _hangs = aside(move || {
        let line = Line::default();
        let client = asynchronous(&line);
        let mut leader = Task::begin(client.token());
        let mut waiter = pin!(client.generate_url(link()));
        let waker = Waker::from(Arc::new(Curious(client.clone(), tell)));
        assert!(
            waiter
                .as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        );
        line.answer(0, TOKEN);
        assert!(leader.ends().is_ok());
    });
    assert_eq!(told.recv_timeout(HANGS), Ok(()));
}

/// It asks the client as it is dropped.
struct Former(AsyncClient<Line>, mpsc::Sender<()>);

impl Observer for Former {
    fn event(&self, _: &Event) {}
}

impl Drop for Former {
    fn drop(&mut self) {
        let _ = self.0.charges();
        self.1.send(()).unwrap();
    }
}

#[test]
fn a_former_observer_may_call_the_client_as_it_is_dropped() {
    let (tell, told) = mpsc::channel();
    let _hangs = aside(move || {
        let client = asynchronous(&Line::default());
        let former = Former(client.clone(), tell);
        let observed = client.with_observer(former);
        let _ = observed.with_observer(|_: &Event| {});
    });
    assert_eq!(told.recv_timeout(HANGS), Ok(()));
}

#[test]
fn news_that_came_before_a_place_was_taken_is_not_slept_through() {
    // The waiter's turn comes; before it is polled, the leader gives up.
    let line = Line::default();
    let client = asynchronous(&line);
    let leader = Task::begin(client.token());
    let mut waiter = Task::begin(client.token());
    drop(leader);
    assert_eq!(waiter.bell.rung(), 1);
    let mut third = Task::begin(client.token());
    assert!(waiter.poll().is_pending());
    // The third leads, and the waiter has a place of its own again.
    line.answer(1, TOKEN);
    assert!(third.ends().is_ok());
    assert_eq!(waiter.bell.rung(), 2);
    assert!(matches!(waiter.poll(), Poll::Ready(Ok(_))));
    assert_eq!(line.asked(), ["generate-token"; 2]);
}

//! A leader that goes hands its lead over, wherever it is.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;

use advance_core::Error;
use advance_core::session::{Event, WaitReason};

use crate::line::{BUSY, HANGS, Line, Reply, TOKEN, Task, aside, asynchronous, blocking, link};

#[test]
fn an_async_leader_that_is_dropped_in_its_backoff() {
    let line = Line::default();
    let client = asynchronous(&line);
    let mut leader = Task::begin(client.token());
    line.answer(0, BUSY);
    assert!(leader.poll().is_pending());
    assert_eq!(line.sleeps().len(), 1, "it backs off");
    let mut next = Task::begin(client.token());
    assert_eq!(line.asked().len(), 1, "the leader is going to ask again");
    drop(leader);
    assert_eq!(next.bell.rung(), 1);
    assert!(next.poll().is_pending());
    line.answer(1, TOKEN);
    assert!(next.ends().is_ok());
    assert_eq!(line.asked(), ["generate-token"; 2]);
    let charges = client.charges();
    assert_eq!(
        (charges.free, charges.unknown),
        (2, 0),
        "nothing was under way when it went"
    );
}

#[test]
fn an_async_leader_that_panics_in_its_backoff() {
    let line = Line::default();
    let client = asynchronous(&line);
    let mut leader = Task::begin(client.token());
    line.answer(0, BUSY);
    assert!(leader.poll().is_pending());
    let mut next = Task::begin(client.token());
    // It sleeps as well, but a task that is not polled does not panic.
    line.sleeps_panic();
    let before = next.bell.rung();
    assert!(catch_unwind(AssertUnwindSafe(|| leader.poll())).is_err());
    drop(leader);
    assert_eq!(next.bell.rung(), before + 1);
    assert!(next.poll().is_pending());
    line.answer(1, TOKEN);
    assert!(next.ends().is_ok());
}

#[test]
fn an_async_leader_that_panics_as_it_sends() {
    let line = Line::default();
    let client = asynchronous(&line);
    let mut leader = Task::begin(client.token());
    let mut next = Task::begin(client.token());
    line.answer(0, Reply::Panics);
    assert!(catch_unwind(AssertUnwindSafe(|| leader.poll())).is_err());
    drop(leader);
    assert_eq!(next.bell.rung(), 1);
    assert!(next.poll().is_pending());
    line.answer(1, TOKEN);
    assert!(next.ends().is_ok());
    assert_eq!(client.charges().unknown, 1, "what was under way when it panicked");
}

/// A leader on one thread, up to where `comes_to` says; a second call on another, which waits; then the leader `goes`, and
/// the second asks in its place.
fn a_thread_takes_over(comes_to: impl FnOnce(&Line), goes: impl FnOnce(&Line)) {
    let line = Line::default();
    let (begins, begun) = mpsc::channel();
    let client = blocking(&line).with_observer(move |event: &Event| {
        if let Event::Waiting {
            why: WaitReason::Token,
            ..
        } = event
        {
            begins.send(()).unwrap();
        }
    });
    let call = || {
        let client = client.clone();
        aside(move || catch_unwind(AssertUnwindSafe(|| client.token().is_ok())).ok())
    };
    let leader = call();
    comes_to(&line);
    let next = call();
    assert_eq!(begun.recv_timeout(HANGS), Ok(()), "the second waits");
    goes(&line);
    assert_eq!(leader.recv_timeout(HANGS), Ok(None), "the leader panics");
    assert!(line.is_asked(2), "the second does not ask");
    line.answer(1, TOKEN);
    assert_eq!(next.recv_timeout(HANGS), Ok(Some(true)));
}

#[test]
fn a_blocking_leader_that_panics_in_its_backoff() {
    a_thread_takes_over(
        |line| {
            line.answer(0, BUSY);
            assert!(line.is_slept_on(1));
        },
        Line::sleeps_panic,
    );
}

#[test]
fn a_blocking_leader_that_panics_as_it_sends() {
    a_thread_takes_over(
        |line| assert!(line.is_asked(1)),
        |line| line.answer(0, Reply::Panics),
    );
}

fn is_busy(error: &Error) -> bool {
    error.code().is_some_and(|code| code.as_str() == "SERVICE_BUSY")
}

#[test]
fn an_async_call_that_is_woken_too_late_ends_by_what_it_was_told() {
    let line = Line::default();
    let client = asynchronous(&line);
    let mut call = Task::begin(client.generate_url(link()));
    line.answer(0, TOKEN);
    assert!(call.poll().is_pending());
    line.answer(1, BUSY);
    assert!(call.poll().is_pending());
    line.pass(crate::line::S(700));
    let error = call.ends().unwrap_err();
    assert!(is_busy(&error), "{error}");
    assert_eq!((error.sends(), error.charges().free), (2, 2));
}

#[test]
fn a_blocking_call_that_is_woken_too_late_ends_by_what_it_was_told() {
    let line = Line::default();
    line.oversleeps(crate::line::S(700));
    line.answer(0, TOKEN);
    line.answer(1, BUSY);
    let error = blocking(&line).generate_url(link()).unwrap_err();
    assert!(is_busy(&error), "{error}");
    assert_eq!((error.sends(), error.charges().free), (2, 2));
}

/// Its time goes by while another call asks: there is no word of the vendor's to end by.
#[test]
fn who_waited_in_vain_says_so() {
    let line = Line::default();
    let client = asynchronous(&line);
    let _leader = Task::begin(client.token());
    let hasty = client.with_total(crate::line::S(5));
    let mut waiter = Task::begin(hasty.generate_url(link()));
    line.pass(crate::line::S(5));
    let error = waiter.ends().unwrap_err();
    assert_eq!(error.sends(), 0);
    assert!(error.code().is_none(), "{error}");
}

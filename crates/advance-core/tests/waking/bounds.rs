//! What a client is told of its calls' time and attempts.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::line::{BUSY, Line, S, TOKEN, asynchronous, blocking, link};

fn line() -> Line {
    let line = Line::default();
    line.answer(0, TOKEN);
    line.answer(1, BUSY);
    line.answer(2, BUSY);
    line
}

fn kept(line: &Line) {
    let within = line.within();
    assert_eq!(within.len(), 3, "one attempt each, and the token");
    assert!(within.iter().all(|within| *within <= S(2)), "{within:?}");
    assert!(line.sleeps().is_empty());
}

/// Each bound is kept as the other is set, in either order, and by a clone.
#[test]
fn both_bounds_hold_at_once() {
    let line = line();
    let client = asynchronous(&line);
    for bounded in [
        client.with_total(S(2)).with_attempts(1),
        client.with_attempts(1).with_total(S(2)).clone(),
    ] {
        let call = pin!(bounded.generate_url(link()));
        let polled = call.poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(polled, Poll::Ready(Err(_))), "it backs off");
    }
    kept(&line);
}

#[test]
fn both_bounds_hold_at_once_where_calls_block() {
    let line = line();
    let client = blocking(&line);
    for bounded in [
        client.with_total(S(2)).with_attempts(1),
        client.with_attempts(1).with_total(S(2)).clone(),
    ] {
        assert!(bounded.generate_url(link()).is_err());
    }
    kept(&line);
}

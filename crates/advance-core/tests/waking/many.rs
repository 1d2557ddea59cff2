//! Batches: who is begun when, and what is left when one is given up.

use std::num::NonZeroUsize;

use advance_core::{BatchPolicy, SignatureId};

use crate::line::{FINISHED, Line, S, TOKEN, Task, asynchronous, blocking, id};

fn limit(at_once: usize) -> BatchPolicy {
    BatchPolicy::new().concurrency(NonZeroUsize::new(at_once).unwrap())
}

fn ids(count: usize) -> Vec<SignatureId> {
    vec![id(); count]
}

/// One asks for the token, the others wait for it: those have sent nothing.
#[test]
fn who_has_sent_nothing_is_unasked() {
    let line = Line::default();
    let client = asynchronous(&line);
    let mut results = client.results(ids(5), limit(3));
    drop(Task::begin(results.next()));
    let rest = results.into_rest();
    assert_eq!(
        (rest.came.len(), rest.dropped.len(), rest.unasked.len()),
        (0, 1, 4)
    );
    assert_eq!((rest.charges.free, rest.charges.unknown), (0, 1));
    assert_eq!(client.charges(), rest.charges);
}

/// What is dropped between two of its requests owes nothing for one that is under way.
#[test]
fn who_is_dropped_in_its_backoff_knows_what_it_cost() {
    let line = Line::default();
    let client = asynchronous(&line);
    line.answer(0, TOKEN);
    line.answer(1, crate::line::BUSY);
    let mut results = client.results(ids(2), limit(1));
    drop(Task::begin(results.next()));
    assert_eq!(line.sleeps().len(), 1);
    let rest = results.into_rest();
    assert_eq!((rest.dropped.len(), rest.unasked.len()), (1, 1));
    assert_eq!((rest.charges.free, rest.charges.unknown), (2, 0));
    assert_eq!(client.charges(), rest.charges);
}

#[test]
fn an_interval_is_slept_each_time() {
    let line = Line::default();
    let client = asynchronous(&line);
    for number in 1..=3 {
        line.answer(number, FINISHED);
    }
    line.answer(0, TOKEN);
    let mut results = client.results(ids(3), limit(1).interval(S(1)));
    for number in 0..3 {
        let mut next = Box::pin(results.next());
        if number > 0 {
            let mut waits = Task::begin(next.as_mut());
            assert_eq!(line.asked().len(), 1 + number);
            line.pass(S(1));
            assert!(waits.ends().is_some());
        } else {
            let polled = next
                .as_mut()
                .poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
            assert!(polled.is_ready());
        }
    }
    assert_eq!(line.sleeps(), [S(1), S(1)]);
}

/// The threads of a batch that is dropped end what they have begun, and begin no more.
#[test]
fn a_batch_that_is_dropped_begins_no_more() {
    let line = Line::default();
    let client = blocking(&line);
    line.answer(0, TOKEN);
    line.answer(1, FINISHED);
    let mut results = client.results(ids(9), limit(2));
    assert!(results.next().is_some());
    assert!(line.is_asked(3), "there is room for another");
    drop(results);
    line.answer(2, FINISHED);
    line.answer(3, FINISHED);
    drop(client);
    assert!(line.is_let_go(), "its threads live on");
    assert!(line.asked().len() <= 4, "{:?}", line.asked());
}

//! A wait that is told from outside that the person is back, or that it shall end: both clients, over real sockets.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

mod support;

use std::thread;
use std::time::{Duration, Instant};

use advance_core::session::Waited;
use advance_core::{WaitControl, WaitOutcome, WaitPolicy};
use advance_sandbox::{Outcome, Sandbox};

use support::{Api, BOTH, Kind, polls, sandbox};

const MS: fn(u64) -> Duration = Duration::from_millis;

/// Waits, and does this beside it.
fn beside(api: &Api, control: &WaitControl, policy: WaitPolicy, act: impl FnOnce() + Send) -> Waited {
    thread::scope(|scope| {
        scope.spawn(act);
        api.wait_with(control, policy)
    })
}

fn finish(sandbox: &Sandbox, id: &str) {
    assert!(sandbox.with_vendor(|vendor| vendor.finish(id, Outcome::Forged)));
}

#[test]
fn a_person_who_is_back_is_asked_about_at_once() {
    for kind in BOTH {
        for first_pause in [MS(0), MS(60_000)] {
            let sandbox = sandbox(|_| {});
            let api = Api::of(kind, &sandbox);
            let link = api.link("somebody");
            let control = WaitControl::new();
            let policy = WaitPolicy::link(&link)
                .first_poll_after(first_pause)
                .backoff(MS(60_000), MS(60_000));
            let mut nudged = None;
            let waited = beside(&api, &control, policy, || {
                thread::sleep(MS(300));
                finish(&sandbox, link.signature_id().as_str());
                nudged = Some(Instant::now());
                control.nudge();
            });
            let took = nudged.unwrap().elapsed();
            assert!(matches!(waited.outcome, WaitOutcome::Finished(_)), "{waited:?}");
            assert!(took < MS(1_000), "{kind:?}: {took:?}");
            assert_eq!(polls(&sandbox), if first_pause.is_zero() { 2 } else { 1 });
        }
    }
}

#[test]
fn a_nudge_sends_no_second_poll_beside_one_that_is_under_way() {
    for kind in BOTH {
        let sandbox = sandbox(|habits| habits.delay = MS(400));
        let api = Api::of(kind, &sandbox);
        let link = api.link("somebody");
        let control = WaitControl::new();
        let policy = WaitPolicy::of(link.signature_id().clone())
            .backoff(MS(60_000), MS(60_000))
            .total(MS(2_000));
        let waited = beside(&api, &control, policy, || {
            thread::sleep(MS(150));
            for _ in 0..5 {
                control.nudge();
            }
        });
        assert!(matches!(waited.outcome, WaitOutcome::TimedOut), "{waited:?}");
        assert_eq!((waited.polls, polls(&sandbox)), (1, 1), "{kind:?}");
    }
}

#[test]
fn an_async_wait_that_is_cancelled_says_what_it_has_cost() {
    let sandbox = sandbox(|_| {});
    let api = Api::of(Kind::Async, &sandbox);
    let link = api.link("somebody");
    let control = WaitControl::new();
    let policy = WaitPolicy::of(link.signature_id().clone()).backoff(MS(60_000), MS(60_000));
    let begun = Instant::now();
    let waited = beside(&api, &control, policy.clone(), || {
        thread::sleep(MS(300));
        control.cancel();
    });
    assert!(begun.elapsed() < MS(3_000), "{:?}", begun.elapsed());
    assert!(matches!(waited.outcome, WaitOutcome::Cancelled), "{waited:?}");
    assert_eq!((waited.polls, waited.sends, waited.charges.free), (1, 1, 1));
    let waited = api.wait_with(&control, policy);
    assert_eq!((waited.polls, polls(&sandbox)), (0, 1));
}

/// One handle for all waits of a program that shuts down.
#[test]
fn one_handle_acts_on_many_waits() {
    let sandbox = sandbox(|_| {});
    let api = Api::of(Kind::Blocking, &sandbox);
    let Api::Blocking(client) = &api else {
        unreachable!()
    };
    let links: Vec<_> = (0..8).map(|_| api.link("somebody")).collect();
    let control = WaitControl::new();
    thread::scope(|scope| {
        let waits: Vec<_> = links
            .iter()
            .map(|link| {
                let policy = WaitPolicy::link(link).first_poll_after(MS(60_000));
                scope.spawn(|| client.wait_for_result_with(&control, policy))
            })
            .collect();
        thread::sleep(MS(300));
        for link in &links[..4] {
            finish(&sandbox, link.signature_id().as_str());
        }
        control.nudge();
        thread::sleep(MS(700));
        control.cancel();
        let ends: Vec<_> = waits.into_iter().map(|wait| wait.join().unwrap()).collect();
        for (number, waited) in ends.iter().enumerate() {
            let finished = matches!(waited.outcome, WaitOutcome::Finished(_));
            assert_eq!(finished, number < 4, "{waited:?}");
            assert_eq!(waited.polls, 1);
        }
    });
}

//! What a session tells its observer.

use std::time::Duration;

use advance_core::session::{Event, Purpose, WaitReason};
use advance_core::{Charge, Code, ErrorKind, GenerateToken, GenerateUrl};

use crate::support::{Bench, failure, link, token};

const TOKEN: &str = <GenerateToken as advance_core::wire::Endpoint>::PATH;
const URL: &str = <GenerateUrl as advance_core::wire::Endpoint>::PATH;

fn watched(mut bench: Bench) -> Bench {
    bench.session.record_events(true);
    bench
}

#[test]
fn nothing_is_recorded_unless_asked_for() {
    let mut bench = Bench::warm();
    assert_eq!(bench.session.take_events(), []);
    bench.session.record_events(true);
    bench.url();
    bench.result();
    let numbers: Vec<u64> = bench
        .session
        .take_events()
        .iter()
        .filter_map(|event| match event {
            Event::AttemptBegun { call, .. } => Some(call.get()),
            _ => None,
        })
        .collect();
    assert_eq!(
        numbers,
        [2, 3],
        "calls are counted from 1, and the first one was not watched"
    );
    bench.url();
    bench.session.record_events(false);
    assert_eq!(bench.session.take_events(), []);
}

#[test]
fn a_whole_call_in_order() {
    let mut bench = watched(Bench::new());
    let asking = bench.url().token();
    bench.pass(Duration::from_secs(2));
    let call = bench.answer(asking, token("t", 3_600)).call();
    bench.pass(Duration::from_secs(3));
    let (wait, pause) = bench.answer(call, failure("ERROR")).backoff();
    let call = bench.after(wait, pause).call();
    bench.answer(call, link()).success();

    let events = bench.session.take_events();
    let [
        Event::CallBegun { .. },
        begun,
        ended,
        issued,
        called,
        failed,
        waiting,
        again,
        succeeded,
        done,
    ] = &events[..]
    else {
        panic!("{events:#?}")
    };
    assert!(
        matches!(begun, Event::AttemptBegun { purpose: Purpose::Token, path: TOKEN, number: 1, call, .. } if call.get() == 1)
    );
    assert!(matches!(
        ended,
        Event::AttemptEnded { purpose: Purpose::Token, number: 1, status: Some(200), charge: Charge::Free, error: None, took, .. }
            if *took == Duration::from_secs(2)
    ));
    assert!(matches!(
        issued,
        Event::TokenIssued {
            replacement: false,
            ..
        }
    ));
    assert!(matches!(
        called,
        Event::AttemptBegun {
            purpose: Purpose::Call,
            path: URL,
            number: 2,
            ..
        }
    ));
    assert!(matches!(
        failed,
        Event::AttemptEnded {
            code: Some(Code::Error),
            error: Some(ErrorKind::Api(_)),
            transaction_id: Some(_),
            ..
        }
    ));
    assert!(matches!(waiting, Event::Waiting { why: WaitReason::Retry, at_most, .. } if *at_most == wait));
    assert!(matches!(again, Event::AttemptBegun { number: 3, .. }));
    assert!(matches!(
        succeeded,
        Event::AttemptEnded {
            code: Some(Code::Success),
            error: None,
            ..
        }
    ));
    assert!(matches!(
        done,
        Event::CallEnded { sends: 3, error: None, took, path: URL, .. } if *took == Duration::from_secs(5) + wait
    ));
}

#[test]
fn rejections_repairs_and_dropped_calls_are_told() {
    let mut bench = watched(Bench::warm());
    let (early, late) = (bench.url().call(), bench.url().call());
    let early = bench.answer(early, failure("IAM_FAILED")).call();
    let asking = bench.answer(early, failure("IAM_FAILED")).token();
    bench.answer(asking, token("second", 3_600)).call();
    bench.answer(late, failure("IAM_FAILED")).call();
    let rejections: Vec<bool> = bench
        .session
        .take_events()
        .iter()
        .filter_map(|event| match event {
            Event::TokenRejected { current, .. } => Some(*current),
            Event::TokenIssued { replacement, .. } => Some(*replacement),
            _ => None,
        })
        .collect();
    assert_eq!(
        rejections,
        [true, true, true, false],
        "rejected twice, replaced, rejected late"
    );

    let mut bench = watched(Bench::new());
    bench.wall_error = 600_000;
    let asking = bench.url().token();
    let asking = bench.answer(asking, failure("PARAMETER_ERROR")).token();
    bench.session.abandon(asking.ticket());
    let events = bench.session.take_events();
    assert!(
        events
            .iter()
            .any(|event| matches!(event, Event::ClockRepaired { .. }))
    );
    assert!(matches!(events.last(), Some(Event::CallAbandoned { call, .. }) if call.get() == 1));
}

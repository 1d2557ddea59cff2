//! Waits whose caller loses patience.

use advance_core::WaitPolicy;
use advance_core::session::Until;

use super::{PollStep, answer, begin, id, resume};
use crate::support::{Bench, failure, result, unfinished};

#[test]
fn a_dropped_wait_gives_its_lead_up() {
    let mut bench = Bench::new();
    let PollStep::Send(_, awaiting) = begin(&mut bench, WaitPolicy::of(id())) else {
        panic!()
    };
    let (_, waiter) = bench.url().news();
    bench.session.abandon(awaiting.call.ticket());
    bench.wake(waiter).token();
}

#[test]
fn a_wait_is_given_up_between_polls_and_while_it_waits_for_a_token() {
    let mut bench = Bench::warm();
    let PollStep::Send(_, polled) = begin(&mut bench, WaitPolicy::of(id())) else {
        panic!()
    };
    let before = bench.session.charges();
    let PollStep::Wait(_, pause) = answer(&mut bench, polled, unfinished()) else {
        panic!()
    };
    bench.session.abandon(pause.ticket());
    assert_eq!(bench.session.charges().free, before.free + 1);
    assert_eq!(bench.session.charges().unknown, before.unknown);

    let mut bench = Bench::new();
    let leader = bench.url().token();
    let PollStep::Wait(Until::Token { .. }, waiting) = begin(&mut bench, WaitPolicy::of(id())) else {
        panic!("somebody else asks for the token")
    };
    let PollStep::Send(_, other) = ({
        bench.session.abandon(leader.ticket());
        resume(&mut bench, waiting)
    }) else {
        panic!("now it leads itself")
    };
    let PollStep::Wait(Until::Elapsed(_), backoff) = answer(&mut bench, other, failure("SERVICE_BUSY"))
    else {
        panic!("it tries again")
    };
    bench.session.abandon(backoff.ticket());
    bench.url().token();
}

#[test]
fn given_up_between_a_reply_and_the_session_it_is_of_unknown_cost() {
    let mut bench = Bench::warm();
    let PollStep::Send(_, awaiting) = begin(&mut bench, WaitPolicy::of(id())) else {
        panic!("it asks at once")
    };
    let before = bench.session.charges();
    let now = bench.now();
    let answered = awaiting.call.read(now, result("\"PAY\""));
    bench.session.abandon(answered.ticket());
    assert_eq!(bench.session.charges().unknown, before.unknown + 1);
}

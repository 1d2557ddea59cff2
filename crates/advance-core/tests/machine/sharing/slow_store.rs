//! A store that takes its time.

use std::time::Duration;

use advance_core::session::{Call, Step};
use advance_core::{GetResult, SignatureId};
use http::header::RETRY_AFTER;

use super::world::World;
use crate::support::{Asked, failure, with};

const S: fn(u64) -> Duration = Duration::from_secs;
const MS: fn(u64) -> Duration = Duration::from_millis;

fn within(total: Duration) -> Call<GetResult> {
    Call::new(GetResult::new(SignatureId::new("id").unwrap())).total(total)
}

#[test]
fn a_token_that_cannot_be_shared_costs_a_short_call_one_wait() {
    let mut world = World::of(2);
    let asking = world.begins(0, within(S(3))).token();
    world.takes = S(60);
    let reply = world.issue(3_600);
    let call = world.answer(0, asking, reply).call();
    world.accepts(0, call);
    assert_eq!(world.asked, "cp");
    // The next calls are spared for a while.
    let call = world.begins(0, within(S(3))).call();
    world.accepts(0, call);
    assert_eq!(world.asked, "cp");
    world.pass(S(10));
    let before = world.now(0).mono;
    let call = world.begins(0, within(S(3))).call();
    world.accepts(0, call);
    assert_eq!(world.asked, "cpp");
    assert_eq!(world.now(0).mono - before, MS(750));
    // It is shared in the end.
    world.takes = Duration::ZERO;
    world.pass(S(10));
    world.begins(0, within(S(3))).call();
    world.begin(1).call();
    assert_eq!(world.in_use(1), "token-1");
}

#[test]
fn a_call_that_waits_for_another_session_ends_in_its_time() {
    let mut world = World::of(2);
    world.begin(0).token();
    let began = world.now(1).mono;
    let mut step = world.begins(1, within(MS(1_200)));
    while let Asked::Backoff(wait, pause) = step {
        world.pass(wait);
        step = world.wake(1, pause);
    }
    step.error();
    assert_eq!(world.now(1).mono - began, MS(1_200));
}

#[test]
fn the_time_that_the_store_takes_is_part_of_a_pause() {
    let mut world = World::of(1);
    let asking = world.begins(0, within(S(4))).token();
    world.takes = S(1);
    // The lease is given back, for another session may have more time.
    let busy = with(failure("SERVICE_BUSY"), RETRY_AFTER, "3");
    let (wait, _) = world.answer(0, asking, busy).backoff();
    assert_eq!(world.asked, "cg");
    assert!((S(2)..MS(2_500)).contains(&wait), "{wait:?}");
}

#[test]
fn a_lease_outlives_a_slow_answer_and_the_longest_attempt() {
    let mut world = World::of(2);
    world.takes = MS(4_900);
    world.begin(0).token();
    world.takes = Duration::ZERO;
    world.pass(S(15));
    world.begin(1).backoff();
}

#[test]
fn a_session_that_never_heard_of_its_lease_goes_on_with_it() {
    for late in [false, true] {
        let mut world = World::of(2);
        if late {
            world.takes = S(60);
            let asking = world.begins(0, within(S(1))).token();
            world.takes = Duration::ZERO;
            world.sessions[0].abandon(asking.ticket());
        } else {
            let now = world.now(0);
            let step = world.sessions[0].begin(within(S(60)), now);
            let Step::Share(ask, time, _) = &step else {
                panic!("it asks the store");
            };
            ask.of(&world.store, *time).unwrap();
            let ticket = step.ticket().unwrap();
            world.sessions[0].abandon(ticket);
        }
        let asking = world.begin(0).token();
        let reply = world.issue(3_600);
        world.answer(0, asking, reply).call();
        world.begin(1).call();
        assert_eq!(world.in_use(1), "token-1");
    }
}

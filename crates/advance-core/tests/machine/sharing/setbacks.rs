//! What one session was told by the vendor, and which of it is for the others.

use std::time::Duration;

use advance_core::Code;
use http::header::RETRY_AFTER;

use super::world::World;
use crate::support::{failure, with};

const S: fn(u64) -> Duration = Duration::from_secs;

#[test]
fn a_session_whose_signature_is_refused_keeps_no_other_from_asking() {
    let mut world = World::of(2);
    // Its own clock may be wrong.
    let asking = world.begin(0).token();
    world.answer(0, asking, failure("PARAMETER_ERROR")).error();
    let asking = world.begin(1).token();
    let reply = world.issue(3_600);
    let call = world.answer(1, asking, reply).call();
    world.accepts(1, call);
}

#[test]
fn a_server_that_refuses_a_signature_and_asks_for_a_while_is_asked_by_the_others_after_that() {
    let mut world = World::of(2);
    let asking = world.begin(0).token();
    let refused = with(failure("PARAMETER_ERROR"), RETRY_AFTER, "20");
    world.answer(0, asking, refused).error();
    let (wait, pause) = world.begin(1).news();
    assert!((S(19)..=S(20)).contains(&wait), "{wait:?}");
    world.pass(wait);
    world.wake(1, pause).token();
}

#[test]
fn the_longer_of_two_pauses_is_the_one_that_the_others_hear() {
    let mut world = World::of(2);
    let asking = world.begin(0).token();
    let refused = with(failure("ACCOUNT_DISABLED"), RETRY_AFTER, "60");
    world.answer(0, asking, refused).error();
    world.pass(S(30));
    let error = world.begin(1).error();
    assert_eq!(error.code(), Some(&Code::AccountDisabled));
    world.pass(S(31));
    world.begin(1).token();
}

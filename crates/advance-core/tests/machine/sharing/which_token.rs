//! Which token is sent, and under which name it is shared.

use std::time::Duration;

use advance_core::secret::AccessToken;
use advance_core::session::{Event, ExportedToken, Step};
use advance_core::sharing::{TokenAnswer, TokenStoreErrorKind};

use super::world::{World, keys};
use crate::support::{failure, sort};

const S: fn(u64) -> Duration = Duration::from_secs;

#[test]
fn after_a_sleep_the_token_that_lives_longer_is_taken_at_once() {
    let mut world = World::of(2);
    world.warm(0);
    // Another session has renewed it before the first one wakes, whose own is over by its wall clock alone.
    world.pass(S(5_400));
    world.warm(1);
    world.pass(S(1_800));
    world.asleep[0] = S(7_190);
    world.asked.clear();
    let call = world.begin(0).call();
    world.accepts(0, call);
    assert_eq!((world.in_use(0).as_str(), world.asked.as_str()), ("token-2", "c"));
}

#[test]
fn a_refusal_of_the_calls_own_token_says_nothing_of_one_that_came_meanwhile() {
    let mut world = World::of(1);
    let asking = world.begin(0).token();
    let (reply, now) = (world.issue(3_600), world.now(0));
    let Step::Share(_, _, sharing) = asking.resume(&mut world.sessions[0], now, reply) else {
        panic!("it tells the store");
    };
    let ends = now.wall.saturating_add(S(7_200));
    let longer = ExportedToken::new(AccessToken::new("adopted").unwrap(), ends);
    assert!(world.sessions[0].adopt_token(longer, now));
    let published = Ok(TokenAnswer::Published(true));
    let call = sort(sharing.resume(&mut world.sessions[0], now, published)).call();
    world.answer(0, call, failure("IAM_FAILED"));
    let rejected = |event| match event {
        Event::TokenRejected { current, .. } => Some(current),
        _ => None,
    };
    let rejected: Vec<_> = world.events(0).into_iter().filter_map(rejected).collect();
    assert_eq!(rejected, [false]);
}

#[test]
fn a_token_that_was_asked_for_without_a_lease_is_not_shared_under_one_of_the_former_keys() {
    let mut world = World::of(2);
    let asking = world.begin(0).token();
    world.sessions[0].set_credentials(keys("anothersecret"));
    world.down = Some(TokenStoreErrorKind::Unavailable);
    let asking = world.answer(0, asking, failure("PARAMETER_ERROR")).token();
    let reply = world.issue(3_600);
    let call = world.answer(0, asking, reply).call();
    world.accepts(0, call);
    world.down = None;
    world.pass(S(30));
    let call = world.begin(0).call();
    world.accepts(0, call);
    world.begin(1).token();
}

#[test]
fn what_the_former_keys_brought_is_shared_with_those_who_have_them() {
    let mut world = World::of(3);
    world.sessions[2].set_credentials(keys("anothersecret"));
    let asking = world.begin(0).token();
    world.sessions[0].set_credentials(keys("anothersecret"));
    let reply = world.issue(3_600);
    let call = world.answer(0, asking, reply).call();
    world.accepts(0, call);
    world.begin(1).call();
    assert_eq!(world.in_use(1), "token-1");
    world.begin(2).token();
}

#[test]
fn a_session_whose_keys_are_changed_gives_its_lease_back_at_once() {
    let mut world = World::of(2);
    world.begin(0).token();
    world.sessions[0].set_credentials(keys("anothersecret"));
    // Any call of it carries that, one that waits as well.
    world.begin(0).news();
    assert_eq!(world.asked, "cg");
    world.begin(1).token();
}

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

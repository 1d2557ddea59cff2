//! A fleet that asks what it may not ask must not burn tokens, however many of it there are.

use std::time::Duration;

use advance_core::GetResult;
use advance_core::session::{Awaiting, Pause};

use super::world::World;
use crate::support::{Asked, failure, result};

/// More show no other thing, and cost more time.
const SESSIONS: u64 = 12;

const ROUND_TRIP: Duration = Duration::from_millis(40);

enum Doing {
    Nothing,
    TokenRequest(Awaiting<GetResult>),
    Call(Awaiting<GetResult>),
    Pausing(Pause<GetResult>),
}

/// Each session calls every `between`; every request but token requests is answered by `vendor`, which is told who asks and
/// with which token. How many calls succeeded.
fn run(
    world: &mut World,
    seconds: u64,
    between: Duration,
    vendor: impl Fn(usize, &str, Duration) -> bool,
) -> (u32, u32) {
    let mut doing: Vec<(Duration, Doing)> = (0..world.sessions.len())
        .map(|who| (between * u32::try_from(who).unwrap() / 7, Doing::Nothing))
        .collect();
    let (mut at, mut succeeded, mut failed) = (Duration::ZERO, 0, 0);
    while at < Duration::from_secs(seconds) {
        let (who, due) = (0..doing.len())
            .map(|who| (who, doing[who].0))
            .min_by_key(|(_, due)| *due)
            .unwrap();
        world.pass(due.saturating_sub(at));
        at = due;
        let next = match std::mem::replace(&mut doing[who].1, Doing::Nothing) {
            Doing::Nothing => world.begin(who),
            Doing::Pausing(pause) => world.wake(who, pause),
            Doing::TokenRequest(asking) => {
                let reply = world.issue(3_600);
                world.answer(who, asking, reply)
            }
            Doing::Call(calling) => {
                let token = world.in_use(who);
                let reply = if vendor(who, &token, at) {
                    result("\"FREE\"")
                } else {
                    failure("IAM_FAILED")
                };
                world.answer(who, calling, reply)
            }
        };
        doing[who] = match next {
            Asked::Token(_, asking) => (at + ROUND_TRIP, Doing::TokenRequest(asking)),
            Asked::Call(_, calling) => (at + ROUND_TRIP, Doing::Call(calling)),
            Asked::Backoff(wait, pause) | Asked::News(wait, pause) => (at + wait, Doing::Pausing(pause)),
            Asked::Done(ended) => {
                if ended.is_ok() {
                    succeeded += 1;
                } else {
                    failed += 1;
                }
                (at + between, Doing::Nothing)
            }
        };
    }
    (succeeded, failed)
}

#[test]
fn only_denied_traffic_of_many_sessions_asks_for_two_tokens_a_minute_at_the_most() {
    let mut world = World::of(SESSIONS);
    let (succeeded, failed) = run(&mut world, 300, Duration::from_secs(2), |_, _, _| false);
    assert_eq!(succeeded, 0);
    assert!(failed > 200, "{failed} calls");
    assert!(world.issued <= 10, "{} tokens in five minutes", world.issued);
}

#[test]
fn denied_sessions_cost_the_others_nothing() {
    let mut world = World::of(SESSIONS);
    // Half of the sessions may not ask what they ask.
    let (succeeded, _) = run(&mut world, 300, Duration::from_secs(2), |who, _, _| who % 2 == 0);
    assert!(succeeded > 500, "{succeeded}");
    assert!(world.issued <= 10, "{} tokens in five minutes", world.issued);
}

#[test]
fn a_token_that_is_revoked_again_and_again_is_replaced_once_each_time() {
    let mut world = World::of(SESSIONS);
    // Each token dies two minutes after the one before it.
    let alive = |_: usize, token: &str, at: Duration| {
        let number: u64 = token.trim_start_matches("token-").parse().unwrap();
        at < Duration::from_secs(120 * number)
    };
    let (succeeded, failed) = run(&mut world, 300, Duration::from_secs(2), alive);
    assert_eq!(failed, 0, "of {succeeded}");
    assert_eq!(world.issued, 3);
}

#[test]
fn a_token_that_nodes_learn_of_late_is_not_thrown_away() {
    let mut world = World::of(SESSIONS);
    // Four seconds pass until the vendor knows its own token.
    let known = |_: usize, _: &str, at: Duration| at > Duration::from_secs(4);
    let (succeeded, failed) = run(&mut world, 60, Duration::from_secs(2), known);
    assert_eq!(failed, 0, "of {succeeded}");
    assert_eq!(world.issued, 1);
}

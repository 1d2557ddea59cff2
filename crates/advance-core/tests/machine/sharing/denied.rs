//! A fleet that asks what it may not ask must not burn tokens, however many of it there are.

use std::time::Duration;

use advance_core::session::{Awaiting, Call, Job, Pause};
use advance_core::{GenerateUrl, GetResult, Region, ReturnUrl, SignatureId};

use super::world::World;
use crate::support::{Asked, Reply, failure, link, result};

/// More show no other thing, and cost more time.
const SESSIONS: u64 = 12;

const ROUND_TRIP: Duration = Duration::from_millis(40);

enum Doing<J: Job> {
    Nothing,
    TokenRequest(Awaiting<J>),
    Call(Awaiting<J>),
    Pausing(Pause<J>),
}

/// What one session does again and again.
struct Lane<J: Job> {
    who: usize,
    /// It may not ask what it asks.
    denied: bool,
    between: Duration,
    call: fn() -> Call<J>,
    served: fn() -> Reply,
    doing: Doing<J>,
}

trait Lives {
    /// Takes the next step, and says when the one after that is due. How the call ended, if it did.
    fn step(&mut self, world: &mut World, serves: &dyn Fn(usize, &str) -> bool) -> (Duration, Option<bool>);
}

impl<J: Job> Lives for Lane<J> {
    fn step(&mut self, world: &mut World, serves: &dyn Fn(usize, &str) -> bool) -> (Duration, Option<bool>) {
        let who = self.who;
        let next = match std::mem::replace(&mut self.doing, Doing::Nothing) {
            Doing::Nothing => world.begins(who, (self.call)()),
            Doing::Pausing(pause) => world.wake(who, pause),
            Doing::TokenRequest(asking) => {
                let reply = world.issue(3_600);
                world.answer(who, asking, reply)
            }
            Doing::Call(calling) => {
                let reply = if !self.denied && serves(who, &world.in_use(who)) {
                    (self.served)()
                } else {
                    failure("IAM_FAILED")
                };
                world.answer(who, calling, reply)
            }
        };
        let (wait, ended);
        (wait, ended, self.doing) = match next {
            Asked::Token(_, asking) => (ROUND_TRIP, None, Doing::TokenRequest(asking)),
            Asked::Call(_, calling) => (ROUND_TRIP, None, Doing::Call(calling)),
            Asked::Backoff(wait, pause) | Asked::News(wait, pause) => (wait, None, Doing::Pausing(pause)),
            Asked::Done(ended) => (self.between, Some(ended.is_ok()), Doing::Nothing),
        };
        (wait, ended)
    }
}

fn results(who: usize, between: Duration) -> Lane<GetResult> {
    Lane {
        who,
        denied: false,
        between,
        call: || Call::new(GetResult::new(SignatureId::new("id").unwrap())),
        served: || result("\"FREE\""),
        doing: Doing::Nothing,
    }
}

fn links(who: usize, between: Duration) -> Lane<GenerateUrl> {
    fn call() -> Call<GenerateUrl> {
        let url = || ReturnUrl::new("https://shop.example/").unwrap();
        Call::new(GenerateUrl::new(url(), url(), Region::IDN))
    }
    Lane {
        who,
        denied: false,
        between,
        call,
        served: link,
        doing: Doing::Nothing,
    }
}

/// Every lane lives for so long. All requests but token requests are answered by `vendor`, which is told who asks, with which
/// token and when. How many calls succeeded, and how many failed.
fn live(
    world: &mut World,
    seconds: u64,
    lanes: Vec<Box<dyn Lives>>,
    vendor: impl Fn(usize, &str, Duration) -> bool,
) -> (u32, u32) {
    let mut lanes: Vec<_> = (0_u32..)
        .zip(lanes)
        .map(|(number, lane)| (Duration::from_millis(290) * number, lane))
        .collect();
    let (mut at, mut succeeded, mut failed) = (Duration::ZERO, 0, 0);
    while at < Duration::from_secs(seconds) {
        let (due, lane) = lanes.iter_mut().min_by_key(|(due, _)| *due).unwrap();
        world.pass(due.saturating_sub(at));
        at = *due;
        let (wait, ended) = lane.step(world, &|who, token| vendor(who, token, at));
        *due += wait;
        match ended {
            Some(true) => succeeded += 1,
            Some(false) => failed += 1,
            None => {}
        }
    }
    (succeeded, failed)
}

/// Each session asks for results every other second.
fn run(world: &mut World, seconds: u64, vendor: impl Fn(usize, &str, Duration) -> bool) -> (u32, u32) {
    let lane = |who| Box::new(results(who, Duration::from_secs(2))) as Box<dyn Lives>;
    let lanes = (0..world.sessions.len()).map(lane).collect();
    live(world, seconds, lanes, vendor)
}

#[test]
fn only_denied_traffic_of_many_sessions_asks_for_two_tokens_a_minute_at_the_most() {
    let mut world = World::of(SESSIONS);
    let (succeeded, failed) = run(&mut world, 300, |_, _, _| false);
    assert_eq!(succeeded, 0);
    assert!(failed > 200, "{failed} calls");
    assert!(world.issued <= 10, "{} tokens in five minutes", world.issued);
}

#[test]
fn denied_sessions_cost_the_others_nothing() {
    let mut world = World::of(SESSIONS);
    // Half of the sessions may not ask what they ask.
    let (succeeded, _) = run(&mut world, 300, |who, _, _| who % 2 == 0);
    assert!(succeeded > 500, "{succeeded}");
    assert!(world.issued <= 10, "{} tokens in five minutes", world.issued);
}

#[test]
fn an_endpoint_that_is_denied_beside_one_that_is_not_costs_a_token_a_minute() {
    for sessions in [4, SESSIONS] {
        let mut world = World::of(sessions);
        let mut lanes: Vec<Box<dyn Lives>> = Vec::new();
        for who in 0..world.sessions.len() {
            let denied = results(who, Duration::from_secs(1));
            lanes.push(Box::new(Lane {
                denied: true,
                ..denied
            }));
            lanes.push(Box::new(links(who, Duration::from_millis(500))));
        }
        let (succeeded, _) = live(&mut world, 180, lanes, |_, _, _| true);
        assert!(succeeded > 300 * u32::try_from(sessions).unwrap(), "{succeeded}");
        // The first, and one more where the first two replacements come quickly.
        assert!(
            world.issued <= 5,
            "{sessions} sessions: {} tokens in three minutes",
            world.issued
        );
    }
}

#[test]
fn a_token_that_is_revoked_again_and_again_is_replaced_once_each_time() {
    let mut world = World::of(SESSIONS);
    // Each token dies two minutes after the one before it.
    let alive = |_: usize, token: &str, at: Duration| {
        let number: u64 = token.trim_start_matches("token-").parse().unwrap();
        at < Duration::from_secs(120 * number)
    };
    let (succeeded, failed) = run(&mut world, 300, alive);
    assert_eq!(failed, 0, "of {succeeded}");
    assert_eq!(world.issued, 3);
}

#[test]
fn a_token_that_nodes_learn_of_late_is_not_thrown_away() {
    let mut world = World::of(SESSIONS);
    // Four seconds pass until the vendor knows its own token.
    let known = |_: usize, _: &str, at: Duration| at > Duration::from_secs(4);
    let (succeeded, failed) = run(&mut world, 60, known);
    assert_eq!(failed, 0, "of {succeeded}");
    assert_eq!(world.issued, 1);
}

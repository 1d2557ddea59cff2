//! Counts through all lives of a scope.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use super::choices::Choices;
use super::life::Life;
use super::scope::{Depth, Scope};
use super::shorten::shortened;
use crate::simulation::{Invariant, Sabotage, Violation};

/// What a run came to.
#[derive(Debug)]
pub struct Played {
    /// How many lives were lived to their end.
    pub lives: u64,
    /// How many transitions of the session there were in them.
    pub transitions: u64,
    /// How long that took.
    pub took: Duration,
    /// The first life that failed, in its shortest form.
    pub failure: Option<Failure>,
}

/// A life that failed.
#[derive(Debug)]
pub struct Failure {
    /// The digits that replay it.
    pub digits: Vec<usize>,
    /// What is wrong with it.
    pub violation: Violation,
}

/// Lives every life of this scope down to this depth, until one fails.
pub fn play(scope: &Scope, depth: Depth, broken: Option<Sabotage>) -> Played {
    let began = Instant::now();
    let mut choices = Choices::within(depth.most());
    let mut played = Played {
        lives: 0,
        transitions: 0,
        took: Duration::ZERO,
        failure: None,
    };
    loop {
        let (result, transitions) = live(scope, &mut choices, broken);
        played.lives += 1;
        played.transitions += transitions;
        if let Err(violation) = result {
            played.failure = Some(shortened(scope, &choices.digits(), violation, broken));
            break;
        }
        if !choices.next() {
            break;
        }
    }
    played.took = began.elapsed();
    played
}

/// How many lives there are down to this depth, by so many at random.
pub fn estimate(scope: &Scope, depth: Depth, probes: u32) -> f64 {
    let weights = (0..probes).map(|seed| {
        let mut choices = Choices::at_random(depth.most(), u64::from(seed));
        let _ = live(scope, &mut choices, None);
        choices.weight()
    });
    weights.sum::<f64>() / f64::from(probes.max(1))
}

/// Lives the life with these digits, and tells it step by step.
pub fn replay(
    scope: &Scope,
    digits: &[usize],
    broken: Option<Sabotage>,
) -> (Vec<String>, Result<(), Violation>) {
    let mut choices = Choices::of(digits);
    let mut life = Life::new(scope, &mut choices, broken);
    life.trail = Some(Vec::new());
    // What panics has a trail up to there.
    let result = catch_unwind(AssertUnwindSafe(|| life.run())).unwrap_or_else(|_| Err(panicked()));
    (life.trail.unwrap_or_default(), result)
}

/// One life, and how many transitions it had.
pub(super) fn live(
    scope: &Scope,
    choices: &mut Choices,
    broken: Option<Sabotage>,
) -> (Result<(), Violation>, u64) {
    let mut life = Life::new(scope, choices, broken);
    let result = catch_unwind(AssertUnwindSafe(|| life.run())).unwrap_or_else(|_| Err(panicked()));
    (result, life.transitions)
}

fn panicked() -> Violation {
    Violation {
        invariant: Invariant::NoDeadlock,
        what: "it panics; its own text stands above".to_owned(),
    }
}

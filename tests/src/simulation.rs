//! The machine against the vendor's model, under a virtual clock, with a hostile network in between.
//!
//! One seed is one run. It decides a fleet of calls, their policies, when their callers lose patience, what the network
//! does to each request, what the vendor and the clocks do, and what has to succeed in spite of it. The machine is driven
//! by hand, exactly as the clients drive it. Neither side knows of the other: what the machine says is judged by what the
//! network and the vendor know.
//!
//! Nothing here waits, and nothing is random but by the seed: a seed that fails, fails again.

mod asking;
mod batches;
mod callers;
mod clock;
pub(crate) mod dice;
mod endings;
mod fault;
pub(crate) mod hand;
mod illness;
mod line;
mod network;
mod plan;
mod record;
pub(crate) mod requests;
mod retry_after;
mod rules;
mod sabotage;
mod sending;
pub mod situations;
mod tally;
mod tokens;
mod troubles;
mod truth;
pub(crate) mod violation;
mod waits;
pub(crate) mod watch;
mod world;

pub use fault::{Fault, Faults};
pub use sabotage::Sabotage;
pub use tally::Tally;
pub use violation::{Invariant, Violation};

pub(crate) const ACCESS_KEY: &str = "k3yhalf0public7a";
pub(crate) const SECRET_KEY: &str = "s3crethalf9never1sent";

/// Runs one seed to its end, with one rule of the machine broken if that is wanted.
///
/// # Errors
/// The first invariant that did not hold.
pub fn run(seed: u64, broken: Option<Sabotage>) -> Result<Tally, Violation> {
    let mut tally = world::World::new(seed, broken).run()?;
    tally.add(&waits::run(seed, broken)?);
    tally.add(&batches::run(seed, broken)?);
    Ok(tally)
}

/// Runs one seed and writes down everything that happens, for a person to read.
pub fn trail(seed: u64, broken: Option<Sabotage>) -> (Vec<String>, Result<Tally, Violation>) {
    let mut world = world::World::new(seed, broken);
    let mut trail = world.plan_in_words();
    world.trail = Some(Vec::new());
    let result = world.run();
    trail.extend(world.trail.unwrap_or_default());
    let result = result.and_then(|_| run(seed, broken));
    (trail, result)
}

//! The collector against a model of the store and of the vendor, with a crash after every store operation and every send.
//!
//! The code that is driven is the one that ships: the jobs of `advance-collector`, its rules of rows by way of the store in
//! memory, and the sessions of `advance-core` that make the calls. What is modelled is the vendor, the network, the clock,
//! and what dies when.

mod check;
mod fate;
mod process_model;
pub mod processes;
mod scope;
mod thousand;
pub mod vendor;
mod world;

pub use check::Violation;
pub use fate::{Fate, Moments};
pub use thousand::{CatchUp, Findings, Thousand, thousand};
pub use vendor::{Charging, Shop};
pub use world::Tally;

use crate::simulation::dice::Dice;
use scope::Scope;
use world::World;

/// A protection that a run does without; see [`advance_collector::row::Protection`].
#[cfg(feature = "sabotage")]
pub type Sabotage = advance_collector::row::Protection;

/// Stands for a sabotage where none can be made.
#[cfg(not(feature = "sabotage"))]
#[derive(Clone, Copy, Debug)]
pub enum Sabotage {}

/// One random life of three processes and a dozen verifications.
///
/// # Errors
/// The invariant that did not hold.
pub fn run(seed: u64, sabotage: Option<Sabotage>) -> Result<Tally, Violation> {
    let mut dice = Dice::new(seed, 1);
    let scope = Scope::random(&mut dice);
    World::new(scope, Moments::random(seed), seed, sabotage).live()
}

/// Every way in which a small life can be struck once and, if `twice` says so, every way in which it can be struck twice in
/// the same way: how many lives that were.
///
/// # Errors
/// The invariant that did not hold.
pub fn explore(twice: bool, sabotage: Option<Sabotage>) -> Result<u64, Violation> {
    let mut lives = 0;
    for scope in Scope::small() {
        let moments = World::new(scope, Moments::none(), 0, sabotage).live()?.moments;
        for fate in Fate::ALL {
            for first in 0..moments {
                let seconds = if twice { first + 1..moments } else { 0..0 };
                for second in seconds.chain([u64::MAX]) {
                    World::new(scope, Moments::at([first, second], fate), 0, sabotage).live()?;
                    lives += 1;
                }
            }
        }
    }
    Ok(lives)
}

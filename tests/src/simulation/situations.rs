//! Situations that users meet, as data, and what a user must see in each.
//!
//! Where the random runs ask whether a rule is kept, a situation asks what it is worth: a vendor with a whim of its own,
//! many calls at fixed rates, a virtual clock, and bounds written from what users need (rows 80 to 88 of `FAULTS.md`),
//! not from the machine's rules. `cargo xtask simulate --situations` prints the figures; `cargo test` holds the bounds.

mod figures;
mod table;
mod vendor;
mod world;

pub use figures::{Bounds, Figures};
pub use table::{Asks, Event, Fate, Refusal, SITUATIONS, Situation, Stream};

use super::Sabotage;

/// Plays a situation with one seed, with one rule of the machine broken if that is wanted.
pub fn play(situation: &Situation, seed: u64, broken: Option<Sabotage>) -> Figures {
    world::World::new(situation, seed, broken).run()
}

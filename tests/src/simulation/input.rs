//! A life that bytes decide: what a fuzzer drives.

use std::fmt::Write as _;

use super::source::Source;
use super::world::World;
use super::{Driven, Tally, Violation, batches, waits};

/// What an input is about: its first byte says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    Calls(Driven),
    Waits(Driven),
    Batches(Driven),
}

/// The byte, then eight of a seed, then what the dice read before that seed has its say.
fn read(input: &[u8]) -> (About, Source) {
    let (first, rest) = input.split_first().unwrap_or((&0, &[]));
    let about = match first % 8 {
        0..=2 => About::Calls(Driven::ByHand(None)),
        3 => About::Calls(Driven::OnTasks),
        4 => About::Waits(Driven::ByHand(None)),
        5 => About::Waits(Driven::OnTasks),
        6 => About::Batches(Driven::ByHand(None)),
        _ => About::Batches(Driven::OnTasks),
    };
    (about, Source::of(rest))
}

/// Runs the life that these bytes decide to its end. Any bytes decide one.
///
/// # Errors
/// The first invariant that did not hold.
pub fn run_input(input: &[u8]) -> Result<Tally, Violation> {
    let (about, source) = read(input);
    match about {
        About::Calls(driven) => World::new(&source, driven).run(),
        About::Waits(driven) => waits::run(&source, driven),
        About::Batches(driven) => batches::run(&source, driven),
    }
}

/// The same, with everything that happens to single calls written down.
pub fn trail_of_input(input: &[u8]) -> (Vec<String>, Result<Tally, Violation>) {
    let (about, source) = read(input);
    match about {
        About::Calls(driven) => World::new(&source, driven).in_words(),
        About::Waits(_) | About::Batches(_) => (vec![format!("{about:?}")], run_input(input)),
    }
}

/// The command that lives this life again.
pub fn replay_of(input: &[u8]) -> String {
    let mut command = "cargo xtask simulate --bytes ".to_owned();
    for byte in input {
        // Writing into a `String` does not fail.
        let _ = write!(command, "{byte:02x}");
    }
    command
}

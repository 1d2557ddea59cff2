//! The machine against the vendor's model, under a virtual clock, with a hostile network in between.
//!
//! One seed is one run. It decides a fleet of calls, their policies, when their callers lose patience, what the network
//! does to each request, what the vendor and the clocks do, and what has to succeed in spite of it. The session is
//! driven by hand, exactly as the clients drive it, or by one of the clients. Neither side knows of the other: what the machine says is judged by what the
//! network and the vendor know.
//!
//! Nothing here waits, and nothing is random but by the seed: a seed that fails, fails again. Bytes can stand in for a
//! seed's dice, so that a fuzzer can look for lives that dice do not find.

mod asking;
mod batches;
mod bridge;
mod by_hand;
mod callers;
mod clock;
pub(crate) mod dice;
mod endings;
mod fault;
pub(crate) mod hand;
mod illness;
mod input;
mod line;
mod machine;
mod network;
mod on_tasks;
mod on_threads;
mod plan;
mod record;
pub(crate) mod requests;
mod retry_after;
mod rules;
mod sabotage;
mod sending;
pub mod situations;
mod source;
mod tally;
mod tokens;
mod troubles;
mod truth;
pub(crate) mod violation;
mod waits;
pub(crate) mod watch;
mod world;

use advance_core::Now;
use advance_core::session::{Config, Session};

pub use fault::{Fault, Faults};
pub use input::{replay_of, run_input, trail_of_input};
pub use sabotage::Sabotage;
pub use tally::Tally;
pub use violation::{Invariant, Violation};

pub(crate) const ACCESS_KEY: &str = "k3yhalf0public7a";
pub(crate) const SECRET_KEY: &str = "s3crethalf9never1sent";

/// What drives the machine of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driven {
    /// The session by hand, with one rule of it broken if that is wanted.
    ByHand(Option<Sabotage>),
    /// The async client, on tasks of an executor that is the simulation's own.
    OnTasks,
    /// The blocking client, on threads.
    OnThreads,
}

impl Driven {
    fn machine(self, config: Config, seed: u64, now: Now) -> Box<dyn machine::Machine> {
        match self {
            Self::ByHand(broken) => {
                let session = Session::new(config, requests::credentials(), seed);
                #[cfg(feature = "sabotage")]
                let session = match broken {
                    Some(broken) => session.sabotaged(broken.rule()),
                    None => session,
                };
                #[cfg(not(feature = "sabotage"))]
                debug_assert!(broken.is_none());
                Box::new(by_hand::ByHand::new(session))
            }
            Self::OnTasks => Box::new(on_tasks::OnTasks::new(config, seed, now)),
            Self::OnThreads => Box::new(on_threads::OnThreads::new(config, seed, now)),
        }
    }
}

/// Runs one seed to its end: single calls, waits and batches.
///
/// # Errors
/// The first invariant that did not hold.
pub fn run(seed: u64, driven: Driven) -> Result<Tally, Violation> {
    let source = source::Source::from(seed);
    let mut tally = world::World::new(&source, driven).run()?;
    tally.add(&waits::run(&source, driven)?);
    tally.add(&batches::run(&source, driven)?);
    Ok(tally)
}

/// Runs one seed and writes down everything that happens, for a person to read.
pub fn trail(seed: u64, driven: Driven) -> (Vec<String>, Result<Tally, Violation>) {
    let (trail, result) = world::World::new(&seed.into(), driven).in_words();
    let result = result.and_then(|_| run(seed, driven));
    (trail, result)
}

//! What a run, or many, amounted to.

use std::time::Duration;

use super::fault::Faults;

/// Counts over one run, or over many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Calls that began.
    pub calls: u64,
    /// Those that brought what was asked for.
    pub succeeded: u64,
    /// Requests that were sent, those for tokens included.
    pub sends: u64,
    /// Requests for tokens.
    pub token_requests: u64,
    /// Waits for a person that began.
    pub waits: u64,
    /// The polls of those that came to an end.
    pub polls: u64,
    /// How often a wait under way was told that its person is back.
    pub nudges: u64,
    /// How often one was ended by its handle.
    pub cancellations: u64,
    /// Batches of results.
    pub batches: u64,
    /// What was asked for in them.
    pub batch_items: u64,
    /// Transitions of the machine.
    pub transitions: u64,
    /// The most requests that one call sent beyond its attempts.
    pub most_beyond_attempts: u32,
    /// What went wrong on purpose.
    pub faults: Faults,
    /// How long it all took in the simulation.
    pub virtual_time: Duration,
}

impl Tally {
    /// Adds what another run amounted to.
    pub fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.succeeded += other.succeeded;
        self.sends += other.sends;
        self.token_requests += other.token_requests;
        self.waits += other.waits;
        self.polls += other.polls;
        self.nudges += other.nudges;
        self.cancellations += other.cancellations;
        self.batches += other.batches;
        self.batch_items += other.batch_items;
        self.transitions += other.transitions;
        self.most_beyond_attempts = self.most_beyond_attempts.max(other.most_beyond_attempts);
        self.faults.add(&other.faults);
        self.virtual_time += other.virtual_time;
    }
}

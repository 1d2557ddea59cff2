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
        self.transitions += other.transitions;
        self.most_beyond_attempts = self.most_beyond_attempts.max(other.most_beyond_attempts);
        self.faults.add(&other.faults);
        self.virtual_time += other.virtual_time;
    }
}

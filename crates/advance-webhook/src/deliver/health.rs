//! How many letters at a time a receiver is sent: few while it is in trouble, and more as it recovers.

use std::time::Duration;

use super::Answer;
use super::schedule::spread;

/// The longest pause between two probes of a receiver that is in trouble, unless it asks for more.
const LONGEST: Duration = Duration::from_secs(60);

/// What was learned of the receiver so far.
#[derive(Debug)]
pub(super) struct Health {
    window: usize,
    most: usize,
    failures: u32,
}

impl Health {
    pub(super) const fn new(most: usize) -> Self {
        Self {
            window: 1,
            most,
            failures: 0,
        }
    }

    /// How many to send at the same time.
    pub(super) const fn window(&self) -> usize {
        self.window
    }

    /// The answers of one round; how long to pause before the next. A receiver in trouble gets one letter at a time, after
    /// pauses that double up to a minute. Once it takes one, it gets two at a time, and so on.
    pub(super) fn heard(&mut self, answers: &[Answer], entropy: u64) -> Duration {
        let trouble = answers.iter().filter_map(|answer| answer.trouble()).max();
        let Some(asked) = trouble else {
            self.failures = 0;
            if answers.contains(&Answer::Taken) {
                self.window = (self.window * 2).min(self.most);
            }
            return Duration::ZERO;
        };
        self.window = 1;
        let pause = Duration::from_secs(1 << self.failures.min(6)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        spread(pause, entropy).max(asked)
    }
}

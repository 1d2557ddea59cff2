//! What decides a run: a seed, or bytes that were found by looking where they lead.

use super::dice::Dice;

/// A seed, and what is thrown instead of it as long as that lasts.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(super) seed: u64,
    script: Vec<u8>,
}

impl From<u64> for Source {
    fn from(seed: u64) -> Self {
        Self {
            seed,
            script: Vec::new(),
        }
    }
}

impl Source {
    /// The first eight bytes are the seed. What is missing of them is zero.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let (seed, script) = bytes.split_at(bytes.len().min(8));
        Self {
            seed: seed.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
            script: script.to_vec(),
        }
    }

    /// The dice that are thrown before anything happens: they read the script from its beginning.
    pub(super) fn plan(&self, purpose: u64) -> Dice {
        let script = self.script.iter().rev().copied().collect();
        Dice::scripted(self.seed, purpose, script)
    }

    /// Those that are thrown on the way. They read it from its end, so that neither moves what the other reads.
    pub(super) fn way(&self, purpose: u64) -> Dice {
        Dice::scripted(self.seed, purpose, self.script.clone())
    }

    /// The same script with a seed of its own.
    pub(super) fn shifted(&self, by: u64) -> Self {
        Self {
            seed: self.seed.wrapping_add(by),
            script: self.script.clone(),
        }
    }
}

//! Randomness that a seed decides, for ever, or the bytes of somebody who looks for what a seed does not find.

use std::time::Duration;

/// `SplitMix64` (Steele, Lea, Flood 2014). Not a crate: a seed that failed must fail again in ten years, and no crate
/// promises its sequence for that long.
#[derive(Debug)]
pub(crate) struct Dice {
    state: u64,
    /// What is thrown before the seed has its say, the next throw last.
    script: Vec<u8>,
}

impl Dice {
    /// The sequence of one purpose within a seed, so that more throws for one do not move those for another.
    pub(crate) const fn new(seed: u64, purpose: u64) -> Self {
        Self::scripted(seed, purpose, Vec::new())
    }

    /// The same once these bytes are used up, from the last to the first. A throw takes no more of them than it needs, so
    /// that a changed byte is a changed decision.
    pub(crate) const fn scripted(seed: u64, purpose: u64, script: Vec<u8>) -> Self {
        let mut dice = Self {
            state: seed ^ purpose.wrapping_mul(0xd1b5_4a32_d192_ed03),
            script,
        };
        dice.mix();
        dice
    }

    const fn mix(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.throw(8)
    }

    fn throw(&mut self, bytes: usize) -> u64 {
        let left = self.script.len();
        if left < bytes {
            // Half a throw is none.
            self.script.clear();
            return self.mix();
        }
        let taken = self.script.drain(left - bytes..);
        taken.fold(0, |sum, byte| sum << 8 | u64::from(byte))
    }

    /// Less than `limit`, which is not zero.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        let bytes = match limit {
            0..=0x100 => 1,
            0x101..=0x1_0000 => 2,
            0x1_0001..=0x1_0000_0000 => 4,
            _ => 8,
        };
        self.throw(bytes) % limit
    }

    /// True so often in a thousand.
    pub(crate) fn per_mille(&mut self, often: u64) -> bool {
        self.below(1_000) < often
    }

    pub(crate) fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.below(choices.len() as u64)).unwrap_or(0)]
    }

    /// From `least` to just below `most`, which is more.
    pub(crate) fn millis(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(least + self.below(most - least))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_thrown_first_and_then_the_seed() {
        let (mut plain, mut scripted) = (Dice::new(7, 1), Dice::scripted(7, 1, vec![9, 1, 2, 3, 200]));
        assert_eq!(scripted.below(100), 0);
        assert_eq!(scripted.below(1_000), (2 << 8 | 3));
        // Two are left where four are needed.
        assert_eq!(scripted.below(100_000), plain.below(100_000));
        assert_eq!(scripted.below(2), plain.below(2));
    }
}

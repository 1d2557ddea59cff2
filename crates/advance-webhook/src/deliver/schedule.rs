//! When a letter that was not taken is sent again.

use std::time::Duration;

/// The specification's own: with the first attempt ten in all, over three days and a bit.
const STANDARD: [u64; 9] = [
    5,
    5 * 60,
    30 * 60,
    2 * 3_600,
    5 * 3_600,
    10 * 3_600,
    14 * 3_600,
    20 * 3_600,
    24 * 3_600,
];

/// The pauses after failed attempts. When there is none left, the letter is dead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule(Vec<Duration>);

impl Schedule {
    /// These pauses: one after each failed attempt.
    pub const fn new(pauses: Vec<Duration>) -> Self {
        Self(pauses)
    }

    /// The pause after so many failed attempts, spread by up to a fifth by this random number; nothing if that was the last.
    pub fn pause_after(&self, failed: u32, entropy: u64) -> Option<Duration> {
        let at = usize::try_from(failed.max(1) - 1).ok()?;
        self.0.get(at).map(|pause| spread(*pause, entropy))
    }
}

impl Default for Schedule {
    /// As the specification recommends: at once, after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h.
    fn default() -> Self {
        Self(STANDARD.map(Duration::from_secs).to_vec())
    }
}

/// Up to a fifth more, so that those that failed together do not come again together.
pub(super) fn spread(pause: Duration, entropy: u64) -> Duration {
    let share = u32::try_from(entropy % 1_000).unwrap_or(0);
    pause + pause / 5 * share / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_attempts_over_three_days() {
        let schedule = Schedule::default();
        let mut passed = Duration::ZERO;
        for failed in 1..=9 {
            let (least, most) = (schedule.pause_after(failed, 0), schedule.pause_after(failed, 999));
            let (Some(least), Some(most)) = (least, most) else {
                panic!("attempt {failed} is the last");
            };
            assert!(least < most && most <= least * 6 / 5, "{failed}");
            passed += least;
        }
        assert_eq!(schedule.pause_after(10, 0), None);
        assert_eq!(passed.as_secs(), 5 + 35 * 60 + 75 * 3_600);
    }
}

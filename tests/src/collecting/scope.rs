//! How large a life is.

use advance_collector::Pictures;

use super::vendor::Charging;
use crate::simulation::dice::Dice;

/// How large a life is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope {
    pub(super) ids: u64,
    pub(super) processes: u64,
    pub(super) charging: Charging,
    pub(super) doubts: u32,
    pub(super) pictures: Pictures,
    pub(super) picture_life: u64,
    /// Within how many milliseconds the persons finish.
    pub(super) patience: u64,
}

impl Scope {
    pub(super) fn random(dice: &mut Dice) -> Self {
        Self {
            ids: 1 + dice.below(12),
            processes: 1 + dice.below(3),
            charging: dice.pick(&[Charging::PerResult, Charging::PerPoll]),
            doubts: dice.pick(&[0, 0, 1, 3]),
            pictures: dice.pick(&[Pictures::Skip, Pictures::Fetch, Pictures::FetchAndPay]),
            picture_life: dice.pick(&[86_400_000, 60_000, 2_000]),
            patience: dice.pick(&[1, 20_000, 600_000]),
        }
    }

    /// The lives that are explored: an answer at once, with a picture, and one that takes a second question.
    pub(super) fn small() -> Vec<Self> {
        let first = Self {
            ids: 2,
            processes: 2,
            charging: Charging::PerResult,
            doubts: 0,
            pictures: Pictures::Skip,
            picture_life: 86_400_000,
            patience: 1,
        };
        vec![
            first,
            Self { doubts: 1, ..first },
            Self {
                ids: 1,
                pictures: Pictures::Fetch,
                ..first
            },
            Self {
                ids: 1,
                charging: Charging::PerPoll,
                patience: 9_000,
                doubts: 1,
                ..first
            },
        ]
    }
}

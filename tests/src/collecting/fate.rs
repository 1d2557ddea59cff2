//! What strikes, and when.

use crate::simulation::dice::Dice;

/// What happens to a process at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing.
    Fine,
    /// It dies.
    Crash,
    /// The machine loses power: all processes die, and what was not synced is gone.
    PowerCut,
    /// What it asked for fails: the store says that it failed, done or not; the network loses the request or the answer.
    Fail,
    /// It is stopped for ten minutes, and goes on as if nothing had been.
    Freeze,
    /// The machine sleeps for two hours.
    Sleep,
}

impl Fate {
    /// All that strike.
    pub const ALL: [Self; 5] = [Self::Crash, Self::PowerCut, Self::Fail, Self::Freeze, Self::Sleep];
}

/// The moments of a life, and what happens at each.
#[derive(Debug)]
pub struct Moments {
    passed: u64,
    strikes: Strikes,
}

#[derive(Debug)]
enum Strikes {
    At([u64; 2], Fate),
    Random(Box<Dice>),
}

impl Moments {
    /// Nothing happens.
    pub const fn none() -> Self {
        Self::at([u64::MAX; 2], Fate::Fine)
    }

    /// This happens at these moments.
    pub const fn at(moments: [u64; 2], fate: Fate) -> Self {
        Self {
            passed: 0,
            strikes: Strikes::At(moments, fate),
        }
    }

    /// About one moment in eighteen is struck.
    pub fn random(seed: u64) -> Self {
        Self {
            passed: 0,
            strikes: Strikes::Random(Box::new(Dice::new(seed, 2))),
        }
    }

    /// How many have passed.
    pub const fn passed(&self) -> u64 {
        self.passed
    }

    pub(super) fn next(&mut self) -> Fate {
        let moment = self.passed;
        self.passed += 1;
        match &mut self.strikes {
            Strikes::At(moments, fate) if moments.contains(&moment) => *fate,
            Strikes::At(..) => Fate::Fine,
            Strikes::Random(dice) => match dice.below(360) {
                0..6 => Fate::Crash,
                6..8 => Fate::PowerCut,
                8..17 => Fate::Fail,
                17..19 => Fate::Freeze,
                19 => Fate::Sleep,
                _ => Fate::Fine,
            },
        }
    }
}

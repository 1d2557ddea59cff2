//! The choices of a life, as the digits of a counter.

use crate::simulation::dice::Dice;

/// What was chosen at each turn of a life, and how many ways were open there.
///
/// The first way is the plain course; any other is a departure from it. With a bound on departures, the turns after the
/// last one that is allowed have one way only.
#[derive(Debug)]
pub struct Choices {
    digits: Vec<(usize, usize)>,
    at: usize,
    most: usize,
    departures: usize,
    /// Chooses at random instead of counting.
    dice: Option<Dice>,
}

impl Choices {
    /// The first life among those with so many departures.
    pub const fn within(most: usize) -> Self {
        Self {
            digits: Vec::new(),
            at: 0,
            most,
            departures: 0,
            dice: None,
        }
    }

    /// A life at random among those with so many departures, each way of a turn as likely as the others.
    pub fn at_random(most: usize, seed: u64) -> Self {
        let mut choices = Self::within(most);
        choices.dice = Some(Dice::new(seed, 0));
        choices
    }

    /// How many lives there would be if each had as many ways open at its turns as this one: over many lives at random,
    /// the mean of this is the number of all (Knuth 1975, "Estimating the efficiency of backtrack programs").
    pub fn weight(&self) -> f64 {
        let turns = self.digits.iter().take(self.at);
        turns
            .map(|(_, open)| f64::from(u32::try_from(*open).unwrap_or(u32::MAX)))
            .product()
    }

    /// The life with these digits. What follows them is the plain course.
    pub fn of(digits: &[usize]) -> Self {
        Self {
            digits: digits.iter().map(|digit| (*digit, usize::MAX)).collect(),
            ..Self::within(digits.len())
        }
    }

    /// One of so many ways.
    pub(super) fn pick(&mut self, ways: usize) -> usize {
        if ways <= 1 {
            return 0;
        }
        if self.at == self.digits.len() {
            let open = if self.departures < self.most { ways } else { 1 };
            let digit = self.dice.as_mut().map_or(0, |dice| dice.below(open as u64));
            self.digits.push((usize::try_from(digit).unwrap_or(0), open));
        }
        let Some((digit, open)) = self.digits.get_mut(self.at) else {
            return 0;
        };
        if *open == usize::MAX {
            (*digit, *open) = ((*digit).min(ways - 1), ways);
        }
        self.at += 1;
        self.departures += usize::from(*digit > 0);
        *digit
    }

    /// Goes on to the next life; false if that was the last.
    pub(super) fn next(&mut self) -> bool {
        self.digits.truncate(self.at);
        (self.at, self.departures) = (0, 0);
        while let Some((digit, open)) = self.digits.last_mut() {
            if *digit + 1 < *open {
                *digit += 1;
                return true;
            }
            self.digits.pop();
        }
        false
    }

    /// The digits up to the last departure.
    pub fn digits(&self) -> Vec<usize> {
        let mut digits: Vec<usize> = self
            .digits
            .iter()
            .take(self.at)
            .map(|(digit, _)| *digit)
            .collect();
        while digits.last() == Some(&0) {
            digits.pop();
        }
        digits
    }
}

#[cfg(test)]
mod tests {
    use super::Choices;

    /// Two turns of three ways; a third of two ways if the first went the second way.
    fn life(choices: &mut Choices) -> Vec<usize> {
        let mut life = vec![choices.pick(3), choices.pick(3)];
        if life[0] == 1 {
            life.push(choices.pick(2));
        }
        life
    }

    fn lives(mut choices: Choices) -> Vec<Vec<usize>> {
        let mut lives = vec![life(&mut choices)];
        while choices.next() {
            lives.push(life(&mut choices));
        }
        lives
    }

    #[test]
    fn each_life_comes_once() {
        let all = lives(Choices::within(usize::MAX));
        assert_eq!(all.len(), 3 + 6 + 3);
        let mut unlike = all.clone();
        unlike.sort();
        unlike.dedup();
        assert_eq!(unlike.len(), all.len());
    }

    #[test]
    fn a_bound_keeps_those_with_few_departures() {
        let near = |most: usize| {
            let mut all = lives(Choices::within(usize::MAX));
            all.retain(|life| life.iter().filter(|digit| **digit > 0).count() <= most);
            all
        };
        for most in 0..4 {
            assert_eq!(lives(Choices::within(most)), near(most));
        }
    }

    #[test]
    fn lives_at_random_tell_how_many_there_are() {
        for most in 1..4 {
            let probes = 20_000_u32;
            let weights = (0..probes).map(|seed| {
                let mut choices = Choices::at_random(most, u64::from(seed));
                let lived = life(&mut choices);
                assert!(lived.iter().filter(|digit| **digit > 0).count() <= most);
                choices.weight()
            });
            let estimated = weights.sum::<f64>() / f64::from(probes);
            let counted = u32::try_from(lives(Choices::within(most)).len()).map_or(0.0, f64::from);
            assert!(
                (estimated / counted - 1.0).abs() < 0.02,
                "{estimated} of {counted}"
            );
        }
    }

    #[test]
    fn a_life_is_replayed_by_its_digits() {
        let mut choices = Choices::within(usize::MAX);
        loop {
            let lived = life(&mut choices);
            assert_eq!(life(&mut Choices::of(&choices.digits())), lived);
            if !choices.next() {
                break;
            }
        }
    }
}

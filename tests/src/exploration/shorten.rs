//! The shortest form of a life that fails: as few departures from the plain course as still fail by the same rule.

use super::choices::Choices;
use super::play::{Failure, live};
use super::scope::Scope;
use crate::simulation::{Sabotage, Violation};

/// Takes departures away, one by one, as long as the same rule is violated.
pub(super) fn shortened(
    scope: &Scope,
    digits: &[usize],
    violation: Violation,
    broken: Option<Sabotage>,
) -> Failure {
    let mut shortest = Failure {
        digits: digits.to_vec(),
        violation,
    };
    while let Some(shorter) = one_less(scope, &shortest, broken) {
        shortest = shorter;
    }
    shortest
}

/// The same failure with one departure less, or with a departure that comes earlier in its list.
fn one_less(scope: &Scope, failure: &Failure, broken: Option<Sabotage>) -> Option<Failure> {
    let departures = failure.digits.iter().enumerate().filter(|(_, digit)| **digit > 0);
    departures
        .flat_map(|(place, digit)| (0..*digit).map(move |smaller| (place, smaller)))
        .find_map(|(place, smaller)| {
            let mut digits = failure.digits.clone();
            digits[place] = smaller;
            let mut choices = Choices::of(&digits);
            let (result, _) = live(scope, &mut choices, broken);
            let violation = result.err()?;
            let digits = choices.digits();
            let weight = |digits: &[usize]| {
                let departures = digits.iter().filter(|digit| **digit > 0).count();
                (departures, digits.iter().sum::<usize>(), digits.len())
            };
            let same = violation.invariant == failure.violation.invariant;
            (same && weight(&digits) < weight(&failure.digits)).then_some(Failure { digits, violation })
        })
}

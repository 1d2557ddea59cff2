//! What takes longer than a gate may: `cargo xtask release-gates`. It is run before a release, and its figures are reported.

use crate::steps::Step;
use crate::{coverage, fuzz, mutants, proptest, simulate};

pub(crate) const STEPS: &[Step] = &[
    Step::new(
        "simulate-long",
        "the simulation over a million seeds",
        simulate::long,
    ),
    Step::new("proptest", "each shared property suite with 10,000 cases", || {
        proptest::run(proptest::CASES)
    }),
    Step::new(
        "coverage",
        "95 lines in a hundred of the core's pure rooms are run by its tests",
        coverage::run,
    ),
    Step::new("fuzz", "each fuzz target for five minutes", || {
        fuzz::run(fuzz::SECONDS, &[])
    }),
    Step::new(
        "mutants",
        "95 of a hundred mutants are caught, in each room of the core",
        || mutants::run(&[]),
    ),
];

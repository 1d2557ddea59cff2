//! Times in interleaved rounds: what else the machine does hits a case and its floor alike.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::alloc;
use crate::case::{Case, Run};

/// How long one side of a case runs in a round.
const SLICE: Duration = Duration::from_micros(500);

/// What was measured of a pure case.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Nanoseconds of one run: the median of the rounds.
    pub nanos: f64,
    pub floor_nanos: f64,
    /// The median of each round's ratio.
    pub ratio: f64,
    pub allocations: u64,
    pub floor_allocations: u64,
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn time(run: &Run, times: u32) -> f64 {
    let begun = Instant::now();
    for _ in 0..times {
        black_box(run)();
    }
    begun.elapsed().as_secs_f64() * 1e9 / f64::from(times)
}

fn calibrated(run: &Run) -> u32 {
    time(run, 100);
    let nanos = time(run, 200).max(1.0);
    let times = SLICE.as_secs_f64() * 1e9 / nanos;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a positive number"
    )]
    let times = times.clamp(10.0, 1e6) as u32;
    times
}

/// Every case once a round, its floor right beside it, the order of the two turned each time.
pub fn rounds(cases: &[Case], rounds: u32) -> Vec<Measured> {
    let times: Vec<_> = cases
        .iter()
        .map(|case| (calibrated(&case.ours), calibrated(&case.theirs)))
        .collect();
    let mut seen: Vec<(Vec<f64>, Vec<f64>)> = cases.iter().map(|_| Default::default()).collect();
    for round in 0..rounds {
        for ((case, (ours, theirs)), seen) in cases.iter().zip(&times).zip(&mut seen) {
            let (our, their) = if round % 2 == 0 {
                let our = time(&case.ours, *ours);
                (our, time(&case.theirs, *theirs))
            } else {
                let their = time(&case.theirs, *theirs);
                (time(&case.ours, *ours), their)
            };
            seen.0.push(our);
            seen.1.push(their);
        }
    }
    let measured = cases.iter().zip(seen).map(|(case, (ours, theirs))| Measured {
        ratio: median(ours.iter().zip(&theirs).map(|(our, their)| our / their).collect()),
        nanos: median(ours),
        floor_nanos: median(theirs),
        allocations: alloc::taken_by(&case.ours),
        floor_allocations: alloc::taken_by(&case.theirs),
    });
    measured.collect()
}

/// Runs the cases of this name for some seconds, for a profiler to look at.
pub fn spin(cases: &[Case], name: &str) {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(5) {
        for case in cases.iter().filter(|case| case.name == name) {
            time(&case.ours, 100);
        }
    }
}

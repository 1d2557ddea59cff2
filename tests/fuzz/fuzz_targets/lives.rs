//! Whole lives of the simulation, with every monitor on.

#![no_main]

use advance_tests::simulation::{replay_of, run_input};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_target!(|input: &[u8]| {
    if let Err(violation) = run_input(input) {
        panic!("{violation}\nreplay: {}", replay_of(input));
    }
});

// With LIVES_BY_DICE set, nothing is learnt from what a life reached: each input is the seed of another one. It is what
// guidance is measured against, in the same build and the same time.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    if std::env::var_os("LIVES_BY_DICE").is_none() || max_size < SEEDED {
        return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
    }
    let thrown = u64::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17);
    data[0] = seed.to_le_bytes()[3];
    data[1..SEEDED].copy_from_slice(&thrown.to_le_bytes());
    SEEDED
});

/// What an input is about, and a seed.
const SEEDED: usize = 9;

//! The collector, struck at every moment; `cargo xtask stores` runs more of it.

use advance_tests::collecting::{explore, run};

#[test]
fn every_strike_of_a_small_life_is_survived() {
    let lives = explore(false, None).unwrap_or_else(|violation| panic!("{violation}"));
    assert!(lives > 500, "{lives}");
}

#[test]
fn random_lives_keep_every_promise() {
    let (mut strikes, mut unsure, mut done, mut more) = (0, 0, 0, 0);
    for seed in 0..200 {
        let tally = run(seed, None).unwrap_or_else(|violation| panic!("seed {seed}: {violation}"));
        strikes += tally.strikes;
        unsure += tally.unsure;
        done += tally.done;
        more += u64::from(tally.told > tally.done + tally.unsure);
    }
    assert!(strikes > 1_000 && unsure > 50 && done > 200 && more > 5);
}

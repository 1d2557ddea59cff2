//! The simulation on a fixed set of seeds and on a fresh one; `cargo xtask simulate` runs millions. What it found is in
//! `crates/advance-core/tests/machine_regressions.rs`, without the seeds: they mean something else with every new fault.

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use advance_tests::simulation::{Driven, Fault, Sabotage, Tally, replay_of, run, run_input};

fn run_all(seeds: impl Iterator<Item = u64>, driven: Driven) -> Tally {
    let mut sum = Tally::default();
    for seed in seeds {
        match run(seed, driven) {
            Ok(tally) => sum.add(&tally),
            Err(violation) => panic!(
                "seed {seed} fails, {driven:?}\n{violation}\nreplay: cargo xtask simulate --seeds 1 --start {seed}"
            ),
        }
    }
    sum
}

#[test]
fn a_fixed_set_of_seeds_holds_and_meets_every_fault() {
    let sum = run_all(0..800, Driven::ByHand(None));
    for fault in Fault::ALL {
        assert!(sum.faults.of(*fault) > 0, "no seed met: {}", fault.name());
    }
    assert!(
        sum.succeeded > sum.calls / 3 && sum.succeeded < sum.calls,
        "{sum:?}"
    );
}

#[test]
fn fresh_seeds_hold() {
    let nanos = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos());
    let start = u64::try_from(nanos & u128::from(u64::MAX)).unwrap_or(0);
    run_all(
        (0..200).map(|offset| start.wrapping_add(offset)),
        Driven::ByHand(None),
    );
}

#[test]
fn a_seed_tells_the_same_story_twice() {
    for driven in [Driven::ByHand(None), Driven::OnTasks, Driven::OnThreads] {
        for seed in [3, 300, 627] {
            let tally = run(seed, driven).ok();
            assert!(tally.is_some(), "{driven:?} {seed}");
            assert_eq!(tally, run(seed, driven).ok());
        }
    }
}

#[test]
fn the_clients_hold() {
    for driven in [Driven::OnTasks, Driven::OnThreads] {
        let sum = run_all(0..100, driven);
        assert!(
            sum.succeeded > sum.calls / 3 && sum.succeeded < sum.calls,
            "{driven:?}: {sum:?}"
        );
    }
}

#[test]
fn every_sabotage_has_a_name_that_finds_it() {
    for sabotage in Sabotage::ALL {
        assert_eq!(sabotage.name().parse(), Ok(sabotage));
    }
    assert!("endless-sleep".parse::<Sabotage>().is_err());
}

/// What guidance reached and dice had not, and all that broke something once.
#[test]
fn the_lives_of_the_corpus_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/lives");
    let files = fs::read_dir(folder).expect("the corpus is committed");
    let mut lived = 0;
    for file in files {
        let path = file.expect("can be listed").path();
        let input = fs::read(&path).expect("can be read");
        if let Err(violation) = run_input(&input) {
            let replay = replay_of(&input);
            panic!("{}\n{violation}\nreplay: {replay}", path.display());
        }
        lived += 1;
    }
    assert!(lived >= 8, "{lived} lives");
}

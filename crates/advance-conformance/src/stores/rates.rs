//! Does this store keep a pace that many share?

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use advance_collector::rate::{MemoryRates, Rate, RateStore, Slot};
use advance_core::UnixMillis;

use super::done;
use super::model::Dice;

/// A store of rates that is empty, and power over its clock.
pub trait RateBench: Sync {
    /// Another handle to the same store, as another process would open it.
    fn open(&self) -> Arc<dyn RateStore>;

    /// Sets the store's clock, which stands still otherwise.
    fn set(&self, now: UnixMillis);
}

const START: u64 = 1_700_000_000_000;

/// What a store that is asked by many has for an answer.
const IN_TIME: Duration = Duration::from_secs(60);

/// Tries a store of rates: in a random life each answer is that of the one in memory, and of many who take turns at the
/// same moment each gets one of its own.
///
/// # Panics
/// If the store breaks a rule.
pub fn check_rates(bench: &dyn RateBench) {
    as_the_model(bench);
    turns_are_taken_once(bench);
}

fn as_the_model(bench: &dyn RateBench) {
    let clock = Arc::new(AtomicU64::new(START));
    let shown = Arc::clone(&clock);
    let model = MemoryRates::with_clock(move || UnixMillis::new(shown.load(Ordering::SeqCst)));
    let (store, mut dice) = (bench.open(), Dice::new());
    for step in 0..300 {
        let longest_pause = if dice.roll(3) == 0 { 70_000 } else { 5_000 };
        let mut millis = |most| Duration::from_millis(dice.roll(most));
        let (at_most, interval, pause) = (millis(3_000), millis(400), millis(longest_pause));
        let name = ["a", "'; DROP"][usize::from(dice.roll(5) == 0)];
        match dice.roll(8) {
            0..4 => {
                let burst = u32::try_from(dice.roll(4)).ok().and_then(NonZeroU32::new);
                let rate = Rate::every(interval).burst(burst.unwrap_or(NonZeroU32::MIN));
                let answers = [&*store, &model]
                    .map(|store: &dyn RateStore| done(store.take(name, &rate, at_most, IN_TIME)));
                assert_eq!(
                    answers[0], answers[1],
                    "step {step}: a turn within {at_most:?} at {rate:?}"
                );
            }
            4 => {
                done(store.hold(name, pause, IN_TIME));
                done(model.hold(name, pause, IN_TIME));
            }
            5 => assert_eq!(
                done(store.held(name, IN_TIME)),
                done(model.held(name, IN_TIME)),
                "step {step}: held"
            ),
            _ => {
                // A clock that is set back by minutes or by days, now and then.
                let back = [0, 0, 0, 3 * 24 * 3_600_000, 90_000, 62_000, 50_000];
                let back = back[usize::try_from(dice.roll(7)).unwrap_or(0)];
                let most = if dice.roll(5) == 0 { 40_000 } else { 700 };
                let now = clock.load(Ordering::SeqCst) + dice.roll(most) - back;
                clock.store(now, Ordering::SeqCst);
                bench.set(UnixMillis::new(now));
            }
        }
    }
}

fn turns_are_taken_once(bench: &dyn RateBench) {
    bench.set(UnixMillis::new(START));
    let rate = Rate::every(Duration::from_millis(10));
    let mut waits: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let store = bench.open();
                    (0..25)
                        .map(|_| done(store.take("shared", &rate, Duration::from_secs(60), IN_TIME)))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        let taken = workers.into_iter().map(thread::ScopedJoinHandle::join);
        taken
            .flat_map(|slots| slots.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    waits.sort_by_key(|slot| match slot {
        Slot::In(wait) | Slot::Later(wait) => *wait,
    });
    let even: Vec<_> = (0..100)
        .map(|turn| Slot::In(Duration::from_millis(turn * 10)))
        .collect();
    assert_eq!(waits, even, "two have the same turn, or one was given to none");
}

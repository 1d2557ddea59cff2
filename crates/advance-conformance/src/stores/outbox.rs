//! Does this outbox keep letters, and hand each out to one worker at a time and in order?

use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use advance_collector::StoreError;
use advance_collector::outbox::{Letter, LetterState, MemoryOutbox, NewLetter, Outbox};
use advance_core::UnixMillis;

use super::model::Dice;
use super::{done, id};

/// An outbox that is empty, and power over its clock.
pub trait OutboxBench: Sync {
    /// Another handle to the same outbox, as another process would open it.
    fn open(&self) -> Arc<dyn Outbox>;

    /// Sets the outbox's clock, which stands still otherwise.
    fn set(&self, now: UnixMillis);
}

const START: u64 = 1_700_000_000_000;
const HOUR: Duration = Duration::from_secs(3_600);

/// Tries an outbox: in a random life each answer is that of the one in memory, and of many workers who empty it at the same
/// time each letter goes to one, after those before it about the same verification.
///
/// # Panics
/// If the outbox breaks a rule.
pub fn check_outbox(bench: &dyn OutboxBench) {
    as_the_model(bench);
    overtaken_and_overlong(bench);
    each_goes_to_one_worker(bench);
}

fn letter(of: &str, revision: u32) -> NewLetter {
    let body = format!("{{\"of\":\"{of} ✓ \\u0000\",\"revision\":{revision}}}");
    NewLetter::new(format!("evt_{of}_{revision}"), id(of), revision, body)
}

/// Two outboxes that are asked the same.
struct Twins {
    store: Arc<dyn Outbox>,
    model: MemoryOutbox,
    step: u32,
}

impl Twins {
    #[track_caller]
    fn both<R: PartialEq + Debug>(
        &self,
        what: &str,
        ask: impl Fn(&dyn Outbox) -> Result<R, StoreError>,
    ) -> R {
        let (found, wanted) = (done(ask(&*self.store)), done(ask(&self.model)));
        assert_eq!(found, wanted, "step {}: {what}", self.step);
        found
    }

    /// Which ones are handed out is a rule; in which order they come is none.
    fn claim(&self, limit: usize, lease: Duration) -> Vec<Letter> {
        self.both("claim", |outbox| {
            let mut letters = outbox.claim(limit, lease)?;
            letters.sort_by(|one, other| one.id.cmp(&other.id));
            Ok(letters)
        })
    }
}

fn as_the_model(bench: &dyn OutboxBench) {
    let clock = Arc::new(AtomicU64::new(START));
    let shown = Arc::clone(&clock);
    bench.set(UnixMillis::new(START));
    let mut twins = Twins {
        store: bench.open(),
        model: MemoryOutbox::with_clock(move || UnixMillis::new(shown.load(Ordering::SeqCst))),
        step: 0,
    };
    let mut dice = Dice::new();
    let mut held: Vec<Letter> = Vec::new();
    for step in 0..400 {
        twins.step = step;
        let of = ["a", "b", "'; DROP", "d"][usize::try_from(dice.roll(4)).unwrap_or(0)];
        let new = letter(of, u32::try_from(1 + dice.roll(3)).unwrap_or(1));
        let pause = Duration::from_millis(dice.roll(90_000));
        let pick = usize::try_from(dice.roll(64)).unwrap_or(0);
        match dice.roll(20) {
            0..5 => drop(twins.both("put", |outbox| outbox.put(&new))),
            5..8 => held.extend(twins.claim(pick % 4, pause)),
            8..10 if !held.is_empty() => {
                // Now and then one stays in hand, and is booked again when others have had it.
                let at = pick % held.len();
                let one = held.get(at).cloned().unwrap_or_else(|| held.swap_remove(0));
                twins.both("delivered", |outbox| outbox.delivered(&one));
            }
            10..13 if !held.is_empty() => {
                let one = held.swap_remove(pick % held.len());
                let again = (pick % 3 > 0).then_some(pause);
                twins.both("failed", |outbox| outbox.failed(&one, "status 500", again));
            }
            13 => drop(twins.both("resend", |outbox| outbox.resend(&new.id))),
            14 => match pick % 4 {
                0 => drop(twins.both("resend_dead", |outbox| outbox.resend_dead())),
                1 => twins.both("forget", |outbox| outbox.forget(&new.signature_id)),
                2 => twins.both("forget_delivered", |outbox| {
                    outbox.forget_delivered(&new.signature_id)
                }),
                _ => drop(twins.both("prune", |outbox| outbox.prune(pause))),
            },
            15 => twins.both("set_open", |outbox| outbox.set_open(pick % 2 == 0)),
            _ => {
                let days = u64::from(dice.roll(12) == 0) * 3 * 24 * 3_600_000;
                let now = clock.load(Ordering::SeqCst) + dice.roll(70_000);
                let now = if pick % 2 == 0 { now + days } else { now - days };
                clock.store(now, Ordering::SeqCst);
                bench.set(UnixMillis::new(now));
            }
        }
        twins.both("get", |outbox| outbox.get(&new.id));
        match pick % 4 {
            0 => drop(twins.both("next", |outbox| outbox.next())),
            1 => drop(twins.both("counts", |outbox| outbox.counts())),
            2 => drop(twins.both("is_open", |outbox| outbox.is_open())),
            _ => {
                for state in LetterState::ALL {
                    twins.both("list", |outbox| outbox.list(state, 1 + pick % 5));
                }
            }
        }
    }
    for of in ["a", "b", "'; DROP", "d"] {
        twins.both("forget", |outbox| outbox.forget(&id(of)));
    }
}

fn overtaken_and_overlong(bench: &dyn OutboxBench) {
    bench.set(UnixMillis::new(START));
    let outbox = bench.open();
    assert!(done(outbox.put(&letter("late", 2))));
    assert!(
        !done(outbox.put(&letter("late", 1))),
        "a letter was kept that a later one has overtaken"
    );
    assert_eq!(done(outbox.get("evt_late_1")), None);
    let mut claimed = done(outbox.claim(1, HOUR));
    let one = claimed.pop().unwrap_or_else(|| panic!("nothing was due"));
    // Not the far future, which would look like a clock that was set back.
    assert!(done(outbox.failed(&one, "status 500", Some(Duration::MAX))));
    assert!(
        done(outbox.claim(1, HOUR)).is_empty(),
        "a pause without end was none"
    );
    done(outbox.forget(&id("late")));
}

fn each_goes_to_one_worker(bench: &dyn OutboxBench) {
    bench.set(UnixMillis::new(START));
    let (verifications, revisions) = (12, 3);
    for number in 0..verifications {
        for revision in 1..=revisions {
            assert!(done(
                bench.open().put(&letter(&format!("sig-{number}"), revision))
            ));
        }
    }
    let sent = Mutex::new(Vec::new());
    let work = || {
        let outbox = bench.open();
        while done(outbox.counts()).waiting > 0 {
            for letter in done(outbox.claim(3, HOUR)) {
                sent.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push((letter.signature_id.clone(), letter.revision));
                thread::yield_now();
                done(outbox.delivered(&letter));
            }
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            worker
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
    });
    let sent = sent.into_inner().unwrap_or_else(PoisonError::into_inner);
    for number in 0..verifications {
        let of = id(&format!("sig-{number}"));
        let got: Vec<u32> = sent
            .iter()
            .filter(|(one, _)| *one == of)
            .map(|(_, revision)| *revision)
            .collect();
        let wanted: Vec<u32> = (1..=revisions).collect();
        assert_eq!(got, wanted, "{of:?}: each letter once, and in order");
        done(bench.open().forget(&of));
    }
}

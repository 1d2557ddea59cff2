//! Between sending and booking: an outbox that fails, a process that dies, a system that gives no thread, another worker.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use advance_collector::outbox::{Letter, LetterCounts, LetterState, MemoryOutbox, NewLetter, Outbox};
use advance_collector::{StoreError, StoreErrorKind};
use advance_core::SignatureId;
use advance_core::transport::Transport as _;
use advance_webhook::deliver::Sent;

use crate::world::{HOUR, World, courier, deliver, each_came_in_order, post, status};

const LEASE: Duration = Duration::from_secs(60);

/// An outbox that does not book that this letter was delivered, while it is broken.
struct Broken {
    outbox: Arc<MemoryOutbox>,
    id: String,
    fails: AtomicBool,
}

impl Outbox for Broken {
    fn is_open(&self) -> Result<bool, StoreError> {
        self.outbox.is_open()
    }

    fn set_open(&self, open: bool) -> Result<(), StoreError> {
        self.outbox.set_open(open)
    }

    fn put(&self, letter: &NewLetter) -> Result<bool, StoreError> {
        self.outbox.put(letter)
    }

    fn claim(&self, limit: usize, lease: Duration) -> Result<Vec<Letter>, StoreError> {
        self.outbox.claim(limit, lease)
    }

    fn delivered(&self, letter: &Letter) -> Result<(), StoreError> {
        if letter.id == self.id && self.fails.load(Ordering::SeqCst) {
            return Err(StoreError::new(StoreErrorKind::Other));
        }
        self.outbox.delivered(letter)
    }

    fn failed(&self, letter: &Letter, why: &str, again_after: Option<Duration>) -> Result<bool, StoreError> {
        self.outbox.failed(letter, why, again_after)
    }

    fn next(&self) -> Result<Option<Duration>, StoreError> {
        self.outbox.next()
    }

    fn counts(&self) -> Result<LetterCounts, StoreError> {
        self.outbox.counts()
    }

    fn list(&self, state: LetterState, limit: usize) -> Result<Vec<Letter>, StoreError> {
        self.outbox.list(state, limit)
    }

    fn get(&self, id: &str) -> Result<Option<Letter>, StoreError> {
        self.outbox.get(id)
    }

    fn resend(&self, id: &str) -> Result<bool, StoreError> {
        self.outbox.resend(id)
    }

    fn resend_dead(&self) -> Result<u64, StoreError> {
        self.outbox.resend_dead()
    }

    fn forget(&self, signature_id: &SignatureId) -> Result<(), StoreError> {
        self.outbox.forget(signature_id)
    }

    fn forget_delivered(&self, signature_id: &SignatureId) -> Result<(), StoreError> {
        self.outbox.forget_delivered(signature_id)
    }

    fn prune(&self, age: Duration) -> Result<u64, StoreError> {
        self.outbox.prune(age)
    }
}

#[test]
fn an_outbox_that_fails_for_one_letter_books_the_others_of_the_round() {
    let world = World::new(|_, _| status(200));
    let outbox = post(&world, 8);
    // In the order in which they are handed out: one, two, then four of which this is the first.
    let id = outbox.claim(9, Duration::ZERO).unwrap().remove(3).id;
    let broken = Arc::new(Broken {
        outbox,
        id: id.clone(),
        fails: AtomicBool::new(true),
    });
    let troubles = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&troubles);
    courier(&world, &broken)
        .watched_by(move |sent| *counted.lock().unwrap() += usize::from(matches!(sent, Sent::Outbox(_))))
        .run(|| world.passed() >= Duration::from_secs(50));
    assert!(*troubles.lock().unwrap() > 0, "it is shown");
    broken.fails.store(false, Ordering::SeqCst);
    deliver(&world, &broken, HOUR);
    each_came_in_order(&world, &*broken, 8);
    let twice: BTreeMap<String, usize> = world.seen().into_iter().fold(BTreeMap::new(), |mut all, seen| {
        *all.entry(seen.id).or_default() += 1;
        all
    });
    let twice: Vec<&String> = twice
        .iter()
        .filter(|(_, times)| **times > 1)
        .map(|(id, _)| id)
        .collect();
    assert_eq!(twice, [&id], "no other is sent twice");
}

#[test]
fn a_process_that_dies_while_it_sends_costs_a_minute_and_no_letter() {
    let world = World::new(|_, _| status(200));
    let outbox = post(&world, 5);
    let claimed = outbox.claim(9, LEASE).unwrap();
    assert_eq!(claimed.len(), 5, "one of each verification");
    deliver(&world, &outbox, HOUR);
    each_came_in_order(&world, &*outbox, 5);
    assert!(world.seen()[0].at >= LEASE);
}

#[test]
fn a_worker_that_was_stopped_for_longer_than_its_lease_spoils_nothing() {
    let world = World::new(|_, _| status(200));
    let outbox = post(&world, 1);
    let stopped = outbox.claim(1, LEASE).unwrap().remove(0);
    world.sleep(LEASE);
    // Another one has it now, and is in the middle of sending it.
    let other = outbox.claim(1, LEASE).unwrap().remove(0);
    assert!(!outbox.failed(&stopped, "no answer", None).unwrap());
    assert!(
        outbox.claim(1, LEASE).unwrap().is_empty(),
        "it would be sent by a third one at the same time"
    );
    outbox.delivered(&other).unwrap();
    assert!(!outbox.failed(&stopped, "no answer", None).unwrap());
    let counts = outbox.counts().unwrap();
    assert_eq!((counts.waiting, counts.delivered, counts.dead), (0, 1, 0));
}

/// What the inner process of the next test finds in its environment.
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
const INNER: &str = "ADVANCE_TEST_WITHOUT_THREADS";

/// A second process of this test asks for stacks that no machine has, and so gets no thread.
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
#[test]
fn a_courier_that_gets_no_thread_says_so_and_goes_on() {
    const NAME: &str = "booking::a_courier_that_gets_no_thread_says_so_and_goes_on";
    if std::env::var_os(INNER).is_none() {
        let status = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", NAME, "--test-threads=1"])
            .env(INNER, "1")
            .env("RUST_MIN_STACK", (1_u64 << 60).to_string())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&status.stdout);
        assert!(status.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    let world = World::new(|_, _| status(200));
    let post = post(&world, 1);
    let refused = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&refused);
    courier(&world, &post)
        .watched_by(move |sent| *counted.lock().unwrap() += usize::from(matches!(sent, Sent::NoThread(_))))
        .run(|| world.passed() >= Duration::from_secs(150));
    assert_eq!(
        *refused.lock().unwrap(),
        3,
        "at once, after a minute and after two"
    );
    let counts = post.counts().unwrap();
    assert_eq!((counts.waiting, world.seen().len()), (1, 0));
    assert_eq!(post.list(LetterState::Waiting, 1).unwrap()[0].failures, 0);
}

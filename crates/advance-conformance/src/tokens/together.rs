//! Many at once, each with its own handle.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use advance_core::sharing::{Claimed, TokenClaim, TokenWish};

use super::{Bench, Desk, LEASE, PATIENCE, S, cases, done, other, token};

cases! {
    led_by_one: "of many who ask at the same time one leads, round after round, and each fence is used once"
}

const WORKERS: usize = 8;
const ROUNDS: u64 = 25;

fn led_by_one(bench: &dyn Bench) {
    let mut former = Desk::new(bench).share("first");
    for round in 0..ROUNDS {
        Desk::new(bench).pass(S(60));
        let (led, brought) = (AtomicU64::new(0), AtomicU64::new(0));
        let (asked, told) = (Barrier::new(WORKERS), Barrier::new(WORKERS));
        let name = format!("token-{round}");
        thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(|| {
                    let desk = Desk::new(bench);
                    let claim = TokenClaim::new(desk.key.clone(), other(former, true), LEASE);
                    // Nothing is looked at before all have passed: those who wait would wait for ever.
                    let first = desk.store.claim(&claim, PATIENCE);
                    asked.wait();
                    let mut published = None;
                    if let Ok(Claimed::Lead(lease)) = &first {
                        led.fetch_add(1, Ordering::SeqCst);
                        brought.store(lease.fence, Ordering::SeqCst);
                        published = Some(desk.store.publish(lease, &token(&name), super::HOUR, PATIENCE));
                    }
                    told.wait();
                    assert!(published.is_none_or(done), "the latest lease was refused");
                    let first = done(first);
                    assert!(matches!(first, Claimed::Lead(_) | Claimed::Wait(_)), "{first:?}");
                    let shared = desk.holds(other(former, true));
                    assert_eq!(shared.token.expose(), name);
                    assert_eq!(shared.generation, brought.load(Ordering::SeqCst));
                });
            }
        });
        assert_eq!(led.into_inner(), 1, "leaders of round {round}");
        let latest = Desk::new(bench).holds(TokenWish::Any).generation;
        assert!(latest > former, "{latest} is not above {former}");
        former = latest;
    }
}

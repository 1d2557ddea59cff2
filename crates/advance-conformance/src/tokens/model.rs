//! Random lives, step by step the same as the store in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use advance_core::client::MemoryTokenStore;
use advance_core::sharing::{Claimed, ClientId, Setback, TokenClaim, TokenLease, TokenStore, TokenWish};
use advance_core::{Code, UnixMillis};

use super::{Bench, PATIENCE, cases, done, key, token};

cases! {
    as_the_model: "in a random life every answer is that of the store in memory"
}

/// A small generator: the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }

    /// Milliseconds that are often on the edge of a second.
    fn time(&mut self, seconds: u64) -> Duration {
        let whole = Duration::from_secs(self.roll(seconds));
        whole + Duration::from_millis(if self.roll(2) == 0 { 0 } else { self.roll(1_000) })
    }
}

struct Life<'a> {
    bench: &'a dyn Bench,
    clock: Arc<AtomicU64>,
    store: Arc<dyn TokenStore>,
    model: MemoryTokenStore,
    dice: Dice,
    leases: Vec<TokenLease>,
    generations: Vec<u64>,
}

fn as_the_model(bench: &dyn Bench) {
    let clock = Arc::new(AtomicU64::new(bench.now().get()));
    let shown = Arc::clone(&clock);
    let mut life = Life {
        bench,
        clock,
        store: bench.open(),
        model: MemoryTokenStore::new(move || UnixMillis::new(shown.load(Ordering::SeqCst))),
        dice: Dice(0x9E37_79B9_7F4A_7C15),
        leases: Vec::new(),
        generations: Vec::new(),
    };
    for step in 0..1_500_u32 {
        life.step(step);
    }
}

impl Life<'_> {
    fn step(&mut self, step: u32) {
        match self.dice.roll(8) {
            0..=3 => self.claim(step),
            4 => self.publish(step),
            5 => self.give_back(),
            _ => self.pass(),
        }
    }

    fn a_lease(&mut self) -> Option<TokenLease> {
        let back = usize::try_from(self.dice.roll(3)).ok()?;
        self.leases.iter().rev().nth(back).cloned()
    }

    fn claim(&mut self, step: u32) {
        let back = usize::try_from(self.dice.roll(3)).unwrap_or_default();
        let generation = self.generations.iter().rev().nth(back).copied();
        let wish = match self.dice.roll(4) {
            0 => TokenWish::Any,
            1 => TokenWish::Renewed {
                generation,
                left: self.dice.time(300),
            },
            roll => TokenWish::Other {
                generation,
                accepted: roll == 2,
            },
        };
        let key = key(["here", "there"][usize::from(self.dice.roll(8) == 0)]);
        let mut claim = TokenClaim::new(key, wish, self.dice.time(20));
        claim.client = Some(self.dice.roll(4))
            .filter(|client| *client > 0)
            .map(ClientId::new);
        let answer = done(self.store.claim(&claim, PATIENCE));
        assert_eq!(
            answer,
            done(self.model.claim(&claim, PATIENCE)),
            "step {step}: {claim:?}"
        );
        match answer {
            Claimed::Lead(lease) => self.leases.push(lease),
            Claimed::Token(shared) => self.generations.push(shared.generation),
            _ => {}
        }
    }

    fn publish(&mut self, step: u32) {
        let Some(lease) = self.a_lease() else { return };
        let (token, life) = (token(&format!("token-{step}")), self.dice.time(300));
        let answer = done(self.store.publish(&lease, &token, life, PATIENCE));
        let model = done(self.model.publish(&lease, &token, life, PATIENCE));
        assert_eq!(answer, model, "step {step}: {lease:?}");
    }

    fn give_back(&mut self) {
        let Some(lease) = self.a_lease() else { return };
        let code = [None, Some(&Code::AccountDisabled), Some(&Code::ServiceBusy)];
        let code = code[usize::try_from(self.dice.roll(3)).unwrap_or_default()];
        let setback = Setback::new(code, self.dice.time(70));
        let setback = Some(&setback).filter(|_| self.dice.roll(2) == 0);
        done(self.store.give_back(&lease, setback, PATIENCE));
        done(self.model.give_back(&lease, setback, PATIENCE));
    }

    fn pass(&mut self) {
        let now = self.bench.now();
        let now = match self.dice.roll(20) {
            0 => UnixMillis::new(now.get().saturating_sub(self.dice.roll(100_000_000))),
            1 => now.saturating_add(self.dice.time(2_000)),
            _ => now.saturating_add(self.dice.time(9)),
        };
        self.bench.set(now);
        self.clock.store(now.get(), Ordering::SeqCst);
    }
}

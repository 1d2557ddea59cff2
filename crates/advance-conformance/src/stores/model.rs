//! Random lives, step by step the same as the store in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use advance_collector::{
    Claim, Conclusion, Ending, Event, Intent, Kind, MemoryStore, Pending, Settlement, Store, Then, Wanted,
    WantedPicture,
};
use advance_core::{Charge, Charges, ImageLink, SignatureId, UnixMillis};

use super::{Bench, attempt_of, cases, done, id, passed};

cases! {
    as_the_model: "in a random life every answer and every row is that of the store in memory"
}

/// A small generator: the same numbers on every machine.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new() -> Self {
        Self(0x9E37_79B9_7F4A_7C15)
    }

    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }
}

struct Life<'a> {
    bench: &'a dyn Bench,
    clock: Arc<AtomicU64>,
    store: Arc<dyn Store>,
    model: MemoryStore,
    dice: Dice,
    claims: Vec<Claim>,
    attempts: Vec<(u128, Kind)>,
    events: Vec<Event>,
}

fn as_the_model(bench: &dyn Bench) {
    let clock = Arc::new(AtomicU64::new(bench.now().get()));
    let shown = Arc::clone(&clock);
    let mut life = Life {
        bench,
        clock,
        store: bench.open(),
        model: MemoryStore::with_clock(move || UnixMillis::new(shown.load(Ordering::SeqCst))),
        dice: Dice::new(),
        claims: Vec::new(),
        attempts: Vec::new(),
        events: Vec::new(),
    };
    for step in 0..bench.steps() {
        let what = life.step();
        life.compare(step, what);
    }
}

impl Life<'_> {
    fn step(&mut self) -> &'static str {
        match self.dice.roll(16) {
            0 | 1 => self.add(),
            2..=4 => self.claim(),
            5..=6 => self.intend(),
            7..=9 => self.settle(),
            10 => self.sweep(),
            11 => self.pass(),
            12 => self.tell(),
            13 => self.give_back(),
            14 => self.touch(),
            _ => self.forget(),
        }
    }

    fn an_id(&mut self) -> SignatureId {
        id(&format!("a{}", self.dice.roll(12)))
    }

    fn add(&mut self) -> &'static str {
        let mut pending = Pending::of(self.an_id()).first_after(Duration::from_secs(self.dice.roll(5)));
        if self.dice.roll(2) == 0 {
            pending = pending.link_ends(self.bench.now().saturating_add(Duration::from_secs(600)));
        }
        let pending = [pending];
        assert_eq!(done(self.store.add(&pending)), done(self.model.add(&pending)));
        "add"
    }

    fn claim(&mut self) -> &'static str {
        // Which of those that are due at the same moment come first is the store's affair: so one id at a time.
        let wanted = Wanted::new(3, Duration::from_secs(1 + self.dice.roll(30))).only(self.an_id());
        let sorted = |mut claims: Vec<Claim>| {
            claims.sort_by_key(Claim::kind);
            claims
        };
        let claims = sorted(done(self.store.claim(&wanted)));
        assert_eq!(claims, sorted(done(self.model.claim(&wanted))), "claim");
        self.claims.extend(claims);
        "claim"
    }

    fn a_claim(&mut self) -> Option<Claim> {
        let count = self.claims.len() as u64;
        let latest = self
            .claims
            .len()
            .saturating_sub(1 + usize::try_from(self.dice.roll(4)).ok()?);
        (count > 0).then(|| self.claims[latest].clone())
    }

    fn intend(&mut self) -> &'static str {
        let Some(claim) = self.a_claim() else {
            return "nothing";
        };
        let attempt = self.attempts.len() as u128;
        let may_cost = claim.kind() == Kind::Result || self.dice.roll(2) == 0;
        let lease = Duration::from_secs(1 + self.dice.roll(60));
        let intent = Intent::new(&claim, attempt_of(attempt), may_cost, lease);
        assert_eq!(done(self.store.intend(&intent)), done(self.model.intend(&intent)));
        self.attempts.push((attempt, claim.kind()));
        "intend"
    }

    fn settle(&mut self) -> &'static str {
        if self.attempts.is_empty() {
            return "nothing";
        }
        let back = usize::try_from(self.dice.roll(5)).unwrap_or(0);
        let (attempt, kind) = self.attempts[self.attempts.len().saturating_sub(1 + back)];
        let settlement = self.settlement(kind);
        let answers = [&*self.store, &self.model as &dyn Store]
            .map(|store| done(store.settle(attempt_of(attempt), &settlement)));
        assert_eq!(answers[0], answers[1], "settle {settlement:?}");
        "settle"
    }

    fn settlement(&mut self, kind: Kind) -> Settlement {
        let mut charges = Charges::NONE;
        let charge = [Charge::Free, Charge::Pay, Charge::Unknown];
        charges.record(charge[usize::try_from(self.dice.roll(3)).unwrap_or(0)]);
        let pause = Duration::from_secs(self.dice.roll(20));
        let link = || ImageLink::from("https://pictures.example/a.png?Expires=4102444800");
        let then = match (kind, self.dice.roll(5)) {
            (_, 0) => Then::Back(pause),
            (_, 1) => Then::Unsure((self.dice.roll(2) == 0).then_some(pause)),
            (Kind::Result, 2) => Then::again(pause, self.dice.roll(2) == 0),
            (Kind::Result, 3) => Then::Ended(Conclusion::of(Ending::LinkExpired), Vec::new()),
            (Kind::Result, _) => {
                let pictures = [Kind::Image, Kind::CroppedImage].map(|kind| WantedPicture::new(kind, link()));
                Then::Ended(passed(), pictures.to_vec())
            }
            (_, 2) => Then::picture_again(pause, Some(link()), self.dice.roll(2) == 0),
            (_, 3) => Then::PictureLost("not there".into()),
            _ => Then::kept("cd".repeat(32), 12),
        };
        Settlement::new(charges, then)
    }

    fn sweep(&mut self) -> &'static str {
        let allowed = u32::try_from(self.dice.roll(3)).unwrap_or(0);
        assert_eq!(
            done(self.store.sweep(allowed)),
            done(self.model.sweep(allowed)),
            "sweep"
        );
        "sweep"
    }

    fn pass(&mut self) -> &'static str {
        let later = self
            .bench
            .now()
            .saturating_add(Duration::from_secs(self.dice.roll(50)));
        self.bench.set(later);
        self.clock.store(later.get(), Ordering::SeqCst);
        "pass"
    }

    fn tell(&mut self) -> &'static str {
        let again_after = Duration::from_secs(self.dice.roll(9));
        let sorted = |mut events: Vec<Event>| {
            events.sort_by_key(Event::id);
            events
        };
        let events = sorted(done(self.store.untold(99, again_after)));
        assert_eq!(events, sorted(done(self.model.untold(99, again_after))), "untold");
        self.events.extend(events);
        if self.dice.roll(2) == 0
            && let Some(event) = self.events.pop()
        {
            done(self.store.told(&event));
            done(self.model.told(&event));
        }
        "tell"
    }

    fn give_back(&mut self) -> &'static str {
        let Some(claim) = self.a_claim() else {
            return "nothing";
        };
        let after = Duration::from_secs(self.dice.roll(9));
        done(self.store.give_back(&claim, after));
        done(self.model.give_back(&claim, after));
        "give_back"
    }

    fn touch(&mut self) -> &'static str {
        let id = self.an_id();
        if self.dice.roll(2) == 0 {
            assert_eq!(done(self.store.nudge(&id)), done(self.model.nudge(&id)));
        } else {
            assert_eq!(done(self.store.ask_again(&id)), done(self.model.ask_again(&id)));
        }
        "nudge or ask_again"
    }

    fn forget(&mut self) -> &'static str {
        if self.dice.roll(3) == 0 {
            let id = self.an_id();
            let ids = [id];
            assert_eq!(done(self.store.erase(&ids)), done(self.model.erase(&ids)));
        } else {
            let age = Duration::from_secs(100 + self.dice.roll(200));
            let sorted = |mut ids: Vec<SignatureId>| {
                ids.sort();
                ids
            };
            let old = sorted(done(self.store.old(age, 99)));
            assert_eq!(old, sorted(done(self.model.old(age, 99))), "old");
            assert_eq!(done(self.store.erase(&old)), done(self.model.erase(&old)));
        }
        "forget"
    }

    fn compare(&self, step: u32, what: &str) {
        let [ours, models] = [&*self.store, &self.model as &dyn Store].map(|store| {
            (
                done(store.status()),
                done(store.rest()),
                done(store.list(None, 99)),
            )
        });
        assert_eq!(ours, models, "after step {step}, {what}");
    }
}

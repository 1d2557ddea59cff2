//! The store's rules over rows with indexes, as a database has them: for lives that are too large for the store in memory.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use advance_collector::row::{Booked, Doubt, Row};
use advance_collector::{
    AttemptId, Claim, Event, Intended, Intent, Pending, Rest, Settled, Settlement, State,
};
use advance_core::{SignatureId, UnixMillis};

use crate::collecting::Sabotage;

/// Rows by their numbers, and what is due when.
#[derive(Default)]
pub(super) struct Table {
    rows: Vec<Row>,
    waiting: BTreeSet<(UnixMillis, usize)>,
    asking: BTreeSet<(UnixMillis, usize)>,
    untold: BTreeSet<(UnixMillis, usize)>,
    attempts: HashMap<AttemptId, usize>,
    doubts: HashMap<AttemptId, Doubt>,
    #[cfg_attr(
        not(feature = "sabotage"),
        expect(dead_code, reason = "a sabotage looks at it")
    )]
    broken: Option<Sabotage>,
}

/// The id of this number.
pub(super) fn id(number: usize) -> Option<SignatureId> {
    SignatureId::new(format!("{number:016x}")).ok()
}

/// The number of this id.
pub(super) fn number(id: &SignatureId) -> usize {
    usize::from_str_radix(id.as_str(), 16).unwrap_or(usize::MAX)
}

impl Table {
    pub(super) fn new(broken: Option<Sabotage>) -> Self {
        Self {
            broken,
            ..Self::default()
        }
    }

    /// Adds the next one.
    pub(super) fn add(&mut self, now: UnixMillis) {
        let number = self.rows.len();
        let Some(id) = id(number) else { return };
        let row = Row::new(&Pending::of(id), now);
        #[cfg(feature = "sabotage")]
        let row = row.sabotaged(self.broken);
        self.rows.push(row);
        self.list(number);
    }

    pub(super) fn claim(&mut self, limit: usize, lease: Duration, now: UnixMillis) -> Vec<Claim> {
        let due: Vec<_> = due(&self.waiting, now).take(limit).collect();
        due.into_iter()
            .filter_map(|number| self.change(number, |row| row.claim(lease, now)).flatten())
            .collect()
    }

    pub(super) fn intend(&mut self, intent: &Intent, now: UnixMillis) -> Intended {
        let number = number(&intent.signature_id);
        let intended = self.change(number, |row| row.intend(intent, now));
        let intended = intended.unwrap_or(Intended::Fenced);
        if intended == Intended::Committed {
            self.attempts.insert(intent.attempt, number);
        }
        intended
    }

    pub(super) fn settle(&mut self, attempt: AttemptId, settlement: &Settlement, now: UnixMillis) -> Settled {
        let Some(number) = self.attempts.get(&attempt).copied() else {
            return Settled::Already;
        };
        let booked = self.change(number, |row| row.settle(attempt, settlement, now));
        if let Some(booked) = booked.filter(|booked| booked.settled != Settled::Already) {
            return self.book(booked);
        }
        let Some(doubt) = self.doubts.get_mut(&attempt).filter(|doubt| !doubt.closed) else {
            return Settled::Already;
        };
        doubt.closed = true;
        let booked = self.change(number, |row| row.resolve(settlement, now));
        booked.map_or(Settled::Already, |booked| self.book(booked))
    }

    /// The numbers of those whose senders vanished.
    pub(super) fn sweep(&mut self, doubts_allowed: u32, now: UnixMillis) -> Vec<usize> {
        let due: Vec<_> = due(&self.asking, now).collect();
        for number in &due {
            let doubt = self.change(*number, |row| row.sweep(doubts_allowed, now));
            if let Some(doubt) = doubt.flatten() {
                self.doubts.insert(doubt.attempt, doubt);
            }
        }
        due
    }

    pub(super) fn untold(&mut self, limit: usize, again_after: Duration, now: UnixMillis) -> Vec<Event> {
        let due: Vec<_> = due(&self.untold, now).take(limit).collect();
        due.into_iter()
            .filter_map(|number| self.change(number, |row| row.tell(again_after, now)).flatten())
            .collect()
    }

    pub(super) fn told(&mut self, event: &Event) {
        self.change(number(&event.signature_id), |row| row.told(event.revision));
    }

    pub(super) fn rest(&self, now: UnixMillis) -> Rest {
        let first =
            |set: &BTreeSet<(UnixMillis, usize)>| set.first().map(|(due, _)| due.saturating_since(now));
        let due = first(&self.waiting).into_iter().chain(first(&self.asking)).min();
        Rest::new(due, first(&self.untold))
    }

    /// How long the verification that is due longest has been due.
    pub(super) fn overdue(&self, now: UnixMillis) -> Duration {
        let oldest = self.waiting.first();
        oldest.map_or(Duration::ZERO, |(due, _)| now.saturating_since(*due))
    }

    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    fn book(&mut self, booked: Booked) -> Settled {
        if let Some(doubt) = booked.doubt {
            self.doubts.insert(doubt.attempt, doubt);
        }
        booked.settled
    }

    fn change<R>(&mut self, number: usize, change: impl FnOnce(&mut Row) -> R) -> Option<R> {
        self.unlist(number);
        let changed = change(self.rows.get_mut(number)?);
        self.list(number);
        Some(changed)
    }

    fn list(&mut self, number: usize) {
        let Some(row) = self.rows.get(number) else { return };
        match row.state {
            State::Waiting => drop(self.waiting.insert((row.due, number))),
            State::Asking => drop(self.asking.insert((row.due, number))),
            _ => {}
        }
        if row.is_untold() {
            self.untold.insert((row.tell_due, number));
        }
    }

    fn unlist(&mut self, number: usize) {
        let Some(row) = self.rows.get(number) else { return };
        self.waiting.remove(&(row.due, number));
        self.asking.remove(&(row.due, number));
        self.untold.remove(&(row.tell_due, number));
    }
}

fn due(set: &BTreeSet<(UnixMillis, usize)>, now: UnixMillis) -> impl Iterator<Item = usize> + '_ {
    set.range(..=(now, usize::MAX)).map(|(_, number)| *number)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use advance_collector::{Conclusion, Ending, MemoryStore, Store as _, Then, Wanted};
    use advance_core::Charges;

    use super::*;
    use crate::simulation::dice::Dice;

    const LEASE: Duration = Duration::from_secs(30);

    fn settlement(dice: &mut Dice) -> Settlement {
        let mut charges = Charges::NONE;
        charges.pay = dice.below(2);
        let then = match dice.below(4) {
            0 => Then::Ended(Conclusion::of(Ending::Finished), Vec::new()),
            1 => Then::Back(dice.millis(0, 9_000)),
            2 => Then::Unsure(None),
            _ => Then::Unsure(Some(dice.millis(0, 9_000))),
        };
        Settlement::new(charges, then)
    }

    /// Whatever is done to both: the store in memory is the one that the suite of stores has tried.
    #[test]
    fn it_does_what_the_store_in_memory_does() {
        for seed in 0..60 {
            let mut dice = Dice::new(seed, 9);
            let clock = Arc::new(AtomicU64::new(1_700_000_000_000));
            let shown = Arc::clone(&clock);
            let memory = MemoryStore::with_clock(move || UnixMillis::new(shown.load(Ordering::SeqCst)));
            let mut table = Table::new(None);
            let (mut claims, mut attempts) = (Vec::new(), Vec::new());
            for step in 0..400_u32 {
                // By one at the least, so that no two rows are due at the same time and in an order of their own.
                clock.fetch_add(1 + dice.below(4_000), Ordering::SeqCst);
                let now = UnixMillis::new(clock.load(Ordering::SeqCst));
                match dice.below(7) {
                    0 => {
                        let pending = Pending::of(id(table.rows.len()).unwrap());
                        memory.add(&[pending]).unwrap();
                        table.add(now);
                    }
                    1 => {
                        let ours = table.claim(1, LEASE, now);
                        assert_eq!(ours, memory.claim(&Wanted::new(1, LEASE)).unwrap(), "seed {seed}");
                        claims.extend(ours);
                    }
                    2 if !claims.is_empty() => {
                        let claim: &Claim =
                            &claims[usize::try_from(dice.below(claims.len() as u64)).unwrap()];
                        let attempt = AttemptId::new(step.into());
                        let intent = Intent::new(claim, attempt, true, LEASE);
                        assert_eq!(table.intend(&intent, now), memory.intend(&intent).unwrap());
                        attempts.push(attempt);
                    }
                    3 if !attempts.is_empty() => {
                        let attempt = dice.pick(&attempts);
                        let settlement = settlement(&mut dice);
                        let ours = table.settle(attempt, &settlement, now);
                        assert_eq!(ours, memory.settle(attempt, &settlement).unwrap(), "seed {seed}");
                    }
                    4 => assert_eq!(table.sweep(1, now).len() as u64, memory.sweep(1).unwrap()),
                    5 => {
                        let ours = table.untold(99, LEASE, now);
                        assert_eq!(ours.len(), memory.untold(99, LEASE).unwrap().len(), "seed {seed}");
                        for event in ours.iter().filter(|_| dice.one_in(2)) {
                            table.told(event);
                            memory.told(event).unwrap();
                        }
                    }
                    _ => assert_eq!(table.rest(now), memory.rest().unwrap(), "seed {seed}"),
                }
            }
            let ours: Vec<_> = table.rows().iter().map(|row| row.record(Vec::new())).collect();
            assert_eq!(ours, memory.list(None, 999).unwrap(), "seed {seed}");
        }
    }
}

//! What a process does of its own accord: the turns of the runner.

use std::sync::Arc;
use std::time::Duration;

use advance_collector::job::Job;
use advance_collector::{AttemptId, Store as _, Wanted};

use super::{Died, World};
use crate::collecting::fate::Fate;
use crate::collecting::process_model::Work;

impl World {
    /// One action of a process: of a job, or of the runner.
    pub(super) fn act(&mut self, who: usize) -> Result<(), Died> {
        let turn = self.processes[who].turn;
        self.processes[who].turn += 1;
        let doubts = self.scope.doubts;
        if let Some(place) = self.ready(who)
            && let Some(work) = self.processes[who].jobs.remove(place)
        {
            return self.advance(who, work);
        }
        match turn % 3 {
            0 => drop(self.store(who, true, |store| store.sweep(doubts))?),
            1 => self.claim(who)?,
            _ => self.tell(who)?,
        }
        Ok(())
    }

    fn ready(&mut self, who: usize) -> Option<usize> {
        let mono = self.mono;
        let jobs = self.processes[who].jobs.iter().enumerate();
        let ready: Vec<_> = jobs
            .filter(|(_, work)| work.due <= mono)
            .map(|(place, _)| place)
            .collect();
        // Now and then the runner gets its turn although there is work.
        if ready.is_empty() || (self.processes[who].jobs.len() < 3 && self.dice.one_in(4)) {
            return None;
        }
        Some(self.dice.pick(&ready))
    }

    fn claim(&mut self, who: usize) -> Result<(), Died> {
        let wanted = Wanted::new(2, Duration::from_secs(30));
        let claims = self
            .store(who, false, |store| store.claim(&wanted))?
            .unwrap_or_default();
        for claim in claims {
            self.attempts += 1;
            let attempt = AttemptId::new(self.attempts);
            let entropy = self.dice.next();
            let step = Job::begin(
                claim.clone(),
                Arc::clone(&self.policy),
                attempt,
                entropy,
                self.now(),
            );
            self.processes[who]
                .jobs
                .push_back(Work::new(&claim, attempt, step));
        }
        Ok(())
    }

    fn tell(&mut self, who: usize) -> Result<(), Died> {
        let again = Duration::from_secs(10);
        let events = self
            .store(who, false, |store| store.untold(2, again))?
            .unwrap_or_default();
        for event in events {
            if self.moment(who)? == Fate::Fail {
                continue;
            }
            self.told.insert(event.id(), event.clone());
            self.tally.told += 1;
            drop(self.store(who, false, |store| store.told(&event))?);
        }
        Ok(())
    }
}

//! What may happen next, and which of it does.

use std::time::Duration;

use super::super::scope::Trouble;
use super::super::strand::{Stage, Strand};
use super::Life;
use crate::simulation::violation::Violation;

/// What may happen next.
#[derive(Clone, Copy, Debug)]
pub(super) enum Happening {
    Wakes(usize),
    Begins(usize),
    IsAnswered(usize),
    /// Its time is up.
    IsDue(usize),
    Trouble(usize, usize),
}

impl Life<'_> {
    /// Collects what may happen next, the plain course first, and chooses one of it.
    pub(super) fn choose(&mut self) -> Result<Option<Happening>, Violation> {
        let mut open = std::mem::take(&mut self.happenings);
        open.clear();
        let generation = self.session.generation();
        let wakes = |strand: &Strand| matches!(strand.stage, Stage::Waiting(_, seen) if seen != generation);
        let all = || self.strands.iter().enumerate();
        open.extend(
            all()
                .filter(|(_, one)| wakes(one))
                .map(|(n, _)| Happening::Wakes(n)),
        );
        let woken = open.len();
        // Time goes no further than to the next timer before that has fired.
        let due = self.strands.iter().filter_map(Strand::due).min();
        if due.is_none_or(|due| self.mono + self.scope.gap < due) {
            open.extend(
                all()
                    .filter(|(n, _)| self.begins_next(*n))
                    .map(|(n, _)| Happening::Begins(n)),
            );
        }
        if due.is_some_and(|due| self.mono < due) {
            open.extend(
                all()
                    .filter(|(_, one)| matches!(one.stage, Stage::Sending(..)))
                    .map(|(n, _)| Happening::IsAnswered(n)),
            );
        }
        let timers = open.len();
        // Nodes that tell the truth answer in time.
        let fires = |one: &Strand| {
            let silent = matches!(one.stage, Stage::Sending(..)) && self.knows();
            one.due() == due && !wakes(one) && !silent
        };
        open.extend(
            all()
                .filter(|(_, one)| due.is_some() && fires(one))
                .map(|(n, _)| Happening::IsDue(n)),
        );
        if !open.is_empty() && !self.prelude {
            self.add_troubles(&mut open, due);
        }
        let chosen = if open.is_empty() {
            None
        } else {
            Some(self.pick(open.len()))
        };
        let next = chosen.and_then(|chosen| open.get(chosen)).copied();
        self.happenings = open;
        if woken == 0 && timers <= chosen.unwrap_or(0) && matches!(next, Some(Happening::IsDue(_))) {
            self.is_idle()?;
        }
        Ok(next)
    }

    fn add_troubles(&self, open: &mut Vec<Happening>, due: Option<Duration>) {
        for (trouble, (kind, _)) in self.scope.troubles.iter().enumerate() {
            if self.troubles[trouble] == 0 {
                continue;
            }
            let strands = || self.strands.iter().enumerate();
            match kind {
                Trouble::GivesUp => open.extend(
                    strands()
                        .filter(|(_, one)| one.is_under_way() && one.hand.is_some() && one.number.is_none())
                        .map(|(n, _)| Happening::Trouble(trouble, n)),
                ),
                Trouble::IsLate => open.extend(
                    strands()
                        .filter(|(_, one)| matches!(one.stage, Stage::Sending(_, end) if Some(end) == due))
                        .map(|(n, _)| Happening::Trouble(trouble, n)),
                ),
                Trouble::RevokesBetween if self.strands.iter().any(Strand::is_under_way) => {}
                _ => open.push(Happening::Trouble(trouble, 0)),
            }
        }
    }

    /// Of callers that want the same and have not begun, only the first may begin: nothing tells them apart, so that the
    /// lives in which another one does are the same lives by other names.
    fn begins_next(&self, strand: usize) -> bool {
        let idle = |one: &&Strand| matches!(one.stage, Stage::NotBegun);
        let one = self.strands.get(strand).filter(idle);
        one.is_some_and(|one| {
            let mut before = self.strands.iter().take(strand).filter(idle);
            before.all(|other| other.asks != one.asks)
        })
    }
}

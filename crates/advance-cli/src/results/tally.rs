//! What a run of many results did, counted.

use advance_core::{Charges, Outcome};
use serde::Serialize;

use crate::exit;
use crate::text::counted;
use crate::view::charges;

/// How those that were fetched ended.
#[derive(Clone, Copy, Default, Serialize)]
pub(crate) struct Outcomes {
    passed: u64,
    failed: u64,
    needs_review: u64,
    not_finished: u64,
}

/// What was done, what it cost and what is left.
#[derive(Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tally {
    /// Different ids that were given.
    pub(crate) ids: u64,
    /// Ids whose results an earlier run had written.
    pub(crate) already_there: u64,
    pub(crate) fetched: u64,
    /// Ids of persons who have not finished, of whom the output gets no line.
    pub(crate) not_finished: u64,
    /// Ids for which there is no result.
    pub(crate) failed: u64,
    pub(crate) not_asked: u64,
    pub(crate) pictures: u64,
    pub(crate) pictures_failed: u64,
    pub(crate) outcomes: Outcomes,
    pub(crate) requests: u64,
    pub(crate) charges: Charges,
    /// All runs that wrote to this output, with what was under way when one of them was killed as of unknown cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) charges_of_all_runs: Option<Charges>,
    /// How many requests were under way when an earlier run was killed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lost_by_kills: Option<u64>,
}

impl Tally {
    pub(crate) const fn outcome(&mut self, outcome: Outcome) {
        let outcomes = &mut self.outcomes;
        let counter = match outcome {
            Outcome::Passed => &mut outcomes.passed,
            Outcome::Failed => &mut outcomes.failed,
            Outcome::NotFinished => &mut outcomes.not_finished,
            Outcome::NeedsReview => &mut outcomes.needs_review,
        };
        *counter += 1;
    }

    /// How a process ends that was asked to tell the outcome.
    pub(crate) fn exit(&self) -> u8 {
        let Outcomes {
            failed,
            needs_review,
            not_finished,
            ..
        } = self.outcomes;
        let all = [
            (failed, Outcome::Failed),
            (needs_review, Outcome::NeedsReview),
            (not_finished + self.not_finished, Outcome::NotFinished),
        ];
        let there = all.into_iter().filter(|(count, _)| *count > 0);
        there.fold(0, |exit, (_, outcome)| {
            exit::worse(exit, exit::of_outcome(outcome))
        })
    }

    /// How many of the ids were asked for, and answered in one way or another.
    pub(crate) const fn done(&self) -> u64 {
        self.fetched + self.not_finished + self.failed
    }

    /// The same for a person; zeros are left out.
    pub(crate) fn sentence(&self) -> String {
        let mut parts = vec![format!("{} fetched", counted(self.fetched, "result"))];
        let Outcomes {
            passed,
            failed,
            needs_review,
            not_finished,
        } = self.outcomes;
        let outcomes = [
            (passed, "passed"),
            (failed, "failed"),
            (needs_review, "needs_review"),
            (not_finished, "not_finished"),
        ];
        let outcomes: Vec<String> = outcomes
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, name)| format!("{count} {name}"))
            .collect();
        if !outcomes.is_empty() {
            parts[0] += &format!(" ({})", outcomes.join(", "));
        }
        for (count, what) in [
            (self.already_there, "already there"),
            (self.not_finished, "not finished"),
            (self.failed, "could not be had"),
            (self.not_asked, "not asked for"),
        ] {
            if count > 0 {
                parts.push(format!("{count} {what}"));
            }
        }
        if self.pictures > 0 {
            parts.push(counted(self.pictures, "picture"));
        }
        if self.pictures_failed > 0 {
            parts.push(format!(
                "{} could not be fetched",
                counted(self.pictures_failed, "picture")
            ));
        }
        let mut text = format!(
            "{}; {}",
            parts.join(", "),
            charges::sentence(self.requests, self.charges)
        );
        if let Some(lost) = self.lost_by_kills.filter(|lost| *lost > 0) {
            text += &format!(
                "; {} under way when an earlier run was killed, of unknown cost",
                counted(lost, "request")
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;
    use advance_core::Outcome;

    #[test]
    fn an_id_is_counted_once() {
        let mut tally = Tally {
            ids: 3,
            fetched: 1,
            not_finished: 1,
            failed: 1,
            ..Tally::default()
        };
        tally.outcome(Outcome::Passed);
        let said = tally.sentence();
        let expected = "1 result fetched (1 passed), 1 not finished, 1 could not be had;";
        assert!(said.starts_with(expected), "{said}");
        assert_eq!((tally.done(), tally.exit()), (3, 12));

        // On the screen it is a result like another.
        let mut tally = Tally {
            fetched: 1,
            ..Tally::default()
        };
        tally.outcome(Outcome::NotFinished);
        let said = tally.sentence();
        assert!(said.starts_with("1 result fetched (1 not_finished);"), "{said}");
    }
}

//! The journal beside an output: what was asked for, before it is asked, so that a kill cannot hide a cost.
//!
//! A line `{"asked":"ID"}` is on the disk before the request is sent. A result that is written ends it; so does a line
//! `{"ended":"ID","charges":…}` for what brought no result. What has neither was under way when a run was killed.

use std::collections::HashSet;

use advance_core::{Charges, SignatureId};
use serde::{Deserialize, Serialize};

use crate::stop::Stop;

use super::files::Appended;

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Entry {
    Asked { asked: String },
    Ended { ended: String, charges: Cost },
}

/// [`Charges`], which can be read back.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Cost {
    free: u64,
    pay: u64,
    unknown: u64,
}

impl From<Charges> for Cost {
    fn from(Charges { free, pay, unknown }: Charges) -> Self {
        Self { free, pay, unknown }
    }
}

impl From<Cost> for Charges {
    fn from(Cost { free, pay, unknown }: Cost) -> Self {
        Self { free, pay, unknown }
    }
}

/// What earlier runs left.
#[derive(Default)]
pub(super) struct Past {
    /// What brought no result, and what was lost.
    pub(super) charges: Charges,
    /// How many were under way when a run was killed.
    pub(super) lost: u64,
}

pub(super) struct Journal(Appended);

impl Journal {
    pub(super) const fn new(file: Appended) -> Self {
        Self(file)
    }

    /// What earlier runs left, given the ids whose results are written. A line that is none is skipped: its only use is
    /// to count, and a count that is too low by one is better than a run that does not begin.
    pub(super) fn past(lines: &[String], written: &HashSet<String>) -> Past {
        let mut past = Past::default();
        let mut open = HashSet::new();
        for entry in lines.iter().filter_map(|line| serde_json::from_str(line).ok()) {
            match entry {
                // Asked again without an end in between: the run before was killed.
                Entry::Asked { asked } => past.lost += u64::from(!open.insert(asked)),
                Entry::Ended { ended, charges } => {
                    open.remove(&ended);
                    past.charges += charges.into();
                }
            }
        }
        past.lost += open.iter().filter(|id| !written.contains(*id)).count() as u64;
        past.charges.unknown += past.lost;
        past
    }

    /// Before these are asked for.
    pub(super) fn asked(&mut self, ids: &[&SignatureId]) -> Result<(), Stop> {
        let entries = ids.iter().map(|id| Entry::Asked {
            asked: id.as_str().to_owned(),
        });
        self.write(entries)
    }

    /// These brought no result. It costs nothing to know it late, so it goes to the disk with the next.
    pub(super) fn ended(&mut self, failed: &[(&SignatureId, Charges)]) -> Result<(), Stop> {
        let entries = failed.iter().map(|(id, charges)| Entry::Ended {
            ended: id.as_str().to_owned(),
            charges: (*charges).into(),
        });
        self.write(entries)
    }

    fn write(&mut self, entries: impl Iterator<Item = Entry>) -> Result<(), Stop> {
        let lines = entries
            .map(|entry| crate::out::to_json(&entry))
            .collect::<Result<Vec<_>, _>>()?;
        self.0.append(&lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(lines: &[&str], written: &[&str]) -> (u64, Charges) {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        let written = written.iter().map(|id| (*id).to_owned()).collect();
        let Past { charges, lost } = Journal::past(&lines, &written);
        (lost, charges)
    }

    #[test]
    fn what_has_no_end_was_under_way_at_a_kill() {
        let unknown = |unknown| Charges {
            unknown,
            ..Charges::NONE
        };
        // Written, but killed before anything else was noted.
        assert_eq!(past(&[r#"{"asked":"a"}"#], &["a"]), (0, Charges::NONE));
        assert_eq!(past(&[r#"{"asked":"a"}"#], &[]), (1, unknown(1)));
        // Killed twice on its way, then written.
        let thrice = [r#"{"asked":"a"}"#; 3];
        assert_eq!(past(&thrice, &["a"]), (2, unknown(2)));
        let failed = [
            r#"{"asked":"a"}"#,
            r#"{"ended":"a","charges":{"free":1,"pay":2,"unknown":0}}"#,
            "torn{",
        ];
        assert_eq!(
            past(&failed, &[]),
            (
                0,
                Charges {
                    free: 1,
                    pay: 2,
                    unknown: 0
                }
            )
        );
    }
}

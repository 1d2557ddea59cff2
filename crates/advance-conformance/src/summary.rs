//! What came of a run, for somebody who has to mend a transport.

use std::fmt;

use crate::run::{Outcome, Report};

/// What can cost money or give a secret away, by its row; that comes first.
const DANGEROUS: [u8; 13] = [7, 8, 12, 13, 17, 18, 19, 35, 68, 76, 77, 84, 95];

/// How many things are named.
const FIRST: usize = 3;

/// What to do about a case that cannot be mended.
const DECLARE: &str = "If your HTTP crate does one of these by itself and has no switch for it, declare that: `cannot: \
[(\"case\", \"what the crate does\")]` in the macro, or Subject::cannot.\n";

/// What follows from a case that cannot be mended.
const CANNOT: &str = "This HTTP crate cannot: no transport over it passes, and another crate is the remedy. \
advance_conformance::which_http_crates_can_pass tells which can.\n";

/// A table of every case, and the three things to mend first.
#[derive(Clone, Copy, Debug)]
pub struct Summary<'a>(&'a [Report]);

impl<'a> Summary<'a> {
    /// Of these reports, as [`run_all`](crate::run_all) gives them.
    pub const fn of(reports: &'a [Report]) -> Self {
        Self(reports)
    }

    /// What to do, and the cases that it would mend: what is dangerous first, then what mends most.
    fn mend(&self) -> Vec<(&'static str, Vec<&'static str>)> {
        let mut groups: Vec<(&'static str, bool, Vec<&'static str>)> = Vec::new();
        for report in self.0 {
            let Outcome::Failed(_) = report.outcome else {
                continue;
            };
            let (case, dangerous) = (report.case, DANGEROUS.contains(&report.case.row));
            match groups.iter_mut().find(|(mend, ..)| *mend == case.mend) {
                Some((_, danger, names)) => {
                    *danger |= dangerous;
                    names.push(case.name);
                }
                None => groups.push((case.mend, dangerous, vec![case.name])),
            }
        }
        groups.sort_by_key(|(_, dangerous, names)| (!dangerous, usize::MAX - names.len()));
        groups
            .into_iter()
            .take(FIRST)
            .map(|(mend, _, names)| (mend, names))
            .collect()
    }

    fn count(&self, word: &str) -> usize {
        self.0
            .iter()
            .filter(|report| report.outcome.as_str() == word)
            .count()
    }
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for report in self.0 {
            let (outcome, why) = match &report.outcome {
                Outcome::Passed => ("passed", ""),
                Outcome::NotClaimed => ("not claimed", ""),
                Outcome::Failed(why) => ("FAILED", why.as_str()),
                Outcome::Cannot(why) => ("CANNOT", why.as_str()),
            };
            write!(f, "{outcome:11} {:3} {}", report.case.row, report.case.name)?;
            match why.split(". To mend it").next() {
                None | Some("") => writeln!(f)?,
                Some(why) if matches!(report.outcome, Outcome::Cannot(_)) => writeln!(f, ": {why}")?,
                Some(why) => writeln!(f, ": it {why}")?,
            }
        }
        writeln!(
            f,
            "{} passed, {} failed, {} cannot be passed, {} not claimed",
            self.count("passed"),
            self.count("failed"),
            self.count("cannot"),
            self.count("not_claimed")
        )?;
        let mend = self.mend();
        if !mend.is_empty() {
            writeln!(f, "Mend first:")?;
            for (number, (mend, names)) in (1..).zip(mend) {
                writeln!(f, "{number}. {mend} ({})", names.join(", "))?;
            }
            f.write_str(DECLARE)?;
        }
        if self.count("cannot") > 0 {
            f.write_str(CANNOT)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::cases;

    fn report(name: &str, outcome: Outcome) -> Report {
        Report {
            transport: "mine".into(),
            case: cases().find(|case| case.name == name).unwrap(),
            outcome,
        }
    }

    #[test]
    fn what_is_dangerous_comes_first_and_what_has_one_cause_stands_together() {
        let failed = || Outcome::Failed("did wrong. To mend it: this.".into());
        let reports = [
            report("sleep_takes_its_time", failed()),
            report("expired_certificate", failed()),
            report("certificate_of_another_host", failed()),
            report("empty_bodies", Outcome::Passed),
        ];
        let text = Summary::of(&reports).to_string();
        let first = text.lines().find(|line| line.starts_with("1. ")).unwrap();
        assert!(
            first.ends_with("(expired_certificate, certificate_of_another_host)"),
            "{text}"
        );
        assert!(
            text.contains("1 passed, 3 failed, 0 cannot be passed, 0 not claimed"),
            "{text}"
        );
        assert!(text.ends_with(DECLARE), "{text}");
        assert!(!Summary::of(&reports[3..]).to_string().contains(DECLARE));
        assert!(text.contains("sleep_takes_its_time: it did wrong\n"), "{text}");
    }

    #[test]
    fn what_the_http_crate_cannot_do_is_not_to_be_mended() {
        let reports = [
            report("empty_bodies", Outcome::Passed),
            report(
                "early_hints_and_continue",
                Outcome::Cannot("it takes 100 for the response. The transport did wrong.".into()),
            ),
        ];
        let text = Summary::of(&reports).to_string();
        assert!(
            text.contains("CANNOT       33 early_hints_and_continue: it takes 100 for the response."),
            "{text}"
        );
        assert!(!text.contains("Mend first"), "{text}");
        assert!(text.ends_with(CANNOT), "{text}");
    }
}

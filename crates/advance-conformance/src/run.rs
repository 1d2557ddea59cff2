//! Running cases and judging what came of them.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::bench::Bench;
use crate::case::Case;
use crate::cases::cases;
use crate::subject::Subject;
use crate::verdict::Verdict;

/// No case takes this long with a transport that keeps any limit at all.
const HUNG: Duration = Duration::from_secs(40);
/// Cases mostly wait, so several run at once.
const AT_ONCE: usize = 8;

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The transport did right.
    Passed,
    /// What it did wrong, and how to mend it.
    Failed(String),
    /// It failed, and [`Subject::cannot`] says that no transport over its HTTP crate can do right: why, and what was
    /// seen.
    Cannot(String),
    /// It does not claim what the case needs, so nothing was run.
    NotClaimed,
}

impl Outcome {
    /// `passed`, `failed`, `cannot` or `not_claimed`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed(_) => "failed",
            Self::Cannot(_) => "cannot",
            Self::NotClaimed => "not_claimed",
        }
    }
}

/// A case, a transport, and what came of the two.
#[derive(Clone, Debug)]
pub struct Report {
    /// The transport's name.
    pub transport: String,
    /// The case.
    pub case: &'static Case,
    /// What came of it.
    pub outcome: Outcome,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} (row {}) ",
            self.transport, self.case.name, self.case.row
        )?;
        match &self.outcome {
            Outcome::Passed => f.write_str("passed"),
            Outcome::Failed(text) => write!(f, "failed. The transport {text}"),
            Outcome::Cannot(text) => write!(f, "failed. This HTTP crate cannot do it: {text}"),
            Outcome::NotClaimed => write!(f, "is not claimed: it needs `{}`", self.case.need.as_str()),
        }
    }
}

/// Runs one case.
pub fn run_one(subject: &Subject, case: &'static Case) -> Report {
    let outcome = if subject.claims().cover(case.need) {
        match (judged(subject, case), subject.declared_cannot(case.name)) {
            (Ok(()), None) => Outcome::Passed,
            (Err(wrong), None) => Outcome::Failed(format!("{wrong}. To mend it: {}.", case.mend)),
            (Err(wrong), Some(why)) => Outcome::Cannot(format!("{why}. The transport {wrong}.")),
            (Ok(()), Some(_)) => Outcome::Failed(format!("{CAN}. To mend it: {DECLARED}.")),
        }
    } else {
        Outcome::NotClaimed
    };
    Report {
        transport: subject.name().to_owned(),
        case,
        outcome,
    }
}

const CAN: &str = "did right, and its HTTP crate was declared to be one that cannot";
const DECLARED: &str = "take the case out of what `cannot` declares";

/// It takes so many threads that those beside it would be late.
const CROWDED: &str = "two_hundred_in_flight_twice";

/// Runs every case, several at once, and reports in the order of [`cases`](crate::cases()).
///
/// ```no_run
/// # use advance_conformance::{Claims, Outcome, Subject, run_all};
/// # fn check<T: advance_core::Transport + Send + Sync + 'static>(mine: fn() -> T) {
/// let subject = Subject::blocking("mine", Claims::none().pool(), move |_setup| mine());
/// for report in run_all(&subject) {
///     if let Outcome::Failed(_) = report.outcome {
///         println!("{report}");
///     }
/// }
/// # }
/// ```
pub fn run_all(subject: &Subject) -> Vec<Report> {
    let (crowded, alone) = cases().enumerate().partition(|(_, case)| case.name != CROWDED);
    let mut reports = at_once(subject, crowded);
    reports.extend(at_once(subject, alone));
    reports.sort_by_key(|(place, _)| *place);
    reports.into_iter().map(|(_, report)| report).collect()
}

fn at_once(subject: &Subject, cases: VecDeque<(usize, &'static Case)>) -> Vec<(usize, Report)> {
    let queue = Mutex::new(cases);
    let reports = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some((place, case)) = next else { return };
                    let report = run_one(subject, case);
                    reports
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push((place, report));
                }
            });
        }
    });
    reports.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn judged(subject: &Subject, case: &'static Case) -> Verdict {
    let bench = Arc::new(Bench::new(subject.clone()));
    let (tell, told) = channel();
    let worker = Arc::clone(&bench);
    let run = case.run;
    let thread = std::thread::Builder::new()
        .name(case.name.into())
        .spawn(move || {
            let verdict = catch_unwind(AssertUnwindSafe(|| run(&worker)));
            // The receiver is gone if the case was given up as hung.
            let _ = tell.send(verdict);
        })
        .map_err(|error| format!("was not run, the suite has no thread for it: {error}"))?;
    let verdict = match told.recv_timeout(HUNG) {
        Ok(verdict) => verdict,
        // The thread is left behind: nothing can end it from outside.
        Err(RecvTimeoutError::Timeout) => return Err(format!("was still not done after {HUNG:?}")),
        Err(RecvTimeoutError::Disconnected) => return Err("ended without a word".into()),
    };
    let _ = thread.join();
    let verdict = verdict.unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("without a message");
        bench.record(text.to_owned());
        Err(format!("panicked: {text}"))
    });
    match (verdict, bench.leak()) {
        (verdict, None) => verdict,
        (Ok(()), Some(leak)) => Err(format!(
            "showed a secret in what it said (row 76): {leak}. {STRIP}"
        )),
        // Its own verdict comes first: that is what the case is for.
        (Err(wrong), Some(leak)) => Err(format!(
            "{wrong}. It also showed a secret in what it said (row 76): {leak}. {STRIP}"
        )),
    }
}

const STRIP: &str = "Strip URLs from errors, and keep requests, headers and bodies out of them";

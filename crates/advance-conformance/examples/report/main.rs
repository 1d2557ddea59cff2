//! Runs the suite for the transports of this workspace and for the strangers' beside this file.
//!
//! ```text
//! cargo run -p advance-conformance --example report -- [--json] [--only NAME]
//! cargo run -p advance-conformance --example report -- --sabotage list | NAME
//! cargo run -p advance-conformance --example report -- --soak [REQUESTS]
//! ```
#![allow(clippy::print_stdout, clippy::print_stderr)] // A program for people.
#![allow(clippy::unwrap_used)] // Set-up that fails ends the program.

#[path = "../transports/bare.rs"]
mod bare;
mod desk;
#[path = "../transports/expanding.rs"]
mod expanding;
mod left;
#[path = "../transports/ours.rs"]
mod ours;
#[path = "../transports/over_hyper.rs"]
mod over_hyper;
#[path = "../transports/over_smol.rs"]
mod over_smol;
mod print;
#[path = "../transports/raw.rs"]
mod raw;
mod sabotage;
mod soak;
#[path = "../transports/strangers.rs"]
mod strangers;
#[path = "../transports/tokio_runtime.rs"]
mod tokio_runtime;

use std::process::ExitCode;
use std::time::Instant;

use advance_conformance::{Outcome, Report, Subject, run_all};

const USAGE: &str = "usage: report [--json] [--only TRANSPORT] | --sabotage list|NAME | --soak [REQUESTS]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let good = match arguments.as_slice() {
        [] => suite(false, None),
        ["--json"] => suite(true, None),
        ["--only", name] => suite(false, Some(name)),
        ["--json", "--only", name] | ["--only", name, "--json"] => suite(true, Some(name)),
        ["--sabotage", "list"] => {
            sabotage::list();
            true
        }
        // A suite that notices has failed.
        ["--sabotage", name] => match sabotage::run(name) {
            Some(noticed) => !noticed,
            None => return ExitCode::from(2),
        },
        ["--soak"] => soak::run(10_000),
        ["--soak", requests] => requests.parse().is_ok_and(soak::run),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn subjects() -> Vec<Subject> {
    let mut subjects = ours::subjects();
    subjects.extend(strangers::subjects());
    subjects
}

fn suite(json: bool, only: Option<&str>) -> bool {
    let subjects: Vec<Subject> = subjects()
        .into_iter()
        .filter(|subject| only.is_none_or(|name| subject.name() == name))
        .collect();
    if subjects.is_empty() {
        eprintln!("there is no transport of that name");
        return false;
    }
    let start = Instant::now();
    let reports: Vec<Vec<Report>> = subjects.iter().map(run_all).collect();
    if json {
        print::json(&reports);
    } else {
        print::table(&reports, start.elapsed());
    }
    let failed = reports
        .iter()
        .flatten()
        .filter(|report| matches!(report.outcome, Outcome::Failed(_)));
    let mut good = true;
    for report in failed {
        good = false;
        eprintln!("{report}");
    }
    good
}

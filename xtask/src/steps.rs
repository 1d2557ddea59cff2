//! Named steps, run one after the other, with a table of how each went.

use std::time::{Duration, Instant};

/// One gate: its name, what it shows, and how it is run.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    pub(crate) run: fn() -> bool,
}

impl Step {
    pub(crate) const fn new(name: &'static str, what: &'static str, run: fn() -> bool) -> Self {
        Self { name, what, run }
    }
}

/// Which steps to run.
#[derive(clap::Args)]
pub(crate) struct Choice {
    /// Names the steps and does nothing else.
    #[arg(long)]
    list: bool,
    /// Goes on after a step that failed.
    #[arg(long)]
    keep_going: bool,
    /// The steps to run, in the order of the list. All of them, if none is named.
    #[arg(value_name = "STEP")]
    steps: Vec<String>,
}

/// Runs the chosen steps. True if each of them passed.
pub(crate) fn run(all: &[Step], choice: &Choice) -> bool {
    if choice.list {
        for step in all {
            println!("{:16} {}", step.name, step.what);
        }
        return true;
    }
    if let Some(unknown) = choice
        .steps
        .iter()
        .find(|name| all.iter().all(|step| step.name != **name))
    {
        eprintln!("there is no step {unknown}; --list names them");
        return false;
    }
    let chosen = all
        .iter()
        .filter(|step| choice.steps.is_empty() || choice.steps.iter().any(|name| name == step.name));
    let mut report: Vec<(&str, bool, Duration)> = Vec::new();
    for step in chosen {
        println!("\n== {}: {}", step.name, step.what);
        let begun = Instant::now();
        let passed = (step.run)();
        report.push((step.name, passed, begun.elapsed()));
        if !passed && !choice.keep_going {
            // The rest would only bury what failed.
            break;
        }
    }
    println!();
    for (name, passed, took) in &report {
        let verdict = if *passed { "ok  " } else { "FAIL" };
        println!("{verdict} {name:16} {:6.1} s", took.as_secs_f32());
    }
    let sum: Duration = report.iter().map(|(_, _, took)| *took).sum();
    println!("     {:16} {:6.1} s", "together", sum.as_secs_f32());
    report.iter().all(|(_, passed, _)| *passed)
}

//! The gates of this workspace, by the names that CI and people use: `cargo xtask help`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line")]

mod apps;
mod bench;
mod browser;
mod ci;
mod command;
mod conformance;
mod coverage;
mod deny;
mod doctor;
mod explore;
mod fuzz;
mod gates;
mod guests;
mod guide;
mod kill_result;
mod locks;
mod minimal;
mod musl;
mod mutants;
mod packages;
mod packaging;
mod proptest;
mod proxy;
mod public_api;
mod publish;
mod purity;
mod release;
mod sabotages;
mod sandbox_load;
mod schemathesis;
mod semver;
mod simulate;
mod spelling;
mod steps;
mod stores;
mod tools;

use std::process::ExitCode;

use clap::{Args, Parser};

/// The gates of this workspace, by the names that CI and people use.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Every gate that a change has to pass, or the steps named.
    Ci(steps::Choice),
    /// What takes longer than a gate may, or the steps named.
    ReleaseGates(steps::Choice),
    /// The machine against the vendor's model, under a virtual clock.
    ///
    /// `--seeds N [--start S]`, or `--sabotage NAME|list`, which fails if NAME is noticed.
    Simulate(Passed),
    /// Every life in a stated scope, on the machine that ships.
    ///
    /// `[--run NAME] [--deep | --departures N | --complete]`, `--run NAME --life DIGITS` to replay one, `--list`, or
    /// `--sabotage NAME|list`, which fails if NAME is noticed.
    Explore(Passed),
    /// Every transport against the hostile server.
    ///
    /// `[--json]`, or `--sabotage NAME|list`, which fails if NAME is noticed.
    Conformance(Passed),
    /// Breaks every rule that can be broken, and compares what notices it with tests/SABOTAGES.md.
    Sabotages {
        /// Writes the table instead.
        #[arg(long)]
        write: bool,
    },
    /// The links, pages, tables and snippets of the README, the guide and every other Markdown file.
    Guide {
        /// Writes first what is generated: the tables and llms.txt.
        #[arg(long)]
        write: bool,
    },
    /// What each published library offers, as listed in `xtask/public-api/`, and whose types it names.
    PublicApi {
        /// Writes the listings first.
        #[arg(long)]
        write: bool,
    },
    /// What stands between this commit and a release, and the commands that make it.
    Release {
        /// Publishes nothing; there is no other way.
        #[arg(long, required = true)]
        dry_run: bool,
    },
    /// The collector and its stores: in the model, and as real processes that are killed.
    Stores(Passed),
    /// The shared property suites.
    Proptest {
        /// How many cases each suite tries.
        #[arg(long, default_value_t = proptest::CASES)]
        cases: u32,
    },
    /// Mutants of the core by cargo-mutants (an hour or so): 95 in a hundred are caught in each room.
    Mutants {
        /// The rooms of the core to try. All of them, if none is named.
        rooms: Vec<String>,
    },
    /// The fuzz targets, by cargo-fuzz and a nightly toolchain.
    Fuzz {
        /// How many seconds each target runs.
        #[arg(long, default_value_t = fuzz::SECONDS)]
        seconds: u32,
        /// The targets to run. All of them, if none is named.
        targets: Vec<String>,
    },
    /// What a call costs beside the same by hand: `[--quick] [--write] [--json]`, or `--help`.
    Bench(Passed),
    /// Line coverage of the core's pure rooms, by cargo-llvm-cov.
    Coverage,
}

/// Arguments that the task's own program reads.
#[derive(Args)]
struct Passed {
    /// Handed on as they are.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

impl Passed {
    fn as_strs(&self) -> Vec<&str> {
        self.arguments.iter().map(String::as_str).collect()
    }
}

fn main() -> ExitCode {
    let passed = match Task::parse() {
        Task::Ci(choice) => steps::run(ci::STEPS, &choice),
        Task::ReleaseGates(choice) => steps::run(release::STEPS, &choice),
        Task::Simulate(passed) => simulate::run(&passed.as_strs()),
        Task::Explore(passed) => explore::run(&passed.as_strs()),
        Task::Sabotages { write } => sabotages::run(write),
        Task::Guide { write } => guide::run(write),
        Task::PublicApi { write } => public_api::run(write),
        Task::Release { .. } => publish::dry_run(),
        Task::Conformance(passed) => conformance::run(&passed.as_strs()),
        Task::Stores(passed) => stores::run(&passed.as_strs()),
        Task::Proptest { cases } => proptest::run(cases),
        Task::Mutants { rooms } => mutants::run(&rooms),
        Task::Fuzz { seconds, targets } => fuzz::run(seconds, &targets),
        Task::Bench(passed) => bench::run(&passed.as_strs()),
        Task::Coverage => coverage::run(),
    };
    if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

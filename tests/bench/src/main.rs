//! What a call costs beside the same done by hand: `cargo xtask bench`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line")]

mod alloc;
mod argued;
mod callgrind;
mod case;
mod committed;
mod growth;
mod hello;
mod measure;
mod naive;
mod net;
mod network;
mod page;
mod pure;
mod report;
mod row;
mod samples;
mod server;
mod slow;
mod svg;
mod threads;
mod wiped;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: alloc::Counting = alloc::Counting;

const HELP: &str = "\
cargo xtask bench            everything but what is slow (about five minutes)
  --full                     what is slow as well: builds of a program, loads of the sandbox and of the stores (ten minutes
                             more). Each is kept when it has been measured: interrupted, it goes on where it was
  --quick                    what CI runs: counts are gated, times are reported
  --write                    writes what was measured: the counts to compare with, and the guide's page and chart
  --json                     the report as JSON
  --spin CASE                runs a pure case, `reqwest` or `ureq` for five seconds, for a profiler";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    if has("--help") {
        println!("{HELP}");
        return ExitCode::SUCCESS;
    }
    let cases = pure::cases();
    if has(callgrind::COUNTED) {
        callgrind::be_counted(&cases);
        return ExitCode::SUCCESS;
    }
    if let Some(name) = arguments
        .iter()
        .skip_while(|argument| *argument != "--spin")
        .nth(1)
    {
        measure::spin(&cases, name);
        net::spin(name);
        return ExitCode::SUCCESS;
    }
    if has("--full") {
        slow::measure();
    }
    let report = report::Report::made(&cases, has("--quick"));
    if has("--json") {
        println!("{}", report.json());
    } else {
        print!("{}", report.text());
    }
    if has("--write") {
        let written = committed::write(&report)
            .and_then(|()| slow::keep())
            .and_then(|()| page::write(&report));
        return said(written);
    }
    let mut faults = committed::faults(&report);
    faults.extend(wiped::faults());
    for fault in &faults {
        eprintln!("{fault}");
    }
    if faults.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn said(written: std::io::Result<()>) -> ExitCode {
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("what was measured could not be written: {error}");
            ExitCode::FAILURE
        }
    }
}

//! What a call costs beside the same done by hand: `cargo xtask bench`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line")]

mod alloc;
mod callgrind;
mod case;
mod committed;
mod growth;
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
mod svg;
mod threads;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: alloc::Counting = alloc::Counting;

const HELP: &str = "\
cargo xtask bench            everything (about five minutes)
  --quick                    what CI runs: counts are gated, times are reported
  --write                    writes what was measured: the counts to compare with, and the guide's page and chart
  --json                     the report as JSON
  --peers                    beside aws-sdk and rusty-s3 as well
  --spin CASE                runs one pure case for five seconds, for a profiler to look at";

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
        return ExitCode::SUCCESS;
    }
    let report = report::Report::made(&cases, has("--quick"));
    if has("--json") {
        println!("{}", report.json());
    } else {
        print!("{}", report.text());
    }
    if has("--write") {
        return said(committed::write(&report).and_then(|()| page::write(&report)));
    }
    let faults = committed::faults(&report);
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

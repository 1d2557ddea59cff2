//! The gates of this workspace, by the names that CI and people use: `cargo xtask help`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line")]

mod ci;
mod command;
mod purity;
mod tasks;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask ci [STEP…]       every gate, or the steps named; --list names them
cargo xtask simulate ARGS    the machine against the vendor's model, under a virtual clock
                             --seeds N [--start S] | --sabotage NAME|list (has to fail for each NAME)
cargo xtask conformance ARGS every transport against the hostile server
                             [--json] | --sabotage NAME|list (passes if its case fails)
cargo xtask proptest [--cases N]
                             the shared property suites, 10,000 cases each unless told
cargo xtask mutants [ROOM…]  cargo-mutants over the core's session, wire and domain (an hour or so): 95 % are caught
cargo xtask fuzz [SECONDS] [TARGET…]
                             each fuzz target, or those named, for so long, 300 unless told
cargo xtask coverage         line coverage of the core's wire/, domain/ and session/
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let task = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    let passed = match task.as_str() {
        "ci" => ci::run(&rest),
        "simulate" => tasks::simulate(&rest),
        "conformance" => tasks::conformance(&rest),
        "proptest" => tasks::proptest(&rest),
        "mutants" => tasks::mutants(&rest),
        "fuzz" => tasks::fuzz(&rest),
        "coverage" => tasks::coverage(),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            true
        }
        _ => {
            eprint!("{HELP}");
            return ExitCode::from(2);
        }
    };
    if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

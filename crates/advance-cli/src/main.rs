//! The `advance` command line: the ADVANCE.AI H5 document verification API from a terminal or a script.
//!
//! This is the only crate of the workspace that prints. Results go to stdout, everything else to stderr.

#![allow(
    clippy::format_push_string,
    reason = "a few lines for a person; clarity counts, an allocation does not"
)]

mod account;
mod api;
mod args;
mod attempts;
mod commands;
mod out;
mod problem;
mod text;
mod time;
mod usage;

use std::process::ExitCode;

use clap::Parser as _;

use args::Cli;
use out::Out;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage::report(&error),
    };
    let out = Out::new(cli.json);
    match commands::run(cli.command, &out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => stop.report(&out),
    }
}

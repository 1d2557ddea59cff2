//! The `advance` command line: the ADVANCE.AI H5 document verification API from a terminal or a script.
//!
//! This is the only crate of the workspace that prints. Results go to stdout, everything else to stderr.

mod account;
mod api;
mod args;
mod attempts;
mod commands;
mod out;
mod problem;
mod seed;
mod text;
mod time;
mod wait;

use std::process::ExitCode;

use clap::Parser as _;

use args::Cli;
use out::Out;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let out = Out::new(cli.json);
    match commands::run(cli.command, &out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => stop.report(&out),
    }
}

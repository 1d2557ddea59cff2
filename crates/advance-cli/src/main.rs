//! The `advance` command line: the ADVANCE.AI H5 document verification API from a terminal or a script.
//!
//! This is the only crate of the workspace that prints. Results go to stdout, everything else to stderr.

#![allow(
    clippy::doc_markdown,
    reason = "the documentation of an argument is its help, shown as it stands"
)]
#![allow(
    clippy::format_push_string,
    reason = "a few lines for a person; clarity counts, an allocation does not"
)]

mod cli;
mod commands;
mod connection;
mod decode;
mod exit;
mod interrupt;
mod jwt;
mod net;
mod out;
mod problem;
mod report;
mod results;
mod service;
mod settings;
mod signals;
mod signature;
mod stop;
mod style;
mod text;
mod time;
mod usage;
mod view;

use std::process::ExitCode;

use clap::FromArgMatches as _;

use cli::Cli;
use out::Out;

fn main() -> ExitCode {
    style::settle();
    let parsed = cli::command()
        .try_get_matches()
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return usage::report(&error),
    };
    let out = Out::new(cli.json, cli.talk());
    match commands::run(cli.command, cli::command, &out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => report::stop(&stop, &out),
    }
}

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

use std::process::ExitCode;

use clap::Parser as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use args::Cli;
use out::Out;
use problem::Problem;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if is_stray_value(&error) => {
            // It is not repeated: it may be a key that somebody tried to pass.
            let text = "there is one argument too many; keys come from the environment and are never arguments, see \
                        `advance --help`";
            return problem::Stop::from(Problem::usage(text)).report(&Out::new(false));
        }
        Err(error) => error.exit(),
    };
    let out = Out::new(cli.json);
    match commands::run(cli.command, &out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => stop.report(&out),
    }
}

/// Whether somebody wrote a bare word where none belongs.
fn is_stray_value(error: &clap::Error) -> bool {
    let word = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(word)) => word.as_str(),
        _ => return false,
    };
    error.kind() == ErrorKind::UnknownArgument && !word.starts_with("--")
}

//! `advance sandbox`

mod control;
mod fault;
pub(super) mod listen;
mod reach;
pub(super) mod scenarios;
pub(super) mod serve;

use clap::Subcommand;

use crate::out::Out;
use crate::stop::Stop;

pub(crate) use reach::is_sandbox;

const HELP: &str = "\
It takes the sample account of the vendor's document, sampleaccesskey with samplesecretkey, and the keys that are set when \
it starts. Requests are told on stderr as they come, with --json as an object each. The other subcommands talk to a \
sandbox that runs: where ADVANCE_BASE_URL or --base-url says.

Examples:
  advance sandbox --listen 8080
  advance sandbox scenarios
  advance sandbox finish SIGNATURE_ID forged
  advance sandbox clock --advance 3600
  advance sandbox fault get-result --code SERVICE_BUSY --times 2
  advance sandbox reset";

/// Be the vendor: serve the API on this machine until Ctrl-C
#[derive(clap::Args)]
#[command(after_help = HELP, args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    act: Option<Act>,
    #[command(flatten)]
    serve: serve::Args,
}

#[derive(Subcommand)]
enum Act {
    Scenarios(scenarios::Args),
    Finish(control::Finish),
    Reset(control::Reset),
    Clock(control::Clock),
    Fault(fault::Args),
}

pub(super) fn run(args: Args, out: &Out) -> Result<(), Stop> {
    match args.act {
        None => serve::run(args.serve, out),
        Some(Act::Scenarios(_)) => scenarios::run(out),
        Some(Act::Finish(args)) => control::finish(&args, out),
        Some(Act::Reset(args)) => control::reset(&args, out),
        Some(Act::Clock(args)) => control::clock(&args, out),
        Some(Act::Fault(args)) => fault::run(&args, out),
    }
}

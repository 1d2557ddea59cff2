//! `advance collect`: pending verifications that survive any crash.

mod add;
mod change;
mod demo;
mod letters;
#[cfg(feature = "postgres")]
mod postgres;
mod run;
mod service;
mod show;
mod store;

use clap::Subcommand;

use crate::out::Out;
use crate::stop::Stop;

const HELP: &str = "\
A request is committed to the store before it is sent, so that a crash at any moment charges nothing twice, and every doubt \
is counted. `run` delivers outcomes as signed webhooks (--notify) and takes requests for links (--intake), for programs in \
any language. Any number of processes may work on one file of one machine, and any number of machines on one Postgres \
database (--store 'postgres://USER@HOST/NAME?sslmode=require'); --notify, --intake and --monitor need a file.

Examples:
  advance link --json | advance collect add --input - --store sqlite:pending.db
  advance collect run --store sqlite:pending.db --until-done --output results/
  advance collect status --store sqlite:pending.db --json
  advance collect demo";

/// Collect pending verifications, across crashes and restarts
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    Add(add::Args),
    Run(Box<run::Args>),
    Status(show::Status),
    Nudge(change::Nudge),
    AskAgain(change::AskAgain),
    Export(show::Export),
    Erase(change::Erase),
    Prune(change::Prune),
    Demo(demo::Args),
    Letters(letters::Letters),
    Resend(letters::Resend),
}

pub(super) fn run(args: &Args, out: &Out) -> Result<(), Stop> {
    match &args.task {
        Task::Add(args) => add::run(args, out),
        Task::Run(args) => run::run(args, out),
        Task::Status(args) => show::status(args, out),
        Task::Nudge(args) => change::nudge(args, out),
        Task::AskAgain(args) => change::ask_again(args, out),
        Task::Export(args) => show::export(args, out),
        Task::Erase(args) => change::erase(args, out),
        Task::Prune(args) => change::prune(args, out),
        Task::Demo(args) => demo::run(args, out),
        Task::Letters(args) => letters::letters(args, out),
        Task::Resend(args) => letters::resend(args, out),
    }
}

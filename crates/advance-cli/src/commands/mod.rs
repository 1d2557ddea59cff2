//! One command a file: its options, what it does and what it prints.

mod collect;
mod completions;
mod config;
mod demo;
mod doctor;
mod image;
mod inspect;
mod link;
mod man;
mod result;
mod sandbox;
mod schema;
mod sign;
mod token;
mod wait;

use clap::Subcommand;

use crate::out::Out;
use crate::stop::Stop;

#[derive(Subcommand)]
pub(crate) enum Command {
    Demo(demo::Args),
    Sandbox(sandbox::Args),
    Token(token::Args),
    Link(link::Args),
    Wait(wait::Args),
    Result(result::Args),
    Image(image::Args),
    Collect(collect::Args),
    Inspect(inspect::Args),
    Sign(sign::Args),
    Doctor(doctor::Args),
    Config(config::Args),
    Schema(schema::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// `whole` describes the whole command line, for what prints it.
pub(crate) fn run(command: Command, whole: fn() -> clap::Command, out: &Out) -> Result<(), Stop> {
    match command {
        Command::Demo(args) => demo::run(&args, out),
        Command::Sandbox(args) => sandbox::run(args, out),
        Command::Token(args) => token::run(&args, out),
        Command::Link(args) => link::run(&args, out),
        Command::Wait(args) => wait::run(&args, out),
        Command::Result(args) => result::run(&args, out),
        Command::Image(args) => image::run(&args, out),
        Command::Collect(args) => collect::run(&args, out),
        Command::Inspect(args) => inspect::run(&args, out),
        Command::Sign(args) => sign::run(&args, out),
        Command::Doctor(args) => doctor::run(&args, out),
        Command::Config(args) => config::run(&args, out),
        Command::Schema(args) => schema::run(&args, out),
        Command::Completions(args) => completions::run(&args, whole(), out),
        Command::Man(args) => man::run(&args, whole(), out),
    }
}

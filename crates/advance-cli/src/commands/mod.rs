//! One command a file.

mod batch;
mod demo;
mod inspect;
mod link;
mod result;
mod sandbox;
mod sign;
mod token;
mod view;
mod wait;

use crate::args::Command;
use crate::out::Out;
use crate::problem::Stop;

pub(crate) fn run(command: Command, out: &Out) -> Result<(), Stop> {
    match command {
        Command::Demo(args) => demo::run(&args, out),
        Command::Sandbox(args) => sandbox::run(args, out),
        Command::Token(args) => token::run(&args, out),
        Command::Link(args) => link::run(&args, out),
        Command::Result(args) => result::run(&args, out),
        Command::Wait(args) => wait::run(&args, out),
        Command::Sign(args) => sign::run(&args, out),
        Command::Inspect(args) => inspect::run(&args, out),
    }
}

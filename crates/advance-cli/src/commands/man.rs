//! `advance man`

use std::fs;
use std::path::{Path, PathBuf};

use crate::out::Out;
use crate::problem::Problem;
use crate::stop::Stop;

const HELP: &str = "\
To install:
  advance man --dir ~/.local/share/man/man1

Examples:
  advance man --dir man";

/// Write the manual pages, one for each command
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// Write them into this folder instead of printing the first
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

pub(super) fn run(args: &Args, whole: clap::Command, out: &Out) -> Result<(), Stop> {
    // So that each page carries the whole name of its command.
    let mut whole = whole.disable_help_subcommand(true);
    whole.build();
    let Some(dir) = &args.dir else {
        return out.plain(&page(whole));
    };
    let written = fs::create_dir_all(dir).and_then(|()| write(dir, &whole));
    written.map_err(|error| {
        let message = format!("cannot write the pages into {}", dir.display());
        Problem::local("file", message).caused_by(&error).into()
    })
}

fn write(dir: &Path, command: &clap::Command) -> std::io::Result<()> {
    let name = command
        .get_display_name()
        .unwrap_or_else(|| command.get_name())
        .to_owned();
    fs::write(dir.join(format!("{name}.1")), page(command.clone().name(name)))?;
    command
        .get_subcommands()
        .filter(|sub| !sub.is_hide_set())
        .try_for_each(|sub| write(dir, sub))
}

fn page(command: clap::Command) -> String {
    let mut page = Vec::new();
    // Writing to memory cannot fail.
    let _ = clap_mangen::Man::new(command).render(&mut page);
    String::from_utf8_lossy(&page).into_owned()
}

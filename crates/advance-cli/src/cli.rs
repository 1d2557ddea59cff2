//! The command line as a whole.

use clap::{CommandFactory as _, Parser};

use crate::commands::Command;
use crate::exit;
use crate::out::Talk;
use crate::style;

const ABOUT: &str = "\
Document verification with the ADVANCE.AI H5 API: make a link, send a person there, fetch what their card says.";

const AFTER_HELP: &str = "\
Keys come from the environment or a file, and never from an argument:
  ADVANCE_ACCESS_KEY  both from the vendor's Websaas Platform → Account →
  ADVANCE_SECRET_KEY  Account Management
  ADVANCE_BASE_URL    where the API lives, if --base-url is not given
An empty variable counts as none. `advance config --help` has the rest, profiles included.

With --json, stdout gets one JSON object, on failure too: {\"error\":{\"kind\":…,\"message\":…,\"advice\":…}}. Members are \
camelCase, values snake_case or the vendor's own. `advance schema` prints the JSON Schema of each.

Text shows nothing secret or personal without --reveal; the JSON of result and wait holds the whole result.

Examples:
  advance demo
  advance sandbox
  advance doctor
";

#[derive(Parser)]
#[command(
    name = "advance",
    version = VERSION,
    about = ABOUT,
    arg_required_else_help = true,
    styles = style::HELP,
    max_term_width = 100,
    propagate_version = false
)]
pub(crate) struct Cli {
    /// Print one JSON object instead of text for a person
    #[arg(long, global = true, help_heading = "Output")]
    pub(crate) json: bool,
    /// Say nothing on stderr but errors
    #[arg(
        short,
        long,
        global = true,
        conflicts_with = "verbose",
        help_heading = "Output"
    )]
    pub(crate) quiet: bool,
    /// Say on stderr what is sent and what comes, without anything secret or personal
    #[arg(short, long, global = true, help_heading = "Output")]
    pub(crate) verbose: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The version, and what it was built from and for.
const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    env!("ADVANCE_BUILT_FROM"),
    " ",
    env!("ADVANCE_BUILT_FOR")
);

impl Cli {
    pub(crate) const fn talk(&self) -> Talk {
        match (self.quiet, self.verbose) {
            (true, _) => Talk::Quiet,
            (_, true) => Talk::Verbose,
            _ => Talk::Normal,
        }
    }
}

/// All that clap knows, for parsing, help, completions and man pages.
pub(crate) fn command() -> clap::Command {
    Cli::command().after_help(format!("{AFTER_HELP}\n{}", exit::TABLE))
}

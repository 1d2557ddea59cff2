//! `advance completions`

use clap_complete::Shell;

use crate::out::Out;
use crate::stop::Stop;

const HELP: &str = "\
To install:
  bash   advance completions bash > ~/.local/share/bash-completion/completions/advance
  zsh    advance completions zsh > \"${fpath[1]}/_advance\"
  fish   advance completions fish > ~/.config/fish/completions/advance.fish

Examples:
  advance completions bash";

/// Print what makes a shell complete this command
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// For which shell
    shell: Shell,
}

pub(super) fn run(args: &Args, mut whole: clap::Command, out: &Out) -> Result<(), Stop> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut whole, "advance", &mut script);
    out.plain(&String::from_utf8_lossy(&script))
}

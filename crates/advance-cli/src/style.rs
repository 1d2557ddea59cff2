//! Colours. They are written always; the stream takes them out where there is no terminal, by `NO_COLOR` and by
//! `TERM=dumb`.

use std::env;

use anstyle::{AnsiColor, Style};
use clap::builder::Styles;

use advance_core::Outcome;

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const DOUBTFUL: Style = AnsiColor::Yellow.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();

/// What clap writes, in the same colours.
pub(crate) const HELP: Styles = Styles::styled()
    .header(BOLD)
    .usage(BOLD)
    .literal(AnsiColor::Cyan.on_default())
    .placeholder(DIM)
    .error(BAD);

/// A terminal that calls itself dumb gets no colours. The stream alone would colour it where `CI` is set.
pub(crate) fn settle() {
    let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
    let forced = env::var_os("CLICOLOR_FORCE").is_some_and(|forced| forced != "0");
    if dumb && !forced {
        anstream::ColorChoice::Never.write_global();
    }
}

/// The text in this style.
pub(crate) fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// An outcome is seen before it is read.
pub(crate) fn outcome(outcome: Outcome) -> Style {
    match outcome {
        Outcome::Passed => GOOD,
        Outcome::Failed => BAD,
        _ => DOUBTFUL,
    }
}

//! Where output goes: the result to stdout, progress to stderr if somebody watches.

use std::io::{self, IsTerminal as _, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};
use terminal_size::{Width, terminal_size};

use crate::problem::Problem;
use crate::stop::Stop;
use crate::text::{Rows, is_unsafe, wrapped};

/// How much is told beside the result.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Talk {
    Quiet,
    Normal,
    Verbose,
}

#[derive(Clone)]
pub(crate) struct Out {
    json: bool,
    talk: Talk,
    width: Option<usize>,
    terminal: bool,
    watched: bool,
}

#[allow(
    clippy::unused_self,
    reason = "a command writes only by the output it was given"
)]
impl Out {
    pub(crate) fn new(json: bool, talk: Talk) -> Self {
        let terminal = io::stdout().is_terminal();
        Self {
            json,
            talk,
            width: terminal
                .then(terminal_size)
                .flatten()
                .map(|(Width(width), _)| width.into()),
            terminal,
            watched: io::stderr().is_terminal() && talk != Talk::Quiet,
        }
    }

    /// Whether the caller asked for JSON.
    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    /// Whether somebody sits at stderr and wants to know.
    pub(crate) const fn is_watched(&self) -> bool {
        self.watched
    }

    pub(crate) const fn is_quiet(&self) -> bool {
        matches!(self.talk, Talk::Quiet)
    }

    pub(crate) const fn is_verbose(&self) -> bool {
        matches!(self.talk, Talk::Verbose)
    }

    /// Whether stdout is a terminal.
    pub(crate) const fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// How wide stdout is, if it is a terminal.
    pub(crate) const fn width(&self) -> Option<usize> {
        self.width
    }

    /// The rows, as wide as stdout.
    pub(crate) fn lines(&self, rows: &Rows, indent: usize) -> String {
        rows.lines(indent, self.width)
    }

    /// A sentence of which no line is wider than stdout; those after the first are indented.
    pub(crate) fn sentence(&self, text: &str, indent: usize) -> String {
        match self.width {
            Some(width) => wrapped(text, width, indent),
            None => text.to_owned(),
        }
    }

    /// Writes text that was made safe before. Its colours go where there is no terminal.
    pub(crate) fn text(&self, text: &str) -> Result<(), Stop> {
        let mut stdout = anstream::stdout().lock();
        let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
        written.map_err(|error| stopped(&error))
    }

    /// Writes one JSON object on one line.
    pub(crate) fn object<T: Serialize>(&self, object: &T) -> Result<(), Stop> {
        self.plain(&(to_json(object)? + "\n"))
    }

    /// Writes as it is.
    pub(crate) fn plain(&self, text: &str) -> Result<(), Stop> {
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
        written.map_err(|error| stopped(&error))
    }

    /// Tells a person who watches what is going on.
    pub(crate) fn progress(&self, text: &str) {
        if self.watched {
            self.tell(text);
        }
    }

    /// Says it on stderr, whether or not somebody watches, unless quiet.
    pub(crate) fn tell(&self, text: &str) {
        if self.talk != Talk::Quiet {
            // If stderr is closed, there is no one to tell.
            let _ = writeln!(anstream::stderr(), "{text}");
        }
    }
}

/// A reader that has seen enough, such as `head`, is no failure.
fn stopped(error: &io::Error) -> Stop {
    if error.kind() == io::ErrorKind::BrokenPipe {
        Stop::NobodyReads
    } else {
        Problem::local("output", "cannot write to stdout")
            .caused_by(error)
            .into()
    }
}

/// The value as JSON on one line, safe to show.
pub(crate) fn to_json<T: Serialize>(object: &T) -> Result<String, Stop> {
    let mut bytes = Vec::new();
    object
        .serialize(&mut Serializer::with_formatter(&mut bytes, Safe))
        .and_then(|()| String::from_utf8(bytes).map_err(serde::ser::Error::custom))
        .map_err(|error| {
            Problem::local("output", "cannot write the result as JSON")
                .caused_by(&error)
                .into()
        })
}

/// JSON escapes some control characters by itself. This escapes all that a terminal would obey.
struct Safe;

impl Formatter for Safe {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_unsafe(*c)) {
            CompactFormatter.write_string_fragment(writer, &rest[..at])?;
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + c.len_utf8()..];
        }
        CompactFormatter.write_string_fragment(writer, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_safe_to_show_and_still_the_same() {
        let hostile = "a\u{1b}[2J\u{9b}\u{202e}\u{7f}ü\"\n";
        let Ok(json) = to_json(&[hostile]) else {
            panic!("not written");
        };
        assert_eq!(json, "[\"a\\u001b[2J\\u009b\\u202e\\u007fü\\\"\\n\"]");
        let back: Vec<String> = serde_json::from_str(&json).unwrap();
        assert_eq!(back, [hostile]);
    }
}

//! Where output goes: the result to stdout, progress to stderr if somebody watches.

use std::io::{self, IsTerminal as _, Stdout, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

use crate::problem::{Problem, Stop};
use crate::text::is_unsafe;

pub(crate) struct Out {
    json: bool,
    stdout: Stdout,
    watched: bool,
}

impl Out {
    pub(crate) fn new(json: bool) -> Self {
        Self {
            json,
            stdout: io::stdout(),
            watched: io::stderr().is_terminal(),
        }
    }

    /// Whether the caller asked for JSON.
    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    /// Whether somebody sits at stderr.
    pub(crate) const fn is_watched(&self) -> bool {
        self.watched
    }

    /// Writes text that was made safe before.
    pub(crate) fn text(&self, text: &str) -> Result<(), Stop> {
        let mut stdout = self.stdout.lock();
        let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
        written.map_err(|error| stopped(&error))
    }

    /// Writes one JSON object on one line.
    pub(crate) fn object<T: Serialize>(&self, object: &T) -> Result<(), Stop> {
        self.text(&to_json(object)?)
    }

    /// Tells a person who watches what is going on.
    pub(crate) fn progress(&self, text: &str) {
        if self.watched {
            // Nobody is there to be told that stderr is closed.
            let _ = writeln!(io::stderr(), "{text}");
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

fn to_json<T: Serialize>(object: &T) -> Result<String, Stop> {
    let mut bytes = Vec::new();
    object
        .serialize(&mut Serializer::with_formatter(&mut bytes, Safe))
        .and_then(|()| String::from_utf8(bytes).map_err(serde::ser::Error::custom))
        .map(|line| line + "\n")
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
        assert_eq!(json, "[\"a\\u001b[2J\\u009b\\u202e\\u007fü\\\"\\n\"]\n");
        let back: Vec<String> = serde_json::from_str(&json).unwrap();
        assert_eq!(back, [hostile]);
    }
}

//! Structured logs: one JSON object a line on stderr. No name, number, link, key or picture is in them.

use std::io::Write as _;

use serde_json::{Value, json};

/// Says what happens, if it is asked to.
#[derive(Clone, Copy)]
pub(crate) struct Log(pub(crate) bool);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Info,
    Warn,
    Error,
}

impl Log {
    /// `fields` is an object.
    pub(crate) fn say(self, level: Level, event: &str, fields: Value) {
        if !self.0 {
            return;
        }
        let level = match level {
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        };
        let mut line = json!({
            "time": jiff::Timestamp::now().to_string(),
            "level": level,
            "event": event,
        });
        if let (Some(line), Value::Object(fields)) = (line.as_object_mut(), fields) {
            line.extend(fields);
        }
        // If stderr is closed, there is no one to tell.
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }
}

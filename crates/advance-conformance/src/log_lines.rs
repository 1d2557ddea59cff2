//! Everything that is logged through `log`, at every level, kept for the hunt.

use std::sync::{Mutex, OnceLock, PoisonError};

use log::{LevelFilter, Log, Metadata, Record};

/// More lines than this are not kept; the first ones tell.
const KEPT: usize = 200_000;

struct Listener;

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());
static INSTALLED: OnceLock<bool> = OnceLock::new();

impl Log for Listener {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() < KEPT {
            lines.push(format!("{}: {}", record.target(), record.args()));
        }
    }

    fn flush(&self) {}
}

/// Listens from now on. Returns whether it could: a process has one logger.
pub(crate) fn listen() -> bool {
    *INSTALLED.get_or_init(|| {
        let installed = log::set_logger(&Listener).is_ok();
        if installed {
            log::set_max_level(LevelFilter::Trace);
        }
        installed
    })
}

/// How many lines there are so far.
pub(crate) fn count() -> usize {
    LINES.lock().unwrap_or_else(PoisonError::into_inner).len()
}

/// What `find` finds first in the lines from this one on.
pub(crate) fn find_since(start: usize, find: impl Fn(&str) -> Option<String>) -> Option<String> {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    lines.get(start..)?.iter().find_map(|line| find(line))
}

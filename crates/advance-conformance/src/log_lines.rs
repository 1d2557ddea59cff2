//! Everything that is logged through `log`, at every level, kept for the hunt.

use std::collections::VecDeque;
use std::sync::{Mutex, OnceLock, PoisonError};

use log::{Level, LevelFilter, Log, Metadata, Record};

/// No more lines than this are kept; the oldest go first.
const KEPT: usize = 100_000;

struct Lines {
    /// How many went already.
    gone: usize,
    kept: VecDeque<Line>,
}

/// A line that was logged.
pub(crate) struct Line {
    pub(crate) target: String,
    pub(crate) level: Level,
    pub(crate) text: String,
}

struct Listener;

static LINES: Mutex<Lines> = Mutex::new(Lines {
    gone: 0,
    kept: VecDeque::new(),
});
static INSTALLED: OnceLock<bool> = OnceLock::new();

impl Log for Listener {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = Line {
            target: record.target().to_owned(),
            level: record.level(),
            text: record.args().to_string(),
        };
        let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
        lines.kept.push_back(line);
        if lines.kept.len() > KEPT {
            lines.kept.pop_front();
            lines.gone += 1;
        }
    }

    fn flush(&self) {}
}

/// Listens from now on, and says whether it can. A process has one logger: where there is another one already, nothing
/// is heard.
pub(crate) fn listen() -> bool {
    *INSTALLED.get_or_init(|| {
        let installed = log::set_logger(&Listener).is_ok();
        if installed {
            log::set_max_level(LevelFilter::Trace);
        }
        installed
    })
}

/// How many lines there were so far.
pub(crate) fn count() -> usize {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    lines.gone + lines.kept.len()
}

/// What `find` finds first in the lines from this one on.
pub(crate) fn find_since(start: usize, find: impl Fn(&Line) -> Option<String>) -> Option<String> {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    let skip = start.saturating_sub(lines.gone);
    lines.kept.iter().skip(skip).find_map(find)
}

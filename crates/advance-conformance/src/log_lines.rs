//! What is logged through `log`, at every level, while somebody listens.
//!
//! Some HTTP crates log every byte in rows of sixteen. So nothing is formatted but what a listener wants to hear.

use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use log::{Level, LevelFilter, Log, Metadata, Record};

/// A line that was logged.
pub(crate) struct Line {
    pub(crate) target: String,
    pub(crate) level: Level,
    pub(crate) text: String,
}

/// Says which lines, by target and level, need not be heard.
type LetOff = Box<dyn Fn(&str, Level) -> bool + Send + Sync>;

struct Ear {
    let_off: LetOff,
    heard: Mutex<Vec<Line>>,
}

/// Hears what is logged by the whole process until it is dropped.
pub(crate) struct Listening(Arc<Ear>);

struct Listener;

static EARS: RwLock<Vec<Arc<Ear>>> = RwLock::new(Vec::new());
static INSTALLED: OnceLock<bool> = OnceLock::new();

impl Log for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let ears = EARS.read().unwrap_or_else(PoisonError::into_inner);
        ears.iter()
            .any(|ear| !(ear.let_off)(metadata.target(), metadata.level()))
    }

    fn log(&self, record: &Record<'_>) {
        let ears = EARS.read().unwrap_or_else(PoisonError::into_inner);
        for ear in ears.iter() {
            if (ear.let_off)(record.target(), record.level()) {
                continue;
            }
            let line = Line {
                target: record.target().to_owned(),
                level: record.level(),
                text: record.args().to_string(),
            };
            ear.heard
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(line);
        }
    }

    fn flush(&self) {}
}

impl Listening {
    /// From now on, to all but what is let off; `None` if the process has another logger already.
    pub(crate) fn to_all_but(let_off: impl Fn(&str, Level) -> bool + Send + Sync + 'static) -> Option<Self> {
        let installed = INSTALLED.get_or_init(|| {
            let installed = log::set_logger(&Listener).is_ok();
            if installed {
                log::set_max_level(LevelFilter::Trace);
            }
            installed
        });
        if !installed {
            return None;
        }
        let ear = Arc::new(Ear {
            let_off: Box::new(let_off),
            heard: Mutex::default(),
        });
        EARS.write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::clone(&ear));
        Some(Self(ear))
    }

    /// What `find` finds first.
    pub(crate) fn find(&self, find: impl Fn(&Line) -> Option<String>) -> Option<String> {
        let heard = self.0.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.iter().find_map(find)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        EARS.write()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|ear| !Arc::ptr_eq(ear, &self.0));
    }
}

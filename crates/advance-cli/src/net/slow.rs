//! A person who waits for a slow server is told what for, and how long already.

use std::thread;
use std::time::{Duration, Instant};

use crate::out::Out;
use crate::time::span;

/// A request that is under way.
#[derive(Clone)]
pub(super) struct Under {
    pub(super) endpoint: &'static str,
    pub(super) since: Instant,
}

const TOLERABLE: Duration = Duration::from_secs(2);
const AGAIN: Duration = Duration::from_secs(10);

/// Says so after two seconds, and every ten. `oldest` gives the request that is under way longest; `None` ends it.
pub(super) fn watch(out: Out, oldest: impl Fn() -> Option<Option<Under>> + Send + 'static) {
    let watch = move || {
        let mut told: Option<(Instant, Instant)> = None;
        loop {
            thread::sleep(Duration::from_millis(250));
            let Some(oldest) = oldest() else { return };
            let Some(under) = oldest.filter(|under| under.since.elapsed() >= TOLERABLE) else {
                continue;
            };
            let due = told.is_none_or(|(since, last)| since != under.since || last.elapsed() >= AGAIN);
            if due {
                out.progress(&format!(
                    "waiting for the answer to {} for {}",
                    under.endpoint,
                    span(under.since.elapsed())
                ));
                told = Some((under.since, Instant::now()));
            }
        }
    };
    // Without the thread there is only less to read.
    let _ = thread::Builder::new().name("slow".to_owned()).spawn(watch);
}

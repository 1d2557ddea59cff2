//! How far this machine's clock is off, by the `Date` of a reply.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{AGE, DATE};

use crate::time::span;

/// Positive if this machine is ahead.
#[derive(Clone, Copy)]
pub(crate) struct Offset {
    pub(crate) millis: i64,
}

/// The most by which the core works around a clock.
const REPAIRED: u64 = 86_400_000;
/// What to do beyond that.
pub(crate) const BEYOND_REPAIR: &str = "set the clock of this machine; if the server is a sandbox whose clock was moved, `advance sandbox clock --real` moves \
     it back";

impl Offset {
    /// Whether it is more than the day that is worked around, so that there is no token.
    pub(crate) const fn is_beyond_repair(self) -> bool {
        self.millis.unsigned_abs() > REPAIRED
    }
}

/// `1 d 1 h behind the server's`.
impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let off = span(Duration::from_millis(self.millis.unsigned_abs()));
        let way = if self.millis < 0 { "behind" } else { "ahead of" };
        write!(f, "{off} {way} the server's")
    }
}

/// The last comparison.
#[derive(Clone, Default)]
pub(super) struct Clock(Arc<Mutex<Option<Offset>>>);

impl Clock {
    /// `Date` has whole seconds and was written somewhere on the way; a reply from a cache tells nothing.
    pub(super) fn compare(&self, headers: &HeaderMap, took: Duration) {
        if headers.contains_key(AGE) {
            return;
        }
        let date = headers.get(DATE).and_then(|date| date.to_str().ok());
        let Some(date) = date.and_then(|date| httpdate::parse_http_date(date).ok()) else {
            return;
        };
        let here = SystemTime::now() - took / 2;
        let there = date + Duration::from_millis(500);
        let ahead = here.duration_since(there).map_or(0, |ahead| ahead.as_millis());
        let behind = there.duration_since(here).map_or(0, |behind| behind.as_millis());
        let millis = i64::try_from(ahead).unwrap_or(i64::MAX) - i64::try_from(behind).unwrap_or(i64::MAX);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Offset { millis });
    }

    pub(super) fn get(&self) -> Option<Offset> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! Two small runners over the same plan: [`Collector`] for threads, [`AsyncCollector`] for tasks.

mod asynchronous;
mod blocking;
mod observe;
mod pace;
mod shift;
mod stop;

pub use asynchronous::AsyncCollector;
pub use blocking::Collector;
pub use observe::{Observe, Seen};
pub use pace::Pace;
pub use shift::{Shift, Turn};
pub use stop::Stop;

use std::error::Error as StdError;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use advance_core::{Advice, Error};

use crate::{Event, StoreError};

/// Tells the application an outcome. It comes at least once: deduplicate by [`Event::id`].
pub trait Tell: Send + Sync {
    /// Takes the outcome in. It comes again later if this fails.
    ///
    /// # Errors
    /// Anything.
    fn tell(&self, event: &Event) -> Result<(), Box<dyn StdError + Send + Sync>>;
}

impl<F> Tell for F
where
    F: Fn(&Event) -> Result<(), Box<dyn StdError + Send + Sync>> + Send + Sync,
{
    fn tell(&self, event: &Event) -> Result<(), Box<dyn StdError + Send + Sync>> {
        self(event)
    }
}

/// Why a runner stopped before it was told to.
#[derive(Debug)]
#[non_exhaustive]
pub enum RunError {
    /// The account gives no token, and waiting does not mend that.
    Account(Error),
    /// The store fails in a way that waiting does not mend.
    Store(StoreError),
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(error) => fmt::Display::fmt(error, f),
            Self::Store(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl StdError for RunError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Account(error) => error.source(),
            Self::Store(error) => error.source(),
        }
    }
}

/// How long until an outcome that could not be told is tried again.
const TELL_AGAIN: Duration = Duration::from_secs(10);

/// Whether waiting brings no token: the keys are wrong, or the request is.
fn is_hopeless(error: &Error) -> bool {
    matches!(error.advice(), Advice::CheckCredentials | Advice::FixRequest)
}

/// Tells it, and says whether the application took it. A panic in the callback is a failure.
fn try_to_tell(tell: &dyn Tell, event: &Event) -> bool {
    match catch_unwind(AssertUnwindSafe(|| tell.tell(event))) {
        Ok(answer) => answer.is_ok(),
        Err(panic) => {
            // What was panicked with may panic again when it is dropped.
            std::mem::forget(panic);
            false
        }
    }
}

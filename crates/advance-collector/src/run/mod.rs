//! Two small runners over the same plan: [`Collector`] for threads, [`AsyncCollector`] for tasks.

mod asynchronous;
mod blocking;
mod observe;
mod pace;
mod shift;
mod stop;
mod terms;

pub use asynchronous::AsyncCollector;
pub use blocking::Collector;
pub use observe::{Observe, Seen};
pub use pace::Pace;
pub use shift::{Shift, Turn};
pub use stop::Stop;

use std::error::Error as StdError;
use std::fmt;

use advance_core::Error;

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

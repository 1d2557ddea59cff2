//! One pace for all: how fast requests go out, agreed on by every worker that asks the same store.
//!
//! [`Paced`] is a transport around another one. Each request takes its turn from a [`RateStore`] before it goes out, and a
//! refusal with `Retry-After` holds back everybody who shares the store for as long as it says, a minute at the most. It needs
//! no collector: any client of an application can be built over it.
//!
//! ```
//! use std::num::NonZeroU32;
//! use advance_collector::rate::{MemoryRates, Paced, Rate};
//! use advance_core::BaseUrl;
//! # fn transport() -> impl advance_core::Transport { Nowhere }
//! # struct Nowhere;
//! # impl advance_core::Transport for Nowhere {
//! #     fn send(&self, _: http::Request<Vec<u8>>, _: &advance_core::transport::Limits)
//! #         -> Result<http::Response<Vec<u8>>, advance_core::transport::Failure> { unreachable!() }
//! #     fn sleep(&self, _: std::time::Duration) {}
//! #     fn now(&self) -> advance_core::Now { unreachable!() }
//! # }
//!
//! let rate = Rate::per_second(NonZeroU32::new(20).unwrap()).burst(NonZeroU32::new(5).unwrap());
//! // In memory for one process; the stores of SQLite and Postgres do the same for many.
//! let transport = Paced::new(transport(), &BaseUrl::default(), MemoryRates::new(), "get-result", rate);
//! # drop(transport);
//! ```

mod gcra;
mod memory;
mod paced;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

pub use gcra::{LONGEST_HOLD, Rate, RateRow, Slot};
pub use memory::MemoryRates;
pub use paced::Paced;

use crate::StoreError;

/// Where workers agree on their pace. Its clock alone decides.
///
/// Each method answers within `within`, or fails: a request waits for it, or a reply that may be paid for.
pub trait RateStore: Send + Sync {
    /// Takes the next turn of this name, unless it comes later than `at_most` from now, or than [`LONGEST_HOLD`].
    ///
    /// # Errors
    /// A [`StoreError`] of the database's.
    fn take(&self, name: &str, rate: &Rate, at_most: Duration, within: Duration) -> Result<Slot, StoreError>;

    /// Holds everybody of this name back for so long: [`LONGEST_HOLD`] at the most.
    ///
    /// # Errors
    /// A [`StoreError`] of the database's.
    fn hold(&self, name: &str, pause: Duration, within: Duration) -> Result<(), StoreError>;

    /// How much longer everybody of this name is held back.
    ///
    /// # Errors
    /// A [`StoreError`] of the database's.
    fn held(&self, name: &str, within: Duration) -> Result<Duration, StoreError>;
}

/// The same for tasks.
#[async_trait]
pub trait AsyncRateStore: Send + Sync {
    /// As [`RateStore::take`].
    ///
    /// # Errors
    /// As there.
    async fn take(
        &self,
        name: &str,
        rate: &Rate,
        at_most: Duration,
        within: Duration,
    ) -> Result<Slot, StoreError>;

    /// As [`RateStore::hold`].
    ///
    /// # Errors
    /// As there.
    async fn hold(&self, name: &str, pause: Duration, within: Duration) -> Result<(), StoreError>;

    /// As [`RateStore::held`].
    ///
    /// # Errors
    /// As there.
    async fn held(&self, name: &str, within: Duration) -> Result<Duration, StoreError>;
}

impl<T: RateStore + ?Sized> RateStore for Arc<T> {
    fn take(&self, name: &str, rate: &Rate, at_most: Duration, within: Duration) -> Result<Slot, StoreError> {
        (**self).take(name, rate, at_most, within)
    }

    fn hold(&self, name: &str, pause: Duration, within: Duration) -> Result<(), StoreError> {
        (**self).hold(name, pause, within)
    }

    fn held(&self, name: &str, within: Duration) -> Result<Duration, StoreError> {
        (**self).held(name, within)
    }
}

#[async_trait]
impl<T: AsyncRateStore + ?Sized> AsyncRateStore for Arc<T> {
    async fn take(
        &self,
        name: &str,
        rate: &Rate,
        at_most: Duration,
        within: Duration,
    ) -> Result<Slot, StoreError> {
        (**self).take(name, rate, at_most, within).await
    }

    async fn hold(&self, name: &str, pause: Duration, within: Duration) -> Result<(), StoreError> {
        (**self).hold(name, pause, within).await
    }

    async fn held(&self, name: &str, within: Duration) -> Result<Duration, StoreError> {
        (**self).held(name, within).await
    }
}

//! Pending verifications that survive any crash.
#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod attempt;
mod conclusion;
mod hash;
pub mod job;
mod memory;
pub mod outbox;
mod pending;
mod policy;
pub mod rate;
pub mod row;
mod run;
mod schedule;
pub mod sink;
pub mod store;

pub use attempt::AttemptId;
pub use conclusion::{Conclusion, Ending, State, UnknownWord};
pub use memory::MemoryStore;
pub use pending::Pending;
pub use policy::{Pictures, Policy};
pub use run::{AsyncCollector, Collector, Observe, Pace, RunError, Seen, Shift, Stop, Tell, Turn};
#[doc(inline)]
pub use store::{
    AsyncStore, Claim, Event, Fence, Intended, Intent, Kind, Nudged, OnThread, PictureRecord, PictureState,
    Progress, Record, Rest, Settled, Settlement, Status, Store, StoreError, StoreErrorKind, Then, Wanted,
    WantedPicture, Work,
};

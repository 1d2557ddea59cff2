//! What the suites that span crates share.

#[cfg(feature = "collecting")]
pub mod collecting;
pub mod exploration;
#[cfg(doctest)]
mod guide;
pub mod monitors;
pub mod simulation;

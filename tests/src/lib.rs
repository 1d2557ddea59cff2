//! What the suites that span crates share.

pub mod collecting;
pub mod exploration;
pub mod monitors;
pub mod simulation;

/// The README's program compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

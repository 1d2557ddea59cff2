//! A courier at work, on a clock that stands still while nothing waits.

#![cfg(feature = "deliver")]
#![allow(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod booking;
mod letters;
mod trouble;
mod world;

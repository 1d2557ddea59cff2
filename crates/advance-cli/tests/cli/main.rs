//! The built binary, as people and scripts run it.

#![allow(clippy::unwrap_used, reason = "what cannot be set up or read fails the test")]

mod calls;
mod demo;
mod failures;
mod inspect;
mod sandbox;
mod support;
mod usage;
mod waiting;

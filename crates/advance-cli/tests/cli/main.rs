//! The built binary, as people and scripts run it.

#![allow(clippy::unwrap_used, reason = "what cannot be set up or read fails the test")]

mod calls;
mod collecting;
mod demo;
mod doctor;
mod elsewhere;
#[cfg(unix)]
mod examples;
mod failures;
mod found;
mod inspect;
mod many;
#[cfg(all(unix, feature = "postgres"))]
mod postgres;
mod qr;
mod sandbox;
mod service;
mod service_trouble;
mod serving;
mod settings;
mod support;
mod terminal;
mod usage;
mod waiting;

//! The model, asked at times of the test's choosing.
#![expect(clippy::unwrap_used, reason = "in a test that is how a surprise is reported")]

mod control;
mod desk;
mod documents;
mod faults;
mod hostile;
mod outcomes;
mod page;
mod pictures;
mod powers;
mod requests;
mod tokens;

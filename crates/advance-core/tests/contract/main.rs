//! What the wire says and what this crate makes of it, from outside: only public names are used.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests fail by panicking, as tests do"
)]

mod bounded;
mod examples;
mod faults_data;
mod faults_envelope;
mod faults_input;
mod faults_json;
mod ktp;
mod no_echo;
mod quirks_calls;
mod quirks_results;
mod support;
mod values;
mod verdict;

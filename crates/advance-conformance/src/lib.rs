//! Is this transport safe to carry identity data? The suite that any transport of
//! [`advance-core`](advance_core::transport) must pass, over real sockets, against a server that means harm.
//!
//! Add the crate as a dev-dependency and write one macro call; see [`conformance!`]. To run the cases from a program,
//! see [`run_all`]. The [`server`] can be scripted for tests of your own, and [`Secrets`] finds secrets in what your
//! code says.
//!
//! A case that fails says what the transport did, and how to mend it. Each plants secrets of its own (a token, keys, a
//! signature, the query of a URL, a proxy's password) and fails too if one of them comes back in an error, in a
//! source of it, in a response's `Debug` or in a panic. Lines that are logged through `log` are a case of their own,
//! `nothing_secret_is_logged`: for it the suite installs itself as the logger of the test process, and a transport
//! declares what its HTTP crate logs by itself ([`Subject::logs`]).
//!
//! The cases take their time from the wall: give the machine a moment of its own, or see them fail for being late.
//! `examples/transports` holds transports to start from: one over hyper-util in under forty lines, one over smol, and
//! one of nothing but a `TcpStream`.
//!
//! Each case stands for a row of the table of [`faults`].
//!
//! # Where to go next
//!
//! - [`faults`]: what may go wrong, what must happen then, and which case finds it.
//! - [`conformance!`]: the one macro call that a transport's tests need.
//! - [`stores`]: the suite for a store of pending verifications.
//! - [`which_http_crates_can_pass`]: what is known of other HTTP crates.
//! - [`advance_core::transport`]: the traits, and what a failure has to say.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod bench;
mod call;
mod case;
mod cases;
mod log_lines;
mod macros;
mod need;
mod run;
mod secrets;
pub mod server;
pub mod stores;
mod subject;
mod summary;
pub mod tokens;
mod vendor;
mod verdict;

#[doc = include_str!("../FAULTS.md")]
pub mod faults {}

#[doc = include_str!("../HTTP_CRATES.md")]
pub mod which_http_crates_can_pass {}

pub use case::Case;
pub use cases::cases;
pub use log::Level;
pub use macros::{check, summary};
pub use need::Need;
pub use run::{Outcome, Report, run_all, run_one};
pub use secrets::Secrets;
pub use subject::{Claims, Setup, Subject};
pub use summary::Summary;

//! Is this transport safe to carry identity data? The suite that any transport of
//! [`advance-core`](advance_core::transport) must pass, over real sockets, against a server that means harm.
//!
//! Add the crate as a dev-dependency and write one macro call; see [`conformance!`]. To run the cases from a program,
//! see [`run_all`]. The [`server`] can be scripted for tests of your own.
//!
//! Every case stands for one row of the table of faults that ships with this crate:
#![doc = include_str!("../FAULTS.md")]

mod bench;
mod call;
mod case;
mod cases;
mod log_lines;
mod macros;
mod run;
mod secrets;
pub mod server;
mod subject;
mod vendor;

pub use case::{Case, Need, cases};
pub use macros::check;
pub use run::{Outcome, Report, run_all, run_one};
pub use secrets::Secrets;
pub use subject::{Claims, Setup, Subject};

//! Is this transport safe to carry identity data? The suite that any transport of
//! [`advance-core`](advance_core::transport) must pass, over real sockets, against a server that means harm.
//!
//! Add the crate as a dev-dependency and write one macro call; see [`conformance!`]. To run the cases from a program,
//! see [`run_all`]. The [`server`] can be scripted for tests of your own, and [`Secrets`] finds secrets in what your
//! code says.
//!
//! A case that fails says what the transport did, and how to mend it. Each plants secrets of its own (a token, keys, a
//! signature, the query of a URL, a proxy's password) and fails too if one of them comes back in an error, in a
//! source of it, in a response's `Debug`, in a panic, or in a line that is logged through `log`. For the last, the
//! suite installs itself as the logger of the test process; where there is one already, log lines are not hunted.
//!
//! The cases take their time from the wall: give the machine a moment of its own, or see them fail for being late.
//! `examples/transports` holds transports to start from: one over hyper-util in under forty lines, one over smol, and
//! one of nothing but a `TcpStream`.
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

//! What the transports of [`advance_core`] share: TLS settings, proxies and bounds.
//!
//! An application does not name this crate. It uses [`Builder`] through `advance-reqwest` or `advance-ureq`, which
//! re-export it: the same settings, with the same words, whichever HTTP client is below.

mod builder;
mod connection;
pub mod env;
pub mod proxy;
#[doc = include_str!("in_production.md")]
pub mod in_production {}
pub mod tls;

pub use builder::{Build, Builder};
pub use connection::{CONNECT_TIMEOUT, Connection, IDLE_TIMEOUT, LONGEST};
pub use proxy::Proxy;
pub use tls::{Tls, TlsVersion};

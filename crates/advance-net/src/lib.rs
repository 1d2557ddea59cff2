//! TLS settings, proxies and bounds: the part that the transports of [`advance_core`] share.
//!
//! An application does not name this crate. It uses [`Builder`] through `advance-reqwest` or `advance-ureq`, which
//! re-export it: the same settings, with the same words, whichever HTTP client is below.
//!
//! # Features
//!
//! None is on by default.
//!
//! - `rustls`: a rustls configuration from the settings: the *ring* provider (no cmake) and the platform's root
//!   certificates.
//! - `socks`: SOCKS5 proxies are accepted.
//!
//! # Where to go next
//!
//! - [`in_production`]: proxies, authorities, certificates, containers, runtimes.
//! - A transport of your own: [`advance_core::transport`], and the suite in `advance-conformance`.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
mod connection;
pub mod env;
pub mod proxy;
// Its programs are compiled by the workspace's tests: they name a crate that is published after this one.
#[cfg_attr(not(doctest), doc = include_str!("in_production.md"))]
pub mod in_production {}
pub mod tls;

pub use builder::{Build, Builder};
pub use connection::{CONNECT_TIMEOUT, Connection, IDLE_TIMEOUT, LONGEST};
pub use proxy::Proxy;
#[doc(inline)]
pub use tls::{Tls, TlsVersion};

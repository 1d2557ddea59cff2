//! The embedded store of [`advance-collector`](advance_collector): one SQLite file, several processes.
#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod columns;
mod doubts;
mod error;
mod migrate;
mod open;
mod outbox;
mod pictures;
mod rates;
mod store;
mod tokens;
mod verifications;

pub use error::failed as store_error;
pub use migrate::apply as migrate;
pub use open::connect;
pub use rusqlite;
pub use store::SqliteStore;

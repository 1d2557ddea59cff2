//! The embedded store of [`advance-collector`](advance_collector): one SQLite file, several processes.
#![doc = include_str!("../README.md")]

mod columns;
mod doubts;
mod error;
mod migrate;
mod open;
mod pictures;
mod rates;
mod store;
mod tokens;
mod verifications;

pub use rusqlite;
pub use store::SqliteStore;

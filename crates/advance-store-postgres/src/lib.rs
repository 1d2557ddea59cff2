//! The store of a fleet for [`advance-collector`](advance_collector): one Postgres database, any number of machines.
#![doc = include_str!("../README.md")]

mod blocking;
mod clock;
mod columns;
mod connect;
mod doubts;
mod error;
mod migrate;
mod news;
mod options;
mod pictures;
mod pool;
mod store;
mod transaction;
mod verifications;

pub use blocking::BlockingPostgresStore;
pub use options::PostgresOptions;
pub use store::PostgresStore;
pub use tokio_postgres;

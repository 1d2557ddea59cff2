//! The store of a fleet for [`advance-collector`](advance_collector): one Postgres database, any number of machines.
#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod blocking;
mod clock;
mod columns;
mod connect;
mod doubts;
mod error;
mod migrate;
mod news;
mod options;
mod outbox;
mod pictures;
mod pool;
mod rates;
mod store;
mod tokens;
mod transaction;
mod verifications;

pub use blocking::BlockingPostgresStore;
pub use options::PostgresOptions;
pub use store::PostgresStore;
pub use tokio_postgres;

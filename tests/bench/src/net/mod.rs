//! Both adapters against their HTTP crates, over this machine's loopback.

mod by_hand;
mod many;
mod single;

pub use single::work;

use std::sync::Arc;

use advance_core::Config;
use serde::Serialize;

use crate::row::Row;
use crate::samples;
use crate::server::Server;

/// How much is measured.
#[derive(Clone, Copy)]
pub struct Amount {
    pub rounds: usize,
    /// One after the other.
    pub calls: usize,
    /// At a time.
    pub many: usize,
}

/// What is gated of an adapter: it does not depend on the machine.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    pub name: String,
    /// Of one call with a connection at hand.
    pub allocations: u64,
    pub calls: usize,
    /// Opened while so many calls went out, those that were there not counted.
    pub connections: u64,
}

pub fn measure(amount: Amount) -> (Vec<Row>, Vec<Counts>) {
    let server = Arc::new(Server::start().expect("a port of this machine"));
    let (mut rows, mut counts) = (Vec::new(), Vec::new());
    for (more, count) in [single::reqwest(&server, amount), single::ureq(&server, amount)] {
        rows.extend(more);
        counts.push(count);
    }
    for in_flight in [64, 256] {
        let (row, count) = many::in_flight(&server, in_flight, amount);
        rows.push(row);
        counts.push(count);
    }
    for concurrency in [8, 64, 512] {
        rows.push(many::batch(&server, concurrency, amount));
    }
    (rows, counts)
}

pub fn config(server: &Server) -> Config {
    Config::for_sandbox(&server.url()).expect("a URL of this machine")
}

pub fn result_url(server: &Server) -> String {
    format!("{}{}", server.url(), samples::RESULT_PATH)
}

/// A runtime on this thread alone, so that what it takes is this thread's.
pub fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().expect("a runtime")
}

/// Calls over one adapter for some seconds, for a profiler to look at.
pub fn spin(name: &str) {
    let server = Server::start().expect("a port of this machine");
    single::spin(&server, name);
}

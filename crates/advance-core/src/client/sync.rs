//! What the clients lock and wait with: std's. Shuttle's in the build of `tests/shuttle`, which tries the orders in which
//! threads and tasks may run.

#[cfg(not(shuttle))]
pub(super) use std::sync::{Mutex, MutexGuard};
#[cfg(not(any(shuttle, target_arch = "wasm32")))]
pub(super) use std::{sync::Condvar, thread};

#[cfg(shuttle)]
pub(super) use shuttle::{
    sync::{Condvar, Mutex, MutexGuard},
    thread,
};

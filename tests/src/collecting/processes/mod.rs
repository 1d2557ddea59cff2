//! Real processes on one file: killed, stopped, cut off from power.

mod chaos;
mod check;
mod power;
mod server;
mod speed;
mod worker;

pub use chaos::{Chaos, chaos};
pub use power::power;
pub use speed::speed;
pub use worker::worker;

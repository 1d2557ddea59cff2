//! Real processes on one store: killed, stopped, cut off from power or from their database.

mod chaos;
mod check;
mod fleet;
mod journal;
mod power;
mod server;
mod speed;
mod worker;

pub use chaos::{Chaos, chaos};
pub use fleet::{Fleet, FleetWorker, PACE, fleet, fleet_scenes, fleet_speed, has_postgres};
pub use power::power;
pub use speed::speed;
pub use worker::worker;

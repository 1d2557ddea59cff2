//! Transports over HTTP crates of others, as their authors would write them.

mod over_attohttpc;
mod over_isahc;

pub use over_attohttpc::OverAttohttpc;
pub use over_isahc::OverIsahc;

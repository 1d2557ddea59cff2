//! Transports over HTTP crates of others, as their authors would write them and mend them by the suite's words.

mod cannot;
mod over_attohttpc;
mod over_isahc;

pub use cannot::{ATTOHTTPC, ISAHC};
pub use over_attohttpc::OverAttohttpc;
pub use over_isahc::OverIsahc;

//! Plans over calls: they say what to ask next and hear how it ended. They send nothing.

mod answer;
mod batch;
mod batch_policy;
mod callers_rule;
mod standing;
mod wait;
mod wait_policy;
mod waited;

pub use batch::{Batch, BatchItem, BatchRest, BatchResult, BatchStep};
pub use batch_policy::BatchPolicy;
pub use standing::WaitStanding;
pub use wait::{Wait, WaitStep};
pub use wait_policy::{WaitPolicy, nothing_yet};
pub use waited::{WaitOutcome, Waited};

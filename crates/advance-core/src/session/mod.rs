//! How a call proceeds.
mod acquire;
mod budget;
mod call;
mod charge;
mod config;
mod entropy;
mod event;
mod flight;
mod headers;
mod judge;
mod life;
mod response;
mod retry;
mod retry_after;
mod sabotage;
#[expect(clippy::module_inception, reason = "the session is what this module is about")]
mod session;
mod skew;
mod step;
mod token;

pub use call::Call;
pub use charge::{Charge, Charges};
pub use config::Config;
pub use event::{CallId, Event, Purpose, WaitReason};
pub use response::Response;
pub use retry::RetryPolicy;
pub use retry_after::RetryAfter;
#[cfg(feature = "sabotage")]
pub use sabotage::Rule;
pub use session::{ExportedToken, Session, Ticket};
pub use step::{Awaiting, Pause, Step, Until};
pub use token::{COOL_DOWN, Generation};

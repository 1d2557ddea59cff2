//! The two clients: each sends what a step says, and tells the session what came back.

mod asynchronous;
#[cfg(not(target_arch = "wasm32"))]
mod blocking;
#[cfg(not(target_arch = "wasm32"))]
mod blocking_results;
mod control;
mod memory_tokens;
mod observer;
mod results;
mod shared;
mod sync;
#[cfg(feature = "tracing")]
mod tracing;

pub use asynchronous::AsyncClient;
#[cfg(not(target_arch = "wasm32"))]
pub use blocking::Client;
#[cfg(not(target_arch = "wasm32"))]
pub use blocking_results::BlockingResults;
pub use control::WaitControl;
pub use memory_tokens::MemoryTokenStore;
pub use observer::Observer;
pub use results::Results;
#[cfg(feature = "tracing")]
pub use tracing::Tracing;

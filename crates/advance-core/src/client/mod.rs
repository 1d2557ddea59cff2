//! The two loops: what a step says is done, and the session told.

mod asynchronous;
#[cfg(not(target_arch = "wasm32"))]
mod blocking;
mod control;
mod observer;
mod shared;
#[cfg(feature = "tracing")]
mod tracing;

pub use asynchronous::AsyncClient;
#[cfg(not(target_arch = "wasm32"))]
pub use blocking::Client;
pub use control::WaitControl;
pub use observer::Observer;
#[cfg(feature = "tracing")]
pub use tracing::Tracing;

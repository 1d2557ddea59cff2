//! The two loops: what a step says is done, and the session told.

mod asynchronous;
#[cfg(not(target_arch = "wasm32"))]
mod blocking;
#[cfg(not(target_arch = "wasm32"))]
mod cancel;
mod observer;
mod shared;
#[cfg(feature = "tracing")]
mod tracing;

pub use asynchronous::AsyncClient;
#[cfg(not(target_arch = "wasm32"))]
pub use blocking::Client;
#[cfg(not(target_arch = "wasm32"))]
pub use cancel::Cancel;
pub use observer::Observer;
#[cfg(feature = "tracing")]
pub use tracing::Tracing;

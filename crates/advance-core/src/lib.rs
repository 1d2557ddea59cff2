//! Sans-IO core of the ADVANCE.AI H5 document verification SDK.
mod client;
pub mod domain;
mod error;
mod escape;
mod secret;
pub mod session;
mod time;
pub mod transport;
pub mod wire;

pub use client::*;
pub use domain::*;
pub use error::{Advice, Error, ErrorKind, ProtocolFault};
pub use secret::{AccessKey, AccessToken, Credentials, SecretKey};
pub use session::*;
pub use time::{Lifetime, Now, UnixMillis};
pub use transport::*;
pub use wire::{GenerateToken, GenerateUrl, GetResult};

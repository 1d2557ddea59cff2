//! Signed webhooks, as the [Standard Webhooks](https://www.standardwebhooks.com) specification says.
#![doc = include_str!("../README.md")]

#[cfg(feature = "deliver")]
pub mod deliver;
pub mod header;
mod secret;
mod sign;
mod verify;

pub use secret::{Secret, Secrets, WrongSecret};
pub use sign::sign;
pub use verify::{Refused, Verified, Verifier};

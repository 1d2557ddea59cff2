//! The network: the two clients behind one face, and what is told of what they send.

pub(crate) mod api;
pub(crate) mod attempts;
pub(crate) mod clock;
pub(crate) mod collect;
mod curl;
pub(crate) mod each;
pub(crate) mod proxy;
mod redact;
mod slow;
mod told;
pub(crate) mod transport;

//! The collector as a service: webhooks out, an intake for programs in any language, a door for those on call.

pub(crate) mod guard;
pub(crate) mod intake;
pub(crate) mod ledger;
pub(crate) mod log;
pub(crate) mod metrics;
pub(crate) mod monitor;
pub(crate) mod reply;
pub(crate) mod secret;
pub(crate) mod server;

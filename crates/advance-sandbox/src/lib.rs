//! The ADVANCE.AI H5 document verification API on your own machine, for tests and demos

pub mod server;
pub mod vendor;

pub use server::{Sandbox, SandboxBuilder, StartError};
pub use vendor::{Outcome, UnixMs, Vendor, VendorConfig};

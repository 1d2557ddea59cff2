//! How a call proceeds.
mod charge;
pub use charge::{Charge, Charges};

//! Values that the types allow.

pub use super::calls::*;
pub use super::parts::*;
pub use super::read::*;
pub use super::scalars::*;
pub use super::words::*;

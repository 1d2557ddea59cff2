//! The row that a store keeps of a verification, and how it changes: pure, so that every store has the same rules.
//!
//! A store loads a row, changes it by one of these methods and saves it, all in one transaction that no other can run
//! beside for the same row. What it adds is where the rows are, and its clock.

mod clock;
mod doubt;
mod picture;
mod sabotage;
mod telling;
mod verification;

pub use clock::{CLAMP, LONGEST_LEASE, has_passed};
pub use doubt::Doubt;
pub use picture::{PictureRow, SweptPicture};
#[cfg(feature = "sabotage")]
pub use sabotage::Protection;
pub use verification::{Booked, Row};

pub(crate) use sabotage::Broken;

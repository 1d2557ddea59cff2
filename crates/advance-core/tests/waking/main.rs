//! Both clients, event by event: who is woken, who takes over, and what is forgotten by when. No test waits for a time to
//! pass, except to give up on what never happens.

// A panic is how a test fails.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bounds;
mod handing_over;
mod handles;
mod line;
mod many;
mod places;

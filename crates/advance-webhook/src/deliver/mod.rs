//! Delivering outcomes over HTTP: an [`Outbox`] in a SQLite file, and a [`Courier`] that empties it.
//!
//! A collector's `tell` puts a [`Letter`] into the outbox, which is committed before it answers, and so each outcome is
//! sent at least once whatever crashes. Two letters about one verification are sent in their order: the second waits until
//! the first is delivered or dead.

mod answer;
mod courier;
mod health;
mod letter;
mod outbox;
mod schedule;
mod target;

pub use answer::Answer;
pub use courier::{Courier, Sent};
pub use letter::{Letter, LetterState};
pub use outbox::{Counts, Outbox};
pub use schedule::Schedule;
pub use target::{Target, WrongTarget};

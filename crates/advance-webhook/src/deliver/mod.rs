//! Delivering outcomes over HTTP: a [`letter`] is put into an [`Outbox`], and a [`Courier`] empties it.
//!
//! The outbox is that of a store, or of one's own: see [`advance_collector::outbox`].

mod answer;
mod courier;
mod health;
mod letter;
mod schedule;
mod target;

pub use advance_collector::outbox::{Letter, Outbox};

pub use answer::Answer;
pub use courier::{Courier, Sent};
pub use letter::letter;
pub use schedule::Schedule;
pub use target::{Target, WrongTarget};

//! Many results: where the ids come from, where the results go, and what a kill leaves behind.

mod files;
pub(crate) mod input;
mod journal;
pub(crate) mod line;
pub(crate) mod pictures;
mod progress;
pub(crate) mod run;
pub(crate) mod screen;
mod sink;
pub(crate) mod tally;

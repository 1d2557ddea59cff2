//! The machine, driven by hand: every rule of `session` as a named test, without a clock, a socket or a thread.

#![expect(unused_must_use, reason = "a test drops what it has looked at")]
#![allow(
    clippy::unwrap_used,
    clippy::unnecessary_wraps,
    clippy::unchecked_time_subtraction,
    reason = "a test may fail where it stands"
)]

mod batches;
mod charges;
mod clock;
mod downloads;
mod events;
mod evidence;
mod handed_over;
mod held_off;
mod leading;
mod life;
mod polls;
mod rejected;
mod renewal;
mod repeated;
mod replies;
mod requests;
mod retries;
mod sharing;
mod support;
mod words;

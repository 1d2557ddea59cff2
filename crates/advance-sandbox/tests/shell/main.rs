//! The shell where clients, browsers and networks misbehave.
#![expect(clippy::unwrap_used, reason = "in a test that is how a surprise is reported")]

mod browsers;
mod clients;
mod events;
mod networks;
mod wire;

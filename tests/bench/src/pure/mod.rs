//! What does no I/O: each case beside its floor.

mod build;
mod machine;
mod parse;
mod sign;
mod token;

use crate::case::Case;

pub use token::client_with_token;

pub fn cases() -> Vec<Case> {
    [
        sign::cases(),
        build::cases(),
        parse::cases(),
        token::cases(),
        machine::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

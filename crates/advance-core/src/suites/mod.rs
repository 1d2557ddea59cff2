//! Property suites over a way to parse: this crate's own, an adapter's against a scripted server, or a stranger's.
//!
//! Each suite is a function that takes a [`Parser`] and panics with the smallest body it found that breaks the
//! property. How many cases it tries is set by `PROPTEST_CASES`, 256 if that is not set.
//!
//! ```
//! use advance_core::suites;
//!
//! // Any function from a question and a body to what was made of it will do.
//! suites::only_success_has_data(&suites::core);
//! ```
//!
//! [`your_own_parser`] takes a naive parser through them.

#[doc = include_str!("your_own_parser.md")]
pub mod your_own_parser {}

mod depth;
mod failures;
mod members;
mod no_echo;
mod numbers;
pub(crate) mod parser;
mod round_trip;
mod runner;
mod survival;
mod truncation;
mod types;

pub use depth::nesting_is_refused_or_ignored;
pub use failures::only_success_has_data;
pub use members::{a_doubled_member_is_refused, unknown_members_change_nothing};
pub use no_echo::what_is_personal_is_never_shown;
pub use numbers::numbers_are_exact_or_refused;
pub use parser::{Ask, Data, EXAMPLES, Example, Parsed, Parser, StrangersData, core};
pub use round_trip::documented_replies_come_back_equal;
pub use survival::{any_bytes_are_judged, unknown_words_survive};
pub use truncation::{a_cut_example_is_refused_at_every_byte, a_cut_reply_is_refused};
pub use types::a_wrong_type_is_refused_by_its_place;

/// Every suite, one after the other.
///
/// # Panics
/// If any property does not hold.
pub fn run_all(parser: &impl Parser) {
    any_bytes_are_judged(parser);
    documented_replies_come_back_equal(parser);
    unknown_words_survive(parser);
    unknown_members_change_nothing(parser);
    a_doubled_member_is_refused(parser);
    a_cut_example_is_refused_at_every_byte(parser);
    a_cut_reply_is_refused(parser);
    a_wrong_type_is_refused_by_its_place(parser);
    numbers_are_exact_or_refused(parser);
    nesting_is_refused_or_ignored(parser);
    only_success_has_data(parser);
    what_is_personal_is_never_shown(parser);
}

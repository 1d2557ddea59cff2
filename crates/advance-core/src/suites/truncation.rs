//! A body that ends too early is no reply, wherever it ends.

use proptest::prelude::*;
use proptest::sample::Index;

use super::runner::{fault, for_each_ask};
use super::{EXAMPLES, Parser};
use crate::strategies::documents;

/// Each documented example, cut at each of its bytes.
///
/// # Panics
/// If any of them is taken for a reply.
pub fn a_cut_example_is_refused_at_every_byte(parser: &impl Parser) {
    for example in EXAMPLES
        .iter()
        .filter(|example| parser.asks().contains(&example.ask))
    {
        let body = example.body.trim_end().as_bytes();
        for end in 0..body.len() {
            let parsed = parser.parse(example.ask, &body[..end]);
            assert!(
                !parsed.is_reply && parsed.data.is_none(),
                "{} cut at {end}: {parsed:?}",
                example.name
            );
        }
    }
}

/// Any reply, cut anywhere.
///
/// # Panics
/// If the property does not hold.
pub fn a_cut_reply_is_refused(parser: &impl Parser) {
    for_each_ask(
        parser,
        "a cut reply is refused",
        |ask| (documents::reply(ask), any::<Index>()),
        |ask, (body, end)| {
            let cut = &body.as_bytes()[..end.index(body.len())];
            let parsed = parser.parse(ask, cut);
            if parsed.is_reply || parsed.data.is_some() {
                return Err(fault("took a part for the whole", cut, &parsed));
            }
            Ok(())
        },
    );
}

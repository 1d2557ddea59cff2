//! Nesting past any limit.

use super::Parser;
use super::runner::{fault, for_each_ask};
use crate::strategies::hostile;

/// Nesting a hundred to a hundred thousand levels deep, in any place, is refused or (in a member nobody reads)
/// ignored; it does not overflow the stack. Run it on a small one to be sure.
///
/// # Panics
/// If the property does not hold.
pub fn nesting_is_refused_or_ignored(parser: &impl Parser) {
    for_each_ask(
        parser,
        "nesting is refused or ignored",
        hostile::nested,
        |ask, body| {
            let parsed = parser.parse(ask, &body);
            // A body that does not close what it opens is no reply, whatever member it is in.
            let opened = body.iter().filter(|byte| matches!(byte, b'[' | b'{')).count();
            let closed = body.iter().filter(|byte| matches!(byte, b']' | b'}')).count();
            if parsed.is_reply && opened > closed + 50 {
                return Err(fault(
                    "took what never ends",
                    &body[..body.len().min(500)],
                    &parsed,
                ));
            }
            Ok(())
        },
    );
}

//! Nesting past any limit.

use serde_json::json;

use super::Parser;
use super::runner::{fault, for_each_ask};
use super::types::takes;
use crate::strategies::hostile::{self, Nested};

/// Nesting a hundred to a hundred thousand levels deep, in any place, is refused or (in a member that is not read)
/// ignored; it does not overflow the stack. Run it on a small one to be sure.
///
/// # Panics
/// If the property does not hold.
pub fn nesting_is_refused_or_ignored(parser: &impl Parser) {
    for_each_ask(
        parser,
        "nesting is refused or ignored",
        hostile::nesting,
        |ask, nested| {
            let parsed = parser.parse(ask, &nested.body);
            let wrong = if !nested.closed {
                "took what never ends"
            } else if is_misplaced(&nested) {
                "took nesting for a value"
            } else {
                return Ok(());
            };
            if parsed.is_reply || parsed.data.is_some() {
                let beginning = nested.body.len().min(500);
                return Err(fault(wrong, &nested.body[..beginning], &parsed));
            }
            Ok(())
        },
    );
}

/// Whether it stands where something else is documented and read: of a failure, `data` is not.
fn is_misplaced(nested: &Nested) -> bool {
    let below = |member: &str| {
        let rest = nested.place.strip_prefix(member);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let read = !below("/extra") && (nested.success || !below("/data"));
    let shape = if nested.array {
        json!([[]])
    } else {
        json!({ "a": 0 })
    };
    read && !takes(&nested.place, &shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_reads_may_be_nested() {
        for (place, success, array, misplaced) in [
            ("/message", false, true, true),
            ("/code", true, false, true),
            ("/extra", true, true, false),
            ("/extra/code", true, true, false),
            ("/data", true, true, true),
            ("/data", true, false, false),
            ("/data", false, true, false),
            ("/data/0", false, true, false),
            ("/data/idvResult/forgeryLabels", true, true, true),
            ("/data/ocrResult", true, false, false),
            ("/data/ocrResult/name", true, false, true),
        ] {
            let nested = Nested {
                place: place.to_owned(),
                success,
                array,
                closed: true,
                body: Vec::new().into(),
            };
            assert_eq!(is_misplaced(&nested), misplaced, "{place}");
        }
    }
}

//! Keys, tokens and signatures.

use advance_core::Now;
use advance_core::session::Event;

use super::facts::Facts;
use super::seen::Seen;

/// None is shown by an event or an error.
pub(super) fn are_not_shown(facts: &Facts, _: Now, seen: &Seen<'_>) -> Result<(), String> {
    let mut watch = facts.watch.borrow_mut();
    match seen {
        // Nothing else of an event comes from the vendor.
        Seen::Event(
            Event::AttemptEnded {
                code, transaction_id, ..
            }
            | Event::CallEnded {
                code, transaction_id, ..
            },
        ) => watch.shown(&(code, transaction_id)),
        Seen::Failed(error) => watch.error(error),
        _ => Ok(()),
    }
}

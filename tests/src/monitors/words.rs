//! The vendor's words.

use advance_core::Now;
use advance_core::session::Event;

use super::facts::Facts;
use super::seen::Seen;

/// What the end of a call says of a reply came to that call.
pub(super) fn are_its_own(facts: &Facts, _: Now, seen: &Seen<'_>) -> Result<(), String> {
    let Seen::Event(Event::CallEnded {
        call,
        transaction_id: Some(told),
        ..
    }) = seen
    else {
        return Ok(());
    };
    match facts.call(call.get()) {
        Some(call) if !call.ids.contains(told) => Err(format!(
            "call {} ends with transaction {told}, which was another call's",
            call.id
        )),
        _ => Ok(()),
    }
}

//! Whose call must succeed.

use advance_core::Now;
use advance_core::session::Event;

use super::facts::Facts;
use super::seen::Seen;

/// A call to which nothing happens but what the machine promises to mend succeeds.
pub(super) fn comes_where_it_is_promised(facts: &Facts, _: Now, seen: &Seen<'_>) -> Result<(), String> {
    let Seen::Event(Event::CallEnded {
        call,
        path,
        error: Some(error),
        code,
        ..
    }) = seen
    else {
        return Ok(());
    };
    match facts.call(call.get()) {
        Some(call) if call.terms.must_succeed => Err(format!(
            "call {} to {path} fails, though nothing happened to it that is not mended: {error:?}, {code:?}",
            call.id
        )),
        _ => Ok(()),
    }
}

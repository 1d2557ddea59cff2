//! Time by both clocks.

use advance_core::Now;

use super::facts::{Facts, passed};
use super::seen::Seen;

/// A token that is over by the wall clock alone is due for renewal at once: it is not used before that was tried.
pub(super) fn both_count(facts: &Facts, now: Now, seen: &Seen<'_>) -> Result<(), String> {
    let Seen::Sent(id, request, _) = seen else {
        return Ok(());
    };
    let (Some(call), Some((_, token))) = (facts.call(*id), facts.in_use()) else {
        return Ok(());
    };
    let carried = request
        .headers()
        .get("x-access-token")
        .and_then(|token| token.to_str().ok());
    if carried.is_none() || carried != token.text.as_deref() || token.by == *id || !call.refusals.is_empty() {
        return Ok(());
    }
    let over = passed(token.asked, now) >= token.life;
    let asked = facts.leader.is_some_and(|leader| leader != *id);
    let barred = facts.cooling.is_some() || facts.held_off.is_some();
    // A clock of other than thirteen digits cannot sign.
    let signs = (1_000_000_000_000..10_000_000_000_000).contains(&now.wall.get());
    if !over || !signs || asked || barred || token.renewals > 0 {
        return Ok(());
    }
    Err(format!(
        "call {id} uses a token that is over by the wall clock, and no call tried to renew it"
    ))
}

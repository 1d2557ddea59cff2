//! Who asks for a token, and when.

use advance_core::Now;
use advance_core::session::{COOL_DOWN, Event, Purpose, WaitReason};

use super::facts::{Facts, passed};
use super::seen::Seen;

/// How often renewal of a token is tried. What is refused and cannot be sent again has it renewed once more: twice in a
/// minute for each of two endpoints, and for what both share.
pub(crate) const RENEWALS: u64 = 2;
pub(crate) const RENEWALS_A_MINUTE: u64 = 6;

fn asks(seen: &Seen<'_>) -> Option<(u64, Purpose)> {
    match seen {
        Seen::Event(Event::AttemptBegun { call, purpose, .. })
            if !matches!(purpose, Purpose::Call | Purpose::Download) =>
        {
            Some((call.get(), *purpose))
        }
        _ => None,
    }
}

/// No two ask at the same time, unless the first has passed its limit.
pub(super) fn is_done_by_one(facts: &Facts, now: Now, seen: &Seen<'_>) -> Result<(), String> {
    let Some((id, _)) = asks(seen) else { return Ok(()) };
    let other = facts.calls.iter().find(|call| {
        call.open.as_ref().is_some_and(|open| {
            let asks = !matches!(open.purpose, Purpose::Call | Purpose::Download);
            asks && now.mono < open.begun.mono.saturating_add(open.within)
        })
    });
    match other {
        Some(other) => Err(format!("call {id} asks for a token while call {} does", other.id)),
        None => Ok(()),
    }
}

/// Renewal of one token is tried twice.
pub(super) fn renews_twice(facts: &Facts, now: Now, seen: &Seen<'_>) -> Result<(), String> {
    let minutes = |since| 1 + now.mono.saturating_sub(since).as_secs() / 60;
    let most = RENEWALS + RENEWALS_A_MINUTE * facts.refused.map_or(0, minutes);
    match asks(seen) {
        Some((id, Purpose::Renewal)) if u64::from(facts.renewals) >= most => Err(format!(
            "call {id} renews a token for the {}th time",
            facts.renewals + 1
        )),
        _ => Ok(()),
    }
}

/// After a refusal that does not pass, no call asks for a while.
pub(super) fn rests_after_a_refusal(facts: &Facts, now: Now, seen: &Seen<'_>) -> Result<(), String> {
    let (Some((id, _)), Some(since)) = (asks(seen), facts.cooling) else {
        return Ok(());
    };
    let rested = passed(since, now);
    if rested >= COOL_DOWN {
        return Ok(());
    }
    Err(format!(
        "call {id} asks for a token {rested:?} after one was refused for good"
    ))
}

/// Who waits for a token waits for somebody who asks, and not while there is one.
pub(super) fn is_waited_for_only_while_it_goes_on(
    facts: &Facts,
    now: Now,
    seen: &Seen<'_>,
) -> Result<(), String> {
    let Seen::Idle(waiting) = seen else { return Ok(()) };
    let stuck = waiting.iter().filter_map(|call| facts.call(*call));
    for call in stuck.filter(|call| call.waits == Some(WaitReason::Token)) {
        if facts.leader.is_none() {
            return Err(format!(
                "call {} waits for a token, and no call asks for one",
                call.id
            ));
        }
        let alive = facts.in_use().is_some_and(|(_, token)| now.mono < token.end());
        if alive && call.refusals.is_empty() && facts.replacement.is_none() {
            return Err(format!("call {} waits for a token, and there is one", call.id));
        }
    }
    Ok(())
}

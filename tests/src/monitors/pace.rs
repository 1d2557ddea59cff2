//! When a call may send and wait, and how often.

use std::time::Duration;

use advance_core::Now;
use advance_core::session::{Event, Purpose, WaitReason};

use super::facts::{Facts, passed};
use super::seen::Seen;

/// Sends beyond the attempts: for young tokens, and where nodes differ.
const REFUSALS: u32 = 24;

/// Token requests beyond the attempts: a clock repair, a token that was dead on arrival, and a replacement.
const SECOND_CHANCES: u32 = 3;

/// Renewals beyond one for each request of its own: the first was refused for a clock or for keys that were mended.
const MENDED: u32 = 1;

/// No attempt and no wait outlasts the call, and no attempt its own limit.
pub(super) fn keeps_to_its_time(facts: &Facts, now: Now, seen: &Seen<'_>) -> Result<(), String> {
    let (id, long, attempt) = match seen {
        Seen::Event(Event::AttemptBegun { call, within, .. }) => (call.get(), *within, true),
        Seen::Event(Event::Waiting {
            call, at_most, why, ..
        }) if *why != WaitReason::Poll => (call.get(), *at_most, false),
        _ => return Ok(()),
    };
    let Some(call) = facts.call(id) else { return Ok(()) };
    let end = call.deadline();
    let fits = now.mono.saturating_add(long) <= end && !(attempt && long.is_zero());
    if fits && (!attempt || long <= call.terms.attempt) {
        return Ok(());
    }
    Err(format!(
        "call {id} goes on for {long:?} at {:?}, and its time ends at {end:?}",
        now.mono
    ))
}

/// What a call sends is bounded.
pub(super) fn sends_a_bounded_number(facts: &Facts, _: Now, seen: &Seen<'_>) -> Result<(), String> {
    let Seen::Event(Event::AttemptBegun { call, purpose, .. }) = seen else {
        return Ok(());
    };
    let Some(call) = facts.call(call.get()) else {
        return Ok(());
    };
    let asks = call.asks - call.renewals;
    let (count, most) = match purpose {
        Purpose::Call | Purpose::Download => (call.own + 1, call.terms.attempts + REFUSALS),
        Purpose::Renewal => (call.renewals + 1, call.own + 1 + MENDED),
        _ => (asks + 1, call.terms.attempts + SECOND_CHANCES + call.issued),
    };
    if count <= most {
        return Ok(());
    }
    Err(format!(
        "call {} sends for {purpose:?} for the {count}th time, and may {most} times",
        call.id
    ))
}

/// Nothing goes out again before the server will have it.
pub(super) fn comes_when_told(facts: &Facts, now: Now, seen: &Seen<'_>) -> Result<(), String> {
    let Seen::Event(Event::AttemptBegun { call, purpose, .. }) = seen else {
        return Ok(());
    };
    let Some(call) = facts.call(call.get()) else {
        return Ok(());
    };
    let early = match purpose {
        Purpose::Call | Purpose::Download => call.not_before.saturating_sub(now.mono),
        _ => facts.held_off.map_or(Duration::ZERO, |(since, long)| {
            long.saturating_sub(passed(since, now))
        }),
    };
    if early.is_zero() {
        return Ok(());
    }
    Err(format!(
        "call {} sends for {purpose:?} {early:?} before the server will have it",
        call.id
    ))
}

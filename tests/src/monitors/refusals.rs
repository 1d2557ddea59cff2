//! What follows when the vendor refuses a request for its token.

use std::time::Duration;

use advance_core::Now;
use advance_core::session::{Event, Purpose};

use super::facts::{CallFacts, Facts, TokenFacts, passed};
use super::seen::Seen;

/// How long a token may be unknown to some nodes.
const YOUTH: Duration = Duration::from_secs(12);

/// How far apart replacements are.
const APART: Duration = Duration::from_secs(5);

/// The call that begins to replace a token: not one that tries again to.
fn replaces<'a>(facts: &'a Facts, seen: &Seen<'_>) -> Option<&'a CallFacts> {
    let Seen::Event(Event::AttemptBegun {
        call,
        purpose: Purpose::Replacement,
        ..
    }) = seen
    else {
        return None;
    };
    let call = facts.call(call.get())?;
    let goes_on = facts.replacement.is_some_and(|(id, _)| id == call.id) && !call.replaced;
    (!goes_on).then_some(call)
}

/// The same, and the token that it found to be dead.
fn replaces_one<'a>(facts: &'a Facts, seen: &Seen<'_>) -> Option<(&'a CallFacts, usize, &'a TokenFacts)> {
    let call = replaces(facts, seen)?;
    let (place, token) = facts.in_use()?;
    Some((call, place, token))
}

/// A call replaces a token once, after two refusals, the first by the one in use.
pub(super) fn lead_to_one_replacement(facts: &Facts, _: Now, seen: &Seen<'_>) -> Result<(), String> {
    let Some(call) = replaces(facts, seen) else {
        return Ok(());
    };
    let first = call.refusals.iter().position(|refused| refused.current);
    let heard = first.map_or(0, |first| call.refusals.len() - first);
    if heard >= 2 && !call.replaced {
        return Ok(());
    }
    let again = if call.replaced { " again" } else { "" };
    Err(format!(
        "call {} replaces the token{again}, {heard} refusals after the first by the one in use",
        call.id
    ))
}

/// Replacements keep their distance.
pub(super) fn are_answered_in_their_time(facts: &Facts, now: Now, seen: &Seen<'_>) -> Result<(), String> {
    let (Some(call), Some((_, last))) = (replaces(facts, seen), facts.replacement) else {
        return Ok(());
    };
    let apart = now.mono.saturating_sub(last);
    if apart >= APART {
        return Ok(());
    }
    Err(format!(
        "call {} replaces the token {apart:?} after the last time",
        call.id
    ))
}

/// A token that follows a good one is not replaced while it is young.
pub(super) fn of_the_young_are_waited_out(facts: &Facts, now: Now, seen: &Seen<'_>) -> Result<(), String> {
    let Some((call, _, token)) = replaces_one(facts, seen) else {
        return Ok(());
    };
    let age = passed(token.came, now);
    if token.proven_at.is_some() || !token.follows_a_good_one || age >= YOUTH {
        return Ok(());
    }
    Err(format!("call {} replaces a token {age:?} after it came", call.id))
}

/// Refusals count if their requests went out when the token was known to be good, and if nothing was accepted since.
pub(super) fn are_weighed_against_others(facts: &Facts, _: Now, seen: &Seen<'_>) -> Result<(), String> {
    let Some((call, number, token)) = replaces_one(facts, seen) else {
        return Ok(());
    };
    let Some(proven) = token.proven_at else {
        return Ok(());
    };
    let mut counted = call
        .refusals
        .iter()
        .filter(|refused| refused.token == Some(number) && refused.sent > proven && refused.heard > proven);
    let Some(first) = counted.next() else {
        return Err(format!(
            "call {} was refused only by requests from before the token was accepted",
            call.id
        ));
    };
    if token.accepted > first.heard {
        return Err(format!(
            "call {} replaces a token that was accepted since its first refusal",
            call.id
        ));
    }
    Ok(())
}

//! The stock of retries that each endpoint has.

use advance_core::Now;
use advance_core::session::{Event, Purpose};

use super::facts::Facts;
use super::seen::Seen;

/// There are no more retries than the stock has; one that succeeds gives back what it took.
pub(super) fn stay_within_their_stock(facts: &Facts, _: Now, seen: &Seen<'_>) -> Result<(), String> {
    let Seen::Event(Event::Waiting { call, why, .. }) = seen else {
        return Ok(());
    };
    let Some(call) = facts.call(call.get()) else {
        return Ok(());
    };
    let Some(path) = call.taken_from(*why) else {
        return Ok(());
    };
    let full = u64::from(call.terms.budget) * 10;
    let left = facts.stock(path).map_or(full, |stock| stock.most);
    if left >= 10 {
        return Ok(());
    }
    Err(format!(
        "call {} tries {path} again with {left} tenths of a retry in stock",
        call.id
    ))
}

/// A call whose failure may pass is sent again while it has attempts, time and retries.
pub(super) fn are_made_while_there_are_some(facts: &Facts, now: Now, seen: &Seen<'_>) -> Result<(), String> {
    let Seen::Event(Event::CallEnded {
        call,
        error: Some(error),
        ..
    }) = seen
    else {
        return Ok(());
    };
    let Some(call) = facts.call(call.get()).filter(|call| call.just_ended) else {
        return Ok(());
    };
    let Some(last) = &call.last else { return Ok(()) };
    let plain = matches!(last.purpose, Purpose::Call | Purpose::Token | Purpose::Download);
    if !plain || last.unclear || !last.may_be_sent_again(&call.terms) || call.failures >= call.terms.attempts
    {
        return Ok(());
    }
    let wait = call
        .terms
        .longest_backoff
        .saturating_add(last.wait.unwrap_or_default());
    let in_time = now.mono.saturating_add(wait) < call.deadline();
    let full = u64::from(call.terms.budget) * 10;
    let stock = facts.stock(last.path).map_or(full, |stock| stock.least);
    if !in_time || stock < 10 {
        return Ok(());
    }
    Err(format!(
        "call {} gives up after {error:?} with attempts, time and retries left",
        call.id
    ))
}

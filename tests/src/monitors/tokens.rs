//! The token in use.

use std::time::Duration;

use advance_core::Now;
use advance_core::session::{Event, Purpose, WaitReason};

use super::facts::Facts;
use super::seen::Seen;

/// A request carries a token that was issued and has not ended.
pub(super) fn are_alive(facts: &Facts, now: Now, seen: &Seen<'_>) -> Result<(), String> {
    let Seen::Sent(id, request, _) = seen else {
        return Ok(());
    };
    let Some(text) = request
        .headers()
        .get("x-access-token")
        .and_then(|token| token.to_str().ok())
    else {
        return Ok(());
    };
    let Some(token) = facts.token_named(text).and_then(|token| facts.tokens.get(token)) else {
        let all_are_known = facts.tokens.iter().all(|token| token.text.is_some());
        if facts.adopted || !all_are_known {
            return Ok(());
        }
        return Err(format!("call {id} sends a token that was never issued"));
    };
    // A call goes on with what it has just brought, however short its life.
    let brought = token.by == *id && token.came.mono == now.mono;
    if now.mono < token.end() || brought || facts.adopted {
        return Ok(());
    }
    Err(format!(
        "call {id} sends a token {:?} after its end",
        now.mono.saturating_sub(token.end())
    ))
}

/// A refusal takes the token from no call: a call that was not refused goes on with it while it lives.
pub(super) fn stay_in_use(facts: &Facts, now: Now, seen: &Seen<'_>) -> Result<(), String> {
    let id = match seen {
        Seen::Event(
            Event::Waiting {
                call,
                why: WaitReason::Token | WaitReason::HeldOff,
                ..
            }
            | Event::AttemptBegun {
                call,
                purpose: Purpose::Token,
                ..
            },
        ) => call.get(),
        _ => return Ok(()),
    };
    let (Some(call), Some((_, token))) = (facts.call(id), facts.in_use()) else {
        return Ok(());
    };
    // What was refused before it was ever accepted may have given way to the one before it.
    let is_good = token.refusals == 0 || token.proven_at.is_some();
    let margin = Duration::from_millis(1);
    if !call.refusals.is_empty() || !is_good || now.mono.saturating_add(margin) >= token.end() {
        return Ok(());
    }
    Err(format!(
        "call {id} has no token, and one lives until {:?}",
        token.end()
    ))
}

/// A renewal that fails fails no call, and leaves it half of its time.
pub(super) fn need_no_renewal_to_serve(facts: &Facts, now: Now, seen: &Seen<'_>) -> Result<(), String> {
    match seen {
        Seen::Event(Event::AttemptBegun {
            call,
            purpose: Purpose::Renewal,
            within,
            ..
        }) => {
            let left = facts
                .call(call.get())
                .map_or(Duration::MAX, |call| call.deadline().saturating_sub(now.mono));
            if *within <= left / 2 {
                return Ok(());
            }
            Err(format!(
                "call {} renews for {within:?} of the {left:?} it has",
                call.get()
            ))
        }
        Seen::Event(Event::CallEnded {
            call,
            error: Some(error),
            ..
        }) => {
            let Some(call) = facts.call(call.get()).filter(|call| call.just_ended) else {
                return Ok(());
            };
            let renewed = call
                .last
                .as_ref()
                .is_some_and(|last| last.purpose == Purpose::Renewal);
            let alive = facts.in_use().is_some_and(|(_, token)| now.mono < token.end());
            if renewed && alive && now.mono < call.deadline() {
                return Err(format!("call {} ends by a failed renewal: {error:?}", call.id));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

//! What requests cost.

use advance_core::session::{Event, Purpose};
use advance_core::wire::Code;
use advance_core::{Charge, Now};

use super::facts::Facts;
use super::seen::Seen;

/// What an attempt, a call and a session say they cost is what the replies said.
pub(super) fn are_what_replies_said(facts: &Facts, _: Now, seen: &Seen<'_>) -> Result<(), String> {
    match seen {
        Seen::Event(Event::AttemptEnded { call, charge, .. }) => {
            let pays = facts
                .call(call.get())
                .and_then(|call| call.open.as_ref())
                .is_some_and(|open| open.heard.pays);
            if (*charge == Charge::Pay && !pays) || (*charge == Charge::Free && pays) {
                return Err(format!(
                    "call {} books {charge:?}; the reply says PAY: {pays}",
                    call.get()
                ));
            }
            Ok(())
        }
        Seen::Event(Event::CallEnded { call, charges, .. }) => match facts.call(call.get()) {
            Some(known) if known.charges != *charges => {
                let counted = known.charges;
                Err(format!(
                    "call {} says {charges:?}, and its requests cost {counted:?}",
                    call.get()
                ))
            }
            _ => Ok(()),
        },
        Seen::Over(charges) if *charges != facts.charges => {
            let counted = facts.charges;
            Err(format!(
                "the session says {charges:?}, and its requests cost {counted:?}"
            ))
        }
        _ => Ok(()),
    }
}

/// What was charged is not sent again, and what may have been only by the caller's word.
pub(super) fn are_not_doubled(facts: &Facts, _: Now, seen: &Seen<'_>) -> Result<(), String> {
    let Seen::Event(Event::AttemptBegun {
        call,
        purpose: Purpose::Call,
        path,
        ..
    }) = seen
    else {
        return Ok(());
    };
    let Some(call) = facts.call(call.get()) else {
        return Ok(());
    };
    let Some(last) = call.last.as_ref().filter(|last| !last.asks_for_a_token()) else {
        return Ok(());
    };
    let turned_away = matches!(last.status, Some(401 | 429 | 503));
    let documented_free = last.code.as_ref().is_some_and(Code::is_documented_free);
    let risky = path.ends_with("/get-result") && !turned_away && !documented_free;
    let allowed = match last.charge {
        Charge::Free => true,
        Charge::Unknown => !risky || call.terms.maybe_charged,
        Charge::Pay => false,
    };
    if allowed {
        return Ok(());
    }
    Err(format!(
        "call {} sends again what was charged, or may have been: {last:?}",
        call.id
    ))
}

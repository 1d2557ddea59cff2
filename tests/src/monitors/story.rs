//! What the events tell of a call is one story.

use advance_core::Now;
use advance_core::session::{Event, WaitReason};

use super::facts::Facts;
use super::seen::Seen;

/// It begins, its attempts begin and end in turn, and it ends once.
pub(super) fn is_one_story(facts: &Facts, _: Now, seen: &Seen<'_>) -> Result<(), String> {
    if let Seen::Sent(id, ..) = seen {
        return goes_out_once(facts, *id);
    }
    let Seen::Event(event) = seen else { return Ok(()) };
    let (id, told) = match event {
        Event::CallBegun { call, .. } if facts.call(call.get()).is_some() => {
            return Err(format!("call {} begins twice", call.get()));
        }
        Event::AttemptBegun { call, number, .. } => (call.get(), Some((*number, None))),
        Event::AttemptEnded {
            call,
            number,
            purpose,
            ..
        } => (call.get(), Some((*number, Some(*purpose)))),
        Event::CallEnded { call, sends, .. } => {
            let counted = facts.call(call.get()).map(|call| call.begun);
            if counted != Some(*sends) {
                return Err(format!(
                    "call {} sent {counted:?} requests and says {sends}",
                    call.get()
                ));
            }
            (call.get(), None)
        }
        Event::Waiting { call, why, .. } if *why != WaitReason::Poll => (call.get(), None),
        _ => return Ok(()),
    };
    let Some(call) = facts.call(id).filter(|call| !call.over) else {
        return Err(format!(
            "call {id} is told of before its beginning or after its end: {event:?}"
        ));
    };
    let open = call.open.as_ref();
    let fits = match told {
        None => open.is_none(),
        Some((number, None)) => open.is_none() && number == call.begun + 1,
        Some((number, Some(purpose))) => {
            open.is_some_and(|open| open.number == number && open.purpose == purpose)
        }
    };
    if fits {
        return Ok(());
    }
    Err(format!(
        "call {id} has {} requests behind it, and then {event:?}",
        call.begun
    ))
}

/// A request goes out within an attempt that was told of, and once.
fn goes_out_once(facts: &Facts, id: u64) -> Result<(), String> {
    let open = facts.call(id).and_then(|call| call.open.as_ref());
    match open {
        Some(open) if !open.went_out => Ok(()),
        Some(open) => Err(format!(
            "call {id} sends its request number {} twice",
            open.number
        )),
        None => Err(format!("call {id} sends a request that nobody was told of")),
    }
}

/// At the end no call is under way.
pub(super) fn comes_to_its_end(facts: &Facts, _: Now, seen: &Seen<'_>) -> Result<(), String> {
    let left = facts.calls.iter().find(|call| !call.over);
    match (seen, left) {
        (Seen::Over(_), Some(call)) => Err(format!("call {} never ended", call.id)),
        _ => Ok(()),
    }
}

/// An answer to what a call asked ends it with success.
pub(super) fn keeps_answers(facts: &Facts, _: Now, seen: &Seen<'_>) -> Result<(), String> {
    let Seen::Event(event) = seen else { return Ok(()) };
    let Some(call) = super::facts::call_of(event).and_then(|call| facts.call(call)) else {
        return Ok(());
    };
    let answered = call
        .last
        .as_ref()
        .is_some_and(|last| call.just_ended && last.error.is_none() && !last.asks_for_a_token());
    if !answered || matches!(event, Event::CallEnded { error: None, .. }) {
        return Ok(());
    }
    Err(format!("call {} was answered, and then {event:?}", call.id))
}

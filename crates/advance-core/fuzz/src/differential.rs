//! This crate against the oracle: both read a body, or neither does, and they read the same.
//!
//! Where they may differ, and why:
//!
//! - **A member that is not read is not judged.** The oracle builds a `Value` of the whole body, so nesting past 128 levels,
//!   a number past a float's range and half a surrogate pair make it give up, even in an unknown member, in `extra`
//!   or in the `data` of a failure. The crate skips those by their syntax.
//! - **`expiredTime` is read from its text**, the oracle's from a float where it is written as one. So the crate
//!   refuses `1642580192430.0000000001`, which is a whole number as a float, and is exact past 2^53.
//! - **Whether a link is a web address** is left to the crate; the oracle only sees that it is text.

use advance_core::Endpoint;
use advance_core::wire::parse;
use serde_json::Value;

use crate::envelope::{ask_result, ask_token, ask_url};
use crate::oracle::{Ask, Judged, judge};

pub fn differential(input: &[u8]) {
    let Some((choice, body)) = input.split_first() else {
        return;
    };
    match choice % 3 {
        0 => compare(Ask::Token, &ask_token(), body),
        1 => compare(Ask::Url, &ask_url(), body),
        _ => compare(Ask::Result, &ask_result(), body),
    }
}

fn compare<E>(ask: Ask, endpoint: &E, body: &[u8])
where
    E: Endpoint,
    E::Output: serde::Serialize,
{
    let ours = parse(endpoint, body);
    match (ours, judge(ask, body)) {
        (Err(_), Judged::Refused | Judged::Unreadable(_)) => {}
        (Ok(_), Judged::Refused) => panic!("the oracle refuses what was read"),
        (Ok(_), Judged::Unreadable(reason)) => assert!(unread(&reason), "not JSON, yet read: {reason}"),
        (Err(error), Judged::Reply(theirs)) => {
            let at = error.error.path();
            let excused =
                at == "data.url" || (at == "data.expiredTime" && !is_plain(&theirs["data"]["expiredTime"]));
            assert!(excused, "refused at {at:?} what the oracle reads: {error}");
        }
        (Ok(ours), Judged::Reply(theirs)) => {
            same(
                serde_json::to_value(&ours).expect("reply types serialise"),
                theirs,
            );
        }
    }
}

/// What `serde_json` refuses in a `Value` and skips in what is not read.
fn unread(reason: &str) -> bool {
    [
        "recursion limit",
        "number out of range",
        "surrogate",
        "unexpected end of hex escape",
    ]
    .iter()
    .any(|known| reason.contains(known))
}

/// A number that cannot be taken for another.
fn is_plain(value: &Value) -> bool {
    value.is_u64()
}

fn same(mut ours: Value, mut theirs: Value) {
    let times = (
        ours["data"]["expiredTime"].take(),
        theirs["data"]["expiredTime"].take(),
    );
    match times {
        (ours, theirs) if ours == theirs => {}
        (ours, Value::Number(float)) if !float.is_u64() => {
            let exact = ours.as_u64().expect("a time");
            let float = float.as_f64().expect("a float");
            // `serde_json` reads floats to within a few of their last digits.
            #[expect(clippy::cast_precision_loss, reason = "the nearest float is what is compared")]
            let nearest = exact as f64;
            assert!((nearest - float).abs() <= nearest * 1e-15, "{exact} and {float}");
        }
        (ours, theirs) => panic!("another time: {ours} and {theirs}"),
    }
    assert!(ours == theirs, "read differently:\n{ours}\n{theirs}");
}

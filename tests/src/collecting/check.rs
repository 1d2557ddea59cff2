//! What must hold, written from what the owner of the money and the person who waits must see.

use std::collections::BTreeMap;
use std::fmt;

use advance_collector::{Ending, Event, PictureState, Record, State};

use super::vendor::Shop;

/// An invariant that did not hold, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Its name.
    pub name: &'static str,
    /// What was found.
    pub found: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.found)
    }
}

pub(super) fn broken<T>(name: &'static str, found: impl fmt::Debug) -> Result<T, Violation> {
    Err(Violation {
        name,
        found: format!("{found:?}"),
    })
}

/// How the shop was asked for one verification's result.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked {
    /// Answers with a result that were charged, to attempts on the result.
    pub(super) results: u64,
}

/// At every moment.
pub(super) fn money(
    record: &Record,
    shop: &Shop,
    asked: Asked,
    doubts_allowed: u32,
) -> Result<(), Violation> {
    let charged = shop.charged(record.signature_id.as_str());
    let pictures = record
        .pictures
        .iter()
        .filter(|picture| picture.state == PictureState::Asking);
    let under_way = u64::from(record.state == State::Asking) + pictures.count() as u64;
    let ours = record.charges;
    if charged.pay > ours.pay + ours.unknown + under_way {
        return broken("uncounted-charge", (charged, record));
    }
    if ours.pay > charged.pay {
        return broken("counted-twice", (charged, record));
    }
    let excused = u64::from(record.doubts.min(doubts_allowed));
    if asked.results > 1 + excused {
        return broken("charged-twice", (asked, record));
    }
    Ok(())
}

/// At the end.
pub(super) fn end(record: &Record, told: &BTreeMap<String, Event>) -> Result<(), Violation> {
    let Some(conclusion) = record.conclusion.clone().filter(|_| record.state.is_ended()) else {
        return broken("no-outcome", record);
    };
    let mine: Vec<_> = told
        .values()
        .filter(|event| event.signature_id == record.signature_id)
        .collect();
    let latest = mine.iter().max_by_key(|event| event.revision);
    if latest.is_none_or(|event| event.revision != record.revision || event.conclusion != conclusion) {
        return broken("outcome-untold", (record, mine));
    }
    let outcomes = mine
        .iter()
        .filter(|event| event.conclusion.ending != Ending::Unsure);
    if outcomes.count() > 1 {
        return broken("two-outcomes", (record, mine));
    }
    for picture in &record.pictures {
        if !matches!(picture.state, PictureState::Kept | PictureState::Lost) {
            return broken("picture-forgotten", record);
        }
    }
    Ok(())
}

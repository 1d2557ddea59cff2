//! What was read off a card.

use advance_core::Verification;

use crate::out::Out;
use crate::style::{BOLD, styled};
use crate::text::Rows;

const NOT_READ: &str = "(not read)";

/// The eighteen fields, as printed on the card, or only how many of them were read.
pub(crate) fn fields(verification: &Verification, reveal: bool, out: &Out) -> String {
    let Some(card) = verification.ocr_result() else {
        return String::new();
    };
    let heading = styled(BOLD, "Read off the card");
    if !reveal {
        let (read, _) = names(verification);
        let said = format!("{heading}: {} of 18 fields; --reveal shows them", read.len());
        return format!("\n{}\n", out.sentence(&said, 2));
    }
    let mut rows = Rows::default();
    for (name, field) in card.fields() {
        rows.add([name, field.text().unwrap_or(NOT_READ)]);
    }
    format!("\n{heading}\n{}", out.lines(&rows, 2))
}

/// The names of the fields that were read, and of those that were not.
pub(crate) fn names(verification: &Verification) -> (Vec<&'static str>, Vec<&'static str>) {
    let Some(card) = verification.ocr_result() else {
        return (Vec::new(), Vec::new());
    };
    let (read, not_read): (Vec<_>, Vec<_>) = card
        .fields()
        .into_iter()
        .partition(|(_, field)| field.text().is_some());
    let names = |fields: Vec<(&'static str, _)>| fields.into_iter().map(|(name, _)| name).collect();
    (names(read), names(not_read))
}

/// What the card says twice, and whether it says the same.
pub(crate) fn consistency(verification: &Verification, out: &Out) -> String {
    let Some(card) = verification.ocr_result() else {
        return String::new();
    };
    let mut rows = Rows::default();
    for check in card.consistency().checks() {
        rows.add([&check.to_string()]);
    }
    let heading = styled(BOLD, "The fields against each other");
    let heading = out.sentence(&format!("{heading} (consistency is no proof of authenticity)"), 0);
    format!("\n{heading}\n{}", out.lines(&rows, 2))
}

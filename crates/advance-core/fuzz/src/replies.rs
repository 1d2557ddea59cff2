//! Any bytes as the data of a success, and all that a program then does with it.

use advance_core::domain::{CalendarDate, DocumentedPolicy, Printed, VerdictPolicy};
use advance_core::{Outcome, UnixMillis, Verification};

use crate::envelope::{ask_result, ask_token, ask_url, data, showable};

/// A token that is read can be sent.
pub fn generate_token(input: &[u8]) {
    if let Some(issued) = data(&ask_token(), input) {
        let token = issued.token.expose();
        assert!(!token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic()));
        assert!(token.len() < 8 || !format!("{issued:?}").contains(token));
    }
}

/// A link that is read is a web address, and its query is not shown.
pub fn generate_url(input: &[u8]) {
    if let Some(link) = data(&ask_url(), input) {
        let url = link.expose_url();
        let lower = url.to_ascii_lowercase();
        assert!(lower.starts_with("https://") || lower.starts_with("http://"));
        assert!(!url.contains(|c: char| c.is_control() || c == ' '));
        assert!(lower.starts_with(link.origin().split_at(4).0));
        let secret = url.split_once('?').map_or("", |(_, query)| query);
        assert!(secret.len() < 24 || !format!("{link:?}").contains(secret));
        let _total = link.remaining(UnixMillis::new(0)) + link.remaining(UnixMillis::new(u64::MAX));
    }
}

/// A result that is read has a verdict, and nothing of the card is shown.
pub fn get_result(input: &[u8]) {
    if let Some(result) = data(&ask_result(), input) {
        judged(&result);
        links(&result);
        card(&result);
    }
}

fn judged(result: &Verification) {
    let verdict = result.verdict();
    assert_eq!(verdict.outcome == Outcome::Passed, verdict.reasons.is_empty());
    assert_eq!(
        DocumentedPolicy.outcome(result, &verdict.reasons),
        verdict.outcome
    );
    for reason in &verdict.reasons {
        showable(&format!("{reason} {reason:?}"));
    }
}

fn links(result: &Verification) {
    for link in [result.image(), result.cropped_image()].into_iter().flatten() {
        let received = UnixMillis::new(1_700_000_000_000);
        let _left = link.remaining(received, received);
        assert_eq!(link.host().is_some(), link.origin().is_some());
        assert!(!link.is_https() || link.host().is_some());
        showable(&format!("{link:?}"));
    }
}

fn card(result: &Verification) {
    let Some(card) = result.ocr_result() else {
        return;
    };
    let today = CalendarDate::new(2026, 11, 22).unwrap();
    let nik = card.nik();
    let shown = format!(
        "{card:?} {nik:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        nik.as_ref().value().and_then(|nik| nik.birth_date(today)),
        card.birth(),
        card.date_of_birth(),
        card.sex(),
        card.neighbourhood(),
        card.expiry(),
    );
    let consistency = card.consistency();
    let said: Vec<_> = consistency.checks().iter().map(ToString::to_string).collect();
    for text in card
        .fields()
        .iter()
        .filter_map(|(_, printed)| Printed::text(printed))
    {
        // Shorter texts, and words, may stand in the names of fields by chance.
        if text.len() >= 12 && text.contains(|c: char| c.is_ascii_digit()) {
            assert!(!shown.contains(text) && !said.iter().any(|line| line.contains(text)));
        }
    }
}
